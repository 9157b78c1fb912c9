//! Creates databases on a scratch server.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::ScratchError;

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
