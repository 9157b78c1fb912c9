//! One transfer at a time, no migration meanwhile, and no connection of a killed one still at work.
//!
//! The transfer's first connection holds the migrator's lock for its whole life; every other connection holds a
//! lock of the workers in shared mode. A new transfer takes the first lock and then, for a moment, the second one
//! exclusively: so it knows that no connection of a killed transfer can still commit something. The server drops
//! both when a connection ends, however it ends.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgConnection};

use crate::error::{Doing, TransferError};
use crate::progress::Progress;
use crate::stop::Stop;

/// SQL of the migrator's key.
const TRANSFER: &str = whimbrel::__private::lock::KEY;
/// SQL of the workers' key: `wbWorker` in ASCII.
const WORKER: &str = "8602534374403695986";

/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes this connection the only transfer of its database. A killed transfer's connections may need a moment to
/// be noticed by the server, so it tries for a while.
pub async fn acquire(
    connection: &mut PgConnection,
    wait: Duration,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(), TransferError> {
    let until = Instant::now() + wait;
    for key in [TRANSFER, WORKER] {
        let mut told = false;
        while !try_lock(connection, key).await? {
            if Instant::now() >= until || stop.is_requested() {
                return Err(TransferError::Locked { holder: holder(connection, key).await? });
            }
            if !told {
                progress.step("waiting for another transfer to end");
                told = true;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    unlock(connection, WORKER).await
}

/// Marks a further connection as belonging to the transfer.
pub async fn join(connection: &mut PgConnection) -> Result<(), TransferError> {
    sqlx::query(AssertSqlSafe(format!("SELECT pg_catalog.pg_advisory_lock_shared({WORKER})")))
        .execute(connection)
        .await
        .doing(|| "locking the database for the transfer")?;
    Ok(())
}

async fn try_lock(connection: &mut PgConnection, key: &str) -> Result<bool, TransferError> {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT pg_catalog.pg_try_advisory_lock({key})")))
        .fetch_one(connection)
        .await
        .doing(|| "locking the database for the transfer")
}

async fn unlock(connection: &mut PgConnection, key: &str) -> Result<(), TransferError> {
    sqlx::query(AssertSqlSafe(format!("SELECT pg_catalog.pg_advisory_unlock({key})")))
        .execute(connection)
        .await
        .doing(|| "unlocking the database")?;
    Ok(())
}

const HOLDER: &str = "\
SELECT 'process ' || l.pid || coalesce(', ' || nullif(a.application_name, ''), '') \
       || coalesce(' from ' || host(a.client_addr), '') || coalesce(', since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'), '') \
FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
AND (l.classid::bigint << 32) + l.objid::bigint = ";

async fn holder(connection: &mut PgConnection, key: &str) -> Result<Option<String>, TransferError> {
    sqlx::query_scalar(AssertSqlSafe(format!("{HOLDER}{key} ORDER BY l.pid LIMIT 1")))
        .fetch_optional(connection)
        .await
        .map(Option::flatten)
        .doing(|| "asking who holds the lock")
}
