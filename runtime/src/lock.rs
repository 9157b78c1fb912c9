//! One migration at a time: an advisory lock that is polled for and held by a guard.
//!
//! It is polled for, since a session that waits for a lock is inside a transaction as far as CREATE INDEX
//! CONCURRENTLY is concerned: the builder would wait for the waiter, and the waiter for the builder.
//!
//! The guard owns its connection, and what the lock protects runs on that very connection. So lock and work live
//! and die together: no lock is lost under a statement that still runs, no statement still runs when the lock is
//! free. It also makes do with a pool of one connection. However the guard ends (released, dropped after an error,
//! dropped with a cancelled future, or with its process), the connection is closed and the server releases the
//! lock.

use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres};

use crate::error::{Doing as _, Error};
use crate::session;

/// Advisory locks belong to a database; the database's name is part of the key, too, for readers of `pg_locks`
/// across databases. The server hashes, so that this costs no round trip.
macro_rules! key {
    () => {
        "hashtextextended('whimbrel.journal of ' || current_database(), 0)"
    };
}

/// SQL of the lock's key, for work that must not meet a migration and holds the lock on a connection of its own.
pub const KEY: &str = key!();

const TRY: &str = concat!("SELECT pg_try_advisory_lock(", key!(), ")");

const RELEASE: &str = concat!("SELECT pg_advisory_unlock(", key!(), ")");

/// An advisory lock's 64-bit key stands in two columns of `pg_locks`; `objsubid` is 1 for such a key.
const HOLDER: &str = "\
SELECT 'process ' || l.pid || coalesce(' (' || nullif(a.application_name, '') || ')', '')
       || coalesce(' of role ' || a.usename, '') || coalesce(' from ' || host(a.client_addr), '')
       || coalesce(', connected since ' || to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'), '')
FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32) + l.objid::bigint = ";

/// Who holds the advisory lock of this key, which is SQL, as far as the server says.
pub async fn holder(connection: &mut PgConnection, key: &str) -> sqlx::Result<Option<String>> {
    let query = format!("{HOLDER}{key} ORDER BY l.pid LIMIT 1");
    sqlx::query_scalar(AssertSqlSafe(query)).fetch_optional(connection).await
}

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

pub(crate) async fn connect(pool: &PgPool) -> Result<PoolConnection<Postgres>, Error> {
    pool.acquire().await.doing("connecting")
}

#[derive(Debug)]
pub struct Guard {
    connection: PoolConnection<Postgres>,
}

impl Guard {
    /// Takes the lock on a connection of the pool; waits for other holders up to `wait`.
    pub async fn acquire(pool: &PgPool, wait: Duration) -> Result<Guard, Error> {
        Guard::acquire_on(connect(pool).await?, wait).await
    }

    pub(crate) async fn acquire_on(
        mut connection: PoolConnection<Postgres>,
        wait: Duration,
    ) -> Result<Guard, Error> {
        // From here on, whatever happens: migrations change session settings, and a cancelled query may still run.
        connection.close_on_drop();
        let mut guard = Guard { connection };
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        while !guard.attempt().await? {
            let waited = began.elapsed();
            if waited >= wait {
                let holder = holder(&mut guard.connection, KEY).await;
                let holder = holder.doing("looking who holds the migration lock")?;
                return Err(Error::Locked { waited, holder });
            }
            if pause == FIRST_PAUSE {
                tracing::info!("waiting for the lock of another migration or transfer");
            }
            tokio::time::sleep(pause.min(wait - waited)).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
        session::watch_client(&mut guard.connection).await.doing("preparing the session")?;
        Ok(guard)
    }

    async fn attempt(&mut self) -> Result<bool, Error> {
        let taken = sqlx::query_scalar(TRY).fetch_one(&mut *self.connection).await;
        taken.doing("taking the migration lock")
    }

    /// Does something while the lock is held.
    pub(crate) async fn run<T>(
        mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let result = work(&mut self.connection).await;
        self.release().await;
        result
    }

    /// Releases the lock and closes the connection.
    ///
    /// A dropped guard does so, too, but in the background.
    pub async fn release(mut self) {
        // A connection that is lost has lost its lock, and one in a failed transaction loses it when it is closed.
        if let Err(error) = sqlx::raw_sql(RELEASE).execute(&mut *self.connection).await {
            tracing::debug!(%error, "the migration lock goes with its connection");
        }
        if let Err(error) = self.connection.close().await {
            tracing::debug!(%error, "the connection that held the migration lock was lost");
        }
    }
}
