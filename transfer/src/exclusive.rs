//! One transfer at a time, and no connection of a killed one still at work.
//!
//! The transfer's first connection holds an exclusive advisory lock for its whole life; every other connection
//! holds a second one in shared mode. A new transfer takes the first lock and then, for a moment, the second one
//! exclusively: so it knows that no connection of a killed transfer can still commit something. The server drops
//! both when a connection ends, however it ends.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::error::{Doing, TransferError};
use crate::progress::Progress;
use crate::stop::Stop;

/// `wbTrnsfr` in ASCII.
const TRANSFER: i64 = 0x7762_5472_6e73_6672;
/// `wbWorker` in ASCII.
const WORKER: i64 = 0x7762_576f_726b_6572;

/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes this connection the only transfer of its database. A killed transfer's connections may need a moment to
/// be noticed by the server, so it tries for a while.
pub async fn acquire(
    connection: &mut PgConnection,
    patience: Duration,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(), TransferError> {
    let until = Instant::now() + patience;
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
    sqlx::query("SELECT pg_catalog.pg_advisory_lock_shared($1)")
        .bind(WORKER)
        .execute(connection)
        .await
        .doing(|| "locking the database for the transfer")?;
    Ok(())
}

async fn try_lock(connection: &mut PgConnection, key: i64) -> Result<bool, TransferError> {
    sqlx::query_scalar("SELECT pg_catalog.pg_try_advisory_lock($1)")
        .bind(key)
        .fetch_one(connection)
        .await
        .doing(|| "locking the database for the transfer")
}

async fn unlock(connection: &mut PgConnection, key: i64) -> Result<(), TransferError> {
    sqlx::query("SELECT pg_catalog.pg_advisory_unlock($1)")
        .bind(key)
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
AND (l.classid::bigint << 32) + l.objid::bigint = $1 ORDER BY l.pid LIMIT 1";

async fn holder(connection: &mut PgConnection, key: i64) -> Result<Option<String>, TransferError> {
    sqlx::query_scalar(HOLDER)
        .bind(key)
        .fetch_optional(connection)
        .await
        .map(Option::flatten)
        .doing(|| "asking who holds the lock")
}
