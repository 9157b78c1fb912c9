//! Connections to the target.
//!
//! sqlx does not set TCP_NODELAY. A COPY is several writes before the server answers, so the kernel holds the last one
//! until the server has acknowledged the others, and the server delays that for 40 ms: with small batches almost all
//! of the time. Where there are Unix sockets, sqlx therefore talks to one in a folder that only this user can enter,
//! and a task forwards its bytes to a TCP connection of ours. TLS and authentication stay sqlx's.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

/// How long a server may take to let a client in.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Closes a connection on which everything is committed: one that ends badly takes nothing along.
pub(crate) async fn close(connection: PgConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing a connection");
    }
}

/// Opens a connection on which small messages are sent at once.
pub(crate) async fn open(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let opened = tokio::time::timeout(TIMEOUT, open_in_time(options)).await;
    opened.unwrap_or_else(|_| {
        let text = format!("the server accepts connections and did not answer for {} s", TIMEOUT.as_secs());
        Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, text)))
    })
}

async fn open_in_time(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    #[cfg(unix)]
    if options.get_socket().is_none()
        && !options.get_host().starts_with('/')
        && let Some((folder, listener)) = socket(options.get_port())
    {
        return relayed(options, &folder, listener).await;
    }
    options.connect().await
}

/// A socket in a folder of its own. Where none can be made (no folder for temporary files, or one whose name is too
/// long), small messages are slower, and that is all.
#[cfg(unix)]
fn socket(port: u16) -> Option<(tempfile::TempDir, tokio::net::UnixListener)> {
    let folder = tempfile::Builder::new().prefix("whimbrel-").tempdir().ok()?;
    let listener = tokio::net::UnixListener::bind(folder.path().join(format!(".s.PGSQL.{port}"))).ok()?;
    Some((folder, listener))
}

#[cfg(unix)]
async fn relayed(
    options: &PgConnectOptions,
    folder: &tempfile::TempDir,
    listener: tokio::net::UnixListener,
) -> sqlx::Result<PgConnection> {
    /// The bytes that are read at once, from the client and from the server.
    const BUFFERS: (usize, usize) = (256 << 10, 64 << 10);

    let mut server = tokio::net::TcpStream::connect((options.get_host(), options.get_port())).await?;
    server.set_nodelay(true)?;
    let mut relay = tokio::task::JoinSet::new();
    relay.spawn(async move {
        // An error on either side closes both, which the other one notices.
        if let Ok((mut client, _)) = listener.accept().await {
            let (up, down) = BUFFERS;
            tokio::io::copy_bidirectional_with_sizes(&mut client, &mut server, up, down).await.ok();
        }
    });
    let connection = options.clone().socket(folder.path()).connect().await?;
    relay.detach_all();
    Ok(connection)
}
