//! A transfer over TCP: the same rows, and each small COPY in one message.

use std::sync::{Arc, Mutex};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use whimbrel_transfer::source::Limit;
use whimbrel_transfer::{Outcome, Verify};

use crate::support::{self, contents, database, good, transfer, transfer_to};

/// What each client has sent.
type Sent = Arc<Mutex<Vec<Vec<u8>>>>;

/// A TCP port that forwards to the scratch server, which listens on a Unix socket alone.
async fn forwarded(url: &str) -> (PgConnectOptions, Sent) {
    let target: PgConnectOptions = url.parse().unwrap();
    let folder = target.get_socket().map_or_else(|| target.get_host().into(), Clone::clone);
    let socket = folder.join(format!(".s.PGSQL.{}", target.get_port()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(listener.local_addr().unwrap().port())
        .username("postgres")
        .database(target.get_database().unwrap());
    let sent = Sent::default();
    let all = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, UnixStream::connect(&socket).await.unwrap(), Arc::clone(&all)));
        }
    });
    (options, sent)
}

async fn forward(mut client: TcpStream, server: UnixStream, all: Sent) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let (mut sent, mut piece) = (Vec::new(), vec![0; 1 << 16]);
        while let Ok(length @ 1..) = from_client.read(&mut piece).await {
            sent.extend_from_slice(&piece[..length]);
            to_server.write_all(&piece[..length]).await.unwrap();
        }
        all.lock().unwrap().push(sent);
        // Dropped, it tells the server that nothing more comes.
        drop(to_server);
    };
    tokio::join!(up, tokio::io::copy(&mut from_server, &mut to_client)).1.ok();
}

/// The types of the messages that a client has sent after it was let in.
fn messages(mut sent: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    let length = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    // A request for TLS, which has 8 bytes, and the startup message have no type.
    while sent.first() == Some(&0) {
        sent = &sent[length(sent)..];
    }
    while let Some((kind, rest)) = sent.split_first() {
        types.push(*kind);
        sent = &rest[length(rest)..];
    }
    types
}

#[tokio::test(flavor = "multi_thread")]
async fn small_batches_are_one_message_each() {
    let Some(scratch) = support::scratch() else { return };
    let (one, other) = (database(scratch).await, database(scratch).await);
    let batch = Limit { documents: 20, ..Limit::default() };
    let source = Arc::new(good(300));
    let (target, sent) = forwarded(&one).await;
    let report = transfer_to(source.clone(), target.clone()).batch(batch).jobs(2).run().await.unwrap();
    assert_eq!((report.outcome, report.jobs), (Outcome::Complete, 2));
    assert!(Verify::new(source.clone(), target).run().await.unwrap().ok);
    transfer(source, &other).batch(batch).run().await.unwrap();
    assert_eq!(contents(&one).await, contents(&other).await);
    let types: Vec<u8> = sent.lock().unwrap().iter().flat_map(|sent| messages(sent)).collect();
    let count = |kind: u8| types.iter().filter(|found| **found == kind).count();
    // CopyData and CopyDone (PostgreSQL documentation, "Message Formats").
    assert!(count(b'c') >= 16, "{}", count(b'c'));
    assert_eq!(count(b'd'), count(b'c'));
}
