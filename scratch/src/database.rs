//! Statements about whole databases of a scratch server.

use std::path::Path;
use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::ScratchError;

/// The superuser of every scratch cluster.
pub(crate) const SUPERUSER: &str = "postgres";
/// The port is part of the socket's name; nothing listens on TCP.
pub(crate) const PORT: &str = "5432";

/// The connection URL of a database on the socket in `folder`, in the spelling that libpq and sqlx both read.
pub(crate) fn url(folder: &Path, database: &str) -> String {
    format!("postgres://{SUPERUSER}@{}:{PORT}/{}", encode(&folder.to_string_lossy()), encode(database))
}

fn encode(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

/// Runs a statement. On a thread of its own, since the caller may or may not be asynchronous.
pub(crate) fn execute(url: &str, statement: &str) -> Result<(), ScratchError> {
    let worker = || -> Result<(), ScratchError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ScratchError::when("start an asynchronous runtime"))?;
        let ran = runtime.block_on(execute_async(url, statement));
        ran.map_err(ScratchError::when(format_args!("run {statement}")))
    };
    std::thread::scope(|scope| scope.spawn(worker).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A name in a statement that takes no parameters.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn execute_async(url: &str, statement: &str) -> Result<(), sqlx::Error> {
    // That it takes long on a busy machine is nothing to warn of.
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
    connection.close().await
}
