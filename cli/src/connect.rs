//! Which database is meant, and connections to it.

use std::future::Future;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
use sqlx::{ConnectOptions, Connection, PgPool};
use whimbrel::__private::redact::ConnectUrl;
use whimbrel::DatabaseError;

use crate::args::Global;
use crate::config::Config;
use crate::failure::Failure;

#[derive(Debug, Clone)]
pub struct Database {
    pub url: ConnectUrl,
    named_by: &'static str,
    connect_timeout: Duration,
}

impl Database {
    /// The database the user means: `--to`, `--database-url`, then DATABASE_URL, then the configuration.
    pub fn named(to: Option<&ConnectUrl>, global: &Global, config: Option<&Config>) -> Result<Self, Failure> {
        Database::find(to, global, config)?.ok_or_else(|| {
            Failure::new("no database is named").hint(
                "give --database-url postgres://user@host/database, set DATABASE_URL, or write database_url \
                 into whimbrel.toml",
            )
        })
    }

    /// The same, if there is one.
    pub fn find(
        to: Option<&ConnectUrl>,
        global: &Global,
        config: Option<&Config>,
    ) -> Result<Option<Self>, Failure> {
        let configured = config.and_then(|config| config.database_url.as_ref());
        let (url, named_by) = match (to, &global.database_url, variable()?, configured) {
            (Some(url), ..) => (url.clone(), "--to"),
            (_, Some(url), ..) => (url.clone(), "--database-url"),
            (_, _, Some(url), _) => (ConnectUrl::from(url), VARIABLE),
            (.., Some(url)) => (url.clone(), "the configuration"),
            _ => return Ok(None),
        };
        Ok(Some(Database::new(url, named_by, config)))
    }

    pub fn new(url: ConnectUrl, named_by: &'static str, config: Option<&Config>) -> Self {
        let settings = config.map(|config| config.database.clone()).unwrap_or_default();
        Database { url, named_by, connect_timeout: settings.connect_timeout() }
    }

    /// A pool on it, after one connection showed that it can be reached.
    pub async fn pool(&self) -> Result<PgPool, Failure> {
        let options = self
            .url
            .postgres()
            .map_err(|error| Failure::new(format!("{} is {error}", self.named_by)).hint_of(&error))?;
        let options = options.application_name("whimbrel").disable_statement_logging();
        // A pool would go on trying a server that refuses until its time is up.
        match tokio::time::timeout(self.connect_timeout, options.connect()).await {
            Ok(Ok(connection)) => {
                // A server that does not answer to the end of a connection has answered before.
                let _closed = connection.close().await;
            }
            Ok(Err(error)) => {
                let cause = DatabaseError::from(&error);
                let what = format!("no connection to {} (named by {})", self.url, self.named_by);
                return Err(Failure::new(what).hint_of(&cause).because(cause.message));
            }
            Err(_) => {
                let seconds = self.connect_timeout.as_secs();
                return Err(Failure::new(format!("{} does not answer within {seconds} seconds", self.url))
                    .hint("is the host right, and does a firewall block it?")
                    .hint("connect_timeout in [database] of whimbrel.toml gives it more time"));
            }
        }
        Ok(PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(self.connect_timeout)
            .connect_lazy_with(options))
    }
}

const VARIABLE: &str = "DATABASE_URL";

fn variable() -> Result<Option<String>, Failure> {
    match std::env::var(VARIABLE) {
        Ok(url) => Ok(Some(url).filter(|url| !url.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::new("DATABASE_URL is not valid UTF-8")),
    }
}

/// Runs a future on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new("the asynchronous runtime cannot start").caused_by(&error))?
        .block_on(future)
}
