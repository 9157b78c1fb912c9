//! Settings of the sessions that migrations and transfers run in: their own, not those of the role or the database.

use std::time::Duration;

use sqlx::PgConnection;

/// What a session that changes a database may wait for, and where its unqualified names lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSettings {
    /// How long a statement waits for a lock (`lock_timeout`); zero is for ever.
    pub lock_timeout: Duration,
    /// How long a statement runs (`statement_timeout`); zero is for ever.
    pub statement_timeout: Duration,
}

impl SessionSettings {
    /// No timeouts at all: for work that decides by itself when to stop.
    pub const UNLIMITED: SessionSettings =
        SessionSettings { lock_timeout: Duration::ZERO, statement_timeout: Duration::ZERO };
}

/// The one schema on the search path: unqualified names in generated SQL belong to it.
const SEARCH_PATH: &str = "public";

/// Probes of an idle connection after 10 seconds, then every 5 seconds, and unacknowledged data for at most 20 seconds: a
/// client whose host vanished has lost its session, and with it all locks, within half a minute. A Unix socket ignores
/// these settings.
const KEEP_ALIVE: &str = "\
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = '20s'";

/// The server looks every second whether the client of a running statement is still there, so that the lock of a
/// killed program is free soon and not at the statement's end. Not every platform can.
const CHECK_CLIENT: &str = "SET client_connection_check_interval = '1s'";

/// Settings that a server does not have (`transaction_timeout` before PostgreSQL 17) are left out.
const WRITE: &str = "\
SELECT count(set_config(name, value, false)) FROM unnest($1::text[], $2::text[]) t (name, value)
WHERE current_setting(name, true) IS NOT NULL";

/// Lets the server notice soon that this client has ended or its host has vanished.
pub async fn watch_client(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    for sql in [KEEP_ALIVE, CHECK_CLIENT] {
        match sqlx::raw_sql(sql).execute(&mut *conn).await {
            Ok(_) => {}
            Err(error) if error.as_database_error().is_some() => {
                tracing::debug!(%error, "the server cannot look for lost clients");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Gives the session these settings, whatever the role or the database has, with `public` as its search path.
pub async fn configure(conn: &mut PgConnection, settings: SessionSettings) -> Result<(), sqlx::Error> {
    write(conn, settings, &[]).await
}

pub(crate) async fn write(
    conn: &mut PgConnection,
    settings: SessionSettings,
    further: &[(String, String)],
) -> Result<(), sqlx::Error> {
    // Milliseconds; the server takes no more than an i32 of them.
    let milliseconds = |timeout: Duration| timeout.as_millis().min(i32::MAX as u128).to_string();
    let own = [
        ("search_path", SEARCH_PATH.to_owned()),
        ("lock_timeout", milliseconds(settings.lock_timeout)),
        ("statement_timeout", milliseconds(settings.statement_timeout)),
        ("idle_in_transaction_session_timeout", "0".to_owned()),
        ("idle_session_timeout", "0".to_owned()),
        ("transaction_timeout", "0".to_owned()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let (names, values): (Vec<_>, Vec<_>) = own.into_iter().chain(further.iter().cloned()).unzip();
    sqlx::query(WRITE).bind(names).bind(values).execute(conn).await.map(|_| ())
}
