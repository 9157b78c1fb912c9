//! One transfer at a time, no migration meanwhile, and no connection of a killed one still at work.
//!
//! The transfer's first connection holds the migrator's lock for its whole life; every other connection holds a
//! lock of the workers in shared mode. A new transfer takes the first lock and then, for a moment, the second one
//! exclusively: so it knows that no connection of a killed transfer can still commit something. The server drops
//! both when a connection ends, however it ends.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgConnection, Row};

use whimbrel::__private::lock;

use crate::error::{Doing, TransferError};
use crate::progress::Progress;
use tokio_util::sync::CancellationToken;

/// SQL of the workers' key: `wbWorker` in ASCII.
const WORKER: &str = "8602534374403695986";

const PAUSE: Duration = Duration::from_millis(100);

/// Makes this connection the only transfer of its database. A killed transfer's connections may need a moment to
/// be noticed by the server, so it tries for a while. If it had to wait: since when, by the server's clock.
pub async fn acquire(
    connection: &mut PgConnection,
    wait: Duration,
    stop: &CancellationToken,
    progress: &dyn Progress,
) -> Result<Option<String>, TransferError> {
    let started = Instant::now();
    let mut since = None;
    for key in [lock::KEY, WORKER] {
        let mut named = None;
        while !try_lock(connection, key).await? {
            let holder = lock::holder(connection, key).await.doing(|| "asking who holds the lock")?;
            let waited = started.elapsed();
            if waited >= wait || stop.is_cancelled() {
                return Err(TransferError::Locked { waited, holder });
            }
            if named != Some(holder.clone()) {
                progress.note(&match &holder {
                    Some(holder) => format!("waiting up to {} s for {holder}", wait.as_secs()),
                    None => "waiting for another transfer or migration".to_owned(),
                });
                named = Some(holder);
            }
            if since.is_none() {
                let now =
                    sqlx::query_scalar("SELECT clock_timestamp()::text").fetch_one(&mut *connection).await;
                since = Some(now.doing(|| LOCKING)?);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    call(connection, "pg_advisory_unlock", WORKER).await?;
    Ok(since)
}

pub async fn join(connection: &mut PgConnection) -> Result<(), TransferError> {
    call(connection, "pg_advisory_lock_shared", WORKER).await.map(drop)
}

async fn try_lock(connection: &mut PgConnection, key: &str) -> Result<bool, TransferError> {
    call(connection, "pg_try_advisory_lock", key).await?.try_get(0).doing(|| LOCKING)
}

const LOCKING: &str = "locking the database for the transfer";

async fn call(
    connection: &mut PgConnection,
    function: &str,
    key: &str,
) -> Result<sqlx::postgres::PgRow, TransferError> {
    let statement = format!("SELECT pg_catalog.{function}({key})");
    sqlx::query(AssertSqlSafe(statement)).fetch_one(connection).await.doing(|| LOCKING)
}
