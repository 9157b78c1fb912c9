//! A start-up with nothing to do costs one round trip.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use support::{database, migrator, pool};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// Passes a connection on and counts the messages after which a client waits for the server: Query (`Q`), Sync (`S`)
/// and Flush (`H`).
async fn pass_on(client: TcpStream, server: UnixStream, count: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut is_startup = true;
    loop {
        let mut kind = Vec::new();
        if !is_startup {
            kind.resize(1, 0);
            if from_client.read_exact(&mut kind).await.is_err() {
                return;
            }
        }
        let Ok(length) = from_client.read_i32().await else { return };
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        from_client.read_exact(&mut body).await.unwrap();
        if matches!(kind[..], [b'Q' | b'S' | b'H']) {
            count.fetch_add(1, Ordering::SeqCst);
        }
        let message = [&kind[..], &length.to_be_bytes(), &body].concat();
        to_server.write_all(&message).await.unwrap();
        is_startup = false;
    }
}

#[tokio::test]
async fn nothing_to_do_costs_one_round_trip() {
    let Some(url) = database("round_trips") else { return };
    let options: PgConnectOptions = url.parse().unwrap();
    let Some(socket) = options.get_socket().cloned() else {
        panic!("the scratch server should listen on a socket: {url}");
    };
    let socket = socket.join(format!(".s.PGSQL.{}", options.get_port()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let count = count.clone();
        async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(pass_on(client, server, count.clone()));
            }
        }
    });

    let statements: Vec<_> = (1..=30).map(|version| (version, "SELECT 1", "SELECT 1")).collect();
    let migrator = migrator(&statements);
    assert_eq!(migrator.run(&pool(&url, 1).await).await.unwrap().done.len(), 30);

    let through = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(options.get_username())
        .database(options.get_database().unwrap())
        .ssl_mode(PgSslMode::Disable);
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    let pool = pool.connect_with(through).await.unwrap();
    let before = count.load(Ordering::SeqCst);
    let mut held = pool.acquire().await.unwrap();
    sqlx::Connection::ping(&mut *held).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), before + 1, "the proxy counts");
    // A connection that comes back to the pool is pinged, in the background.
    drop(held);
    let pinged = async {
        while count.load(Ordering::SeqCst) < before + 2 || pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), pinged).await.unwrap();
    let before = count.load(Ordering::SeqCst);

    assert_eq!(migrator.run(&pool).await.unwrap().done, []);
    // The future is done: what the pool does in the background comes after this task yields.
    assert_eq!(count.load(Ordering::SeqCst), before + 1);
}
