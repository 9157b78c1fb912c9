//! Creates databases on a scratch server.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::ScratchError;

/// The superuser of every scratch cluster.
pub(crate) const SUPERUSER: &str = "postgres";
/// The port is part of the socket's name; nothing listens on TCP.
pub(crate) const PORT: &str = "5432";

/// The connection URL of a database on the socket in `folder`, in the spelling that libpq and sqlx both read.
pub(crate) fn url(folder: &Path, database: &str) -> String {
    format!("postgres://{SUPERUSER}@{}:{PORT}/{}", encode(&folder.to_string_lossy()), encode(database))
}

/// Percent-encodes a part of a URL (RFC 3986).
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Creates an empty database. Runs on a thread of its own, since the caller may or may not be asynchronous.
pub(crate) fn create(url: &str, name: &str) -> Result<(), ScratchError> {
    let worker = || -> Result<(), ScratchError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ScratchError::io("start an asynchronous runtime"))?;
        runtime
            .block_on(create_async(url, name))
            .map_err(|error| ScratchError::Database { name: name.to_owned(), cause: error.to_string() })
    };
    std::thread::scope(|scope| scope.spawn(worker).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

async fn create_async(url: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    // CREATE DATABASE takes no parameters: the name is quoted here.
    let quoted = name.replace('"', "\"\"");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE \"{quoted}\""))).execute(&mut connection).await?;
    connection.close().await
}
