//! What the server or the driver said, and what to do about it: one table from SQLSTATE to a hint.

use std::fmt;
use std::io;

use sqlx::postgres::PgDatabaseError;

use super::Hint;
use crate::redact::redact;

/// An error of the server or the driver, without secrets.
///
/// The [`sqlx::Error`] it was made from is not kept, since its `Debug` and `source()` may show a password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatabaseError {
    /// The server's message, or the driver's.
    pub message: String,
    /// SQLSTATE, if the server answered.
    pub code: Option<String>,
    /// The server's detail.
    pub detail: Option<String>,
    /// The server's hint.
    pub server_hint: Option<String>,
    /// The server's context: the call stack of functions.
    pub context: Option<String>,
    driver: Option<Driver>,
}

/// Why the driver has no answer of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    Io(io::ErrorKind),
    Tls,
    Pool,
    Configuration,
    Crashed,
    /// The answer is not what was expected.
    Protocol,
}

impl From<&sqlx::Error> for DatabaseError {
    fn from(error: &sqlx::Error) -> Self {
        let driver = match error {
            sqlx::Error::Database(_) => None,
            sqlx::Error::Io(error) => Some(Driver::Io(error.kind())),
            sqlx::Error::Tls(_) => Some(Driver::Tls),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Some(Driver::Pool),
            sqlx::Error::Configuration(_) => Some(Driver::Configuration),
            sqlx::Error::WorkerCrashed => Some(Driver::Crashed),
            _ => Some(Driver::Protocol),
        };
        let server = error.as_database_error();
        let postgres = server.and_then(|server| server.try_downcast_ref::<PgDatabaseError>());
        let shown = |text: Option<&str>| text.map(redact);
        DatabaseError {
            message: redact(&match error {
                // sqlx's own text names a line: of PostgreSQL's source.
                sqlx::Error::Database(server) => server.message().to_owned(),
                sqlx::Error::Io(error) => error.to_string(),
                sqlx::Error::Configuration(error) | sqlx::Error::Tls(error) | sqlx::Error::Decode(error) => {
                    error.to_string()
                }
                other => other.to_string(),
            }),
            code: server.and_then(|server| server.code()).map(|code| code.into_owned()),
            detail: shown(postgres.and_then(PgDatabaseError::detail)),
            server_hint: shown(postgres.and_then(PgDatabaseError::hint)),
            context: shown(postgres.and_then(PgDatabaseError::r#where)),
            driver,
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        DatabaseError::from(&error)
    }
}

impl DatabaseError {
    /// Whether the server cannot be reached (any more), or does not let the client in.
    pub fn is_connection(&self) -> bool {
        match (&self.driver, self.code.as_deref()) {
            (Some(driver), _) => *driver != Driver::Protocol,
            // Class 08 connection exception (but 08P01 is also what a bad binary value gives), class 28 authorization.
            (None, Some(code)) => {
                (code.starts_with("08") && code != "08P01")
                    || code.starts_with("28")
                    || ["57P01", "57P02", "57P03", "57P05", "3D000", "53300"].contains(&code)
            }
            (None, None) => false,
        }
    }

    /// Whether the same statement may succeed when it is sent again: lock timeouts, deadlocks and serialization
    /// failures.
    pub fn is_transient(&self) -> bool {
        self.has_code(&["55P03", "40P01", "40001"])
    }

    pub(crate) fn has_code(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(code) = &self.code {
            write!(f, " (SQLSTATE {code})")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DatabaseError {}

impl Hint for DatabaseError {
    fn hint(&self) -> Option<String> {
        let hint = match (&self.driver, &self.code) {
            (Some(driver), _) => driver_hint(*driver),
            (None, Some(code)) => code_hint(code),
            (None, None) => None,
        };
        hint.map(str::to_owned)
    }
}

fn driver_hint(driver: Driver) -> Option<&'static str> {
    use io::ErrorKind as Io;
    Some(match driver {
        Driver::Io(Io::BrokenPipe | Io::ConnectionReset | Io::ConnectionAborted | Io::UnexpectedEof) => {
            "the connection was lost: the server was restarted, ended the session or crashed, or the network failed; \
             its log says which"
        }
        Driver::Io(Io::TimedOut) => "check the host, and whether a firewall is in between",
        Driver::Io(_) => "check that PostgreSQL is running and that host and port are right",
        Driver::Tls => "sslmode=disable or sslmode=prefer in the URL connects without TLS",
        Driver::Pool => "no connection of the pool became free: give it more connections or time",
        Driver::Configuration => "check the database URL: postgres://user@host:5432/database",
        Driver::Crashed | Driver::Protocol => return None,
    })
}

/// What to do about an SQLSTATE (PostgreSQL's documentation, appendix A); `None` where it depends on the statement.
fn code_hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "25006" => {
            "the server or the session is read-only: connect to the primary, or check default_transaction_read_only"
        }
        "25P03" => "idle_in_transaction_session_timeout ended the session: raise it for this role",
        "28P01" | "28000" => "check user and password; the server's pg_hba.conf decides who may connect",
        "3D000" => "create the database first: createdb NAME",
        "3F000" | "42P01" | "42703" | "42704" | "42883" => {
            "check that all migrations are applied to this database, and its search_path"
        }
        "40001" | "40P01" => "another transaction was in the way: try again",
        "42501" => "grant the privilege to the role, or connect as the owner",
        "53100" => "make room on the server's disk, then try again",
        "53200" => "the server is out of memory: lower work_mem and maintenance_work_mem, or give it more",
        "53300" => "the server has no connection left: close one or raise max_connections",
        "53400" => "the server's configuration sets this limit: raise it",
        "55006" => "another session uses the object: let it finish, then try again",
        "55P03" => {
            "another session holds a lock on the table: pg_locks shows which; let it finish, then try again"
        }
        "57014" => "the statement was cancelled by a timeout (statement_timeout) or an administrator",
        "57P01" | "57P02" => {
            "the server was stopped or an administrator ended the session: try again when it is running"
        }
        "57P03" => "the server is starting or stopping: try again in a moment",
        "57P05" => "idle_session_timeout ended the session: raise it for this role",
        "58030" => "the server cannot read or write its disk: its log says more",
        "XX001" | "XX002" => "the server found corrupted data: its log says more; restore from a backup",
        _ if code.starts_with("08") => "the connection failed: check the network and the server's log",
        _ if code.starts_with("28") => "the server's pg_hba.conf decides who may connect",
        _ if code.starts_with("53") => "the server lacks a resource: its log says more",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_not_a_wrong_url() {
        let hint = |kind: io::ErrorKind| {
            DatabaseError::from(sqlx::Error::Io(kind.into())).hint().unwrap_or_default()
        };
        assert!(hint(io::ErrorKind::BrokenPipe).starts_with("the connection was lost"));
        assert!(hint(io::ErrorKind::ConnectionReset).starts_with("the connection was lost"));
        assert!(hint(io::ErrorKind::ConnectionRefused).contains("is running"));
    }

    #[test]
    fn an_error_of_the_driver_keeps_no_password() {
        let secret = sqlx::Error::Configuration("postgres://me:s3cret@host/x is wrong".into());
        let error = DatabaseError::from(secret);
        assert!(!format!("{error} {error:?} {error:#?}").contains("s3cret"), "{error:?}");
        assert!(std::error::Error::source(&error).is_none());
        assert!(error.is_connection());
    }
}
