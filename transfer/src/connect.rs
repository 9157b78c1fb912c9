//! Connections to the target.
//!
//! sqlx does not set TCP_NODELAY. A COPY is several writes before the server answers, so the kernel holds the last one
//! until the server has acknowledged the others, and the server delays that for 40 ms: with small batches almost all
//! of the time. Where there are Unix sockets, sqlx therefore talks to one in a folder that only this user can enter,
//! and a task forwards its bytes to a TCP connection of ours. TLS and authentication stay sqlx's.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

/// Opens a connection on which small messages are sent at once.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub(crate) async fn open(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    #[cfg(unix)]
    if options.get_socket().is_none() && !options.get_host().starts_with('/') {
        return relayed(options).await;
    }
    options.connect().await
}

#[cfg(unix)]
async fn relayed(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    use tokio::net::{TcpStream, UnixListener};

    /// The bytes that are read at once, from the client and from the server.
    const BUFFERS: (usize, usize) = (256 << 10, 64 << 10);

    let mut server = TcpStream::connect((options.get_host(), options.get_port())).await?;
    server.set_nodelay(true)?;
    let folder = tempfile::Builder::new().prefix("whimbrel-").tempdir()?;
    let listener = UnixListener::bind(folder.path().join(format!(".s.PGSQL.{}", options.get_port())))?;
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
