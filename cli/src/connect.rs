//! Which database is meant, and connections to it.

use std::future::Future;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::args::Global;
use crate::config::{Config, Database, DatabaseUrl};
use crate::failure::Failure;

/// A database that was named somewhere.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Who said so.
    pub named_by: &'static str,
}

/// The database the user means: the flag, then DATABASE_URL, then the configuration.
///
/// # Errors
///
/// Nobody named one.
pub fn target(global: &Global, config: Option<&Config>) -> Result<Target, Failure> {
    if let Some(url) = &global.database_url {
        return Ok(Target { url: DatabaseUrl::new(url), named_by: "--database-url" });
    }
    match std::env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => {
            return Ok(Target { url: DatabaseUrl::new(url), named_by: "DATABASE_URL" });
        }
        Ok(_) | Err(std::env::VarError::NotPresent) => {}
        Err(std::env::VarError::NotUnicode(_)) => {
            return Err(Failure::new("DATABASE_URL is not valid UTF-8"));
        }
    }
    if let Some(url) = config.and_then(|config| config.database.url.clone()) {
        return Ok(Target { url, named_by: "the configuration" });
    }
    Err(Failure::new("no database is named")
        .hint("say --database-url postgres://user@host/database, set DATABASE_URL, or write database_url into whimbrel.toml"))
}

/// Runs a future on a runtime of its own.
///
/// # Errors
///
/// The runtime cannot start, or what the future says.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new("the asynchronous runtime cannot start").caused_by(&error))?
        .block_on(future)
}

/// A pool on the target, after one connection showed that it can be reached.
///
/// # Errors
///
/// The URL is none, or the server cannot be reached, refuses, or does not answer in time.
pub async fn pool(target: &Target, settings: &Database) -> Result<PgPool, Failure> {
    let shown = target.url.to_string();
    let options = PgConnectOptions::from_str(target.url.reveal()).map_err(|error| {
        Failure::new(format!("{} names no PostgreSQL database: {shown}", target.named_by))
            .caused_by(&error)
            .hint("a URL looks like postgres://user:password@host:5432/database")
    })?;
    let options = options.application_name("whimbrel").disable_statement_logging();
    let timeout = settings.connect_timeout();
    // A pool would go on trying a server that refuses until its time is up; a person wants to know at once.
    match tokio::time::timeout(timeout, options.connect()).await {
        Ok(Ok(connection)) => {
            // Whether the farewell arrives does not matter.
            let _farewell = connection.close().await;
        }
        Ok(Err(error)) => return Err(refused(target, &error)),
        Err(_) => {
            return Err(Failure::new(format!(
                "{shown} does not answer within {} seconds",
                timeout.as_secs()
            ))
            .hint("is the host right, and does a firewall stand between?")
            .hint("connect_timeout in [database] of whimbrel.toml gives it more time"));
        }
    }
    Ok(PgPoolOptions::new().max_connections(4).acquire_timeout(timeout).connect_lazy_with(options))
}

fn refused(target: &Target, error: &sqlx::Error) -> Failure {
    let failure = Failure::new(format!("no connection to {} (named by {})", target.url, target.named_by))
        .caused_by(error);
    match error {
        sqlx::Error::Io(_) => failure.hint("is PostgreSQL running there, and is the address right?"),
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("28P01" | "28000") => {
                failure.hint("check user and password; the server's pg_hba.conf says who may come in")
            }
            Some("3D000") => failure.hint("create the database first: createdb NAME"),
            Some("53300") => {
                failure.hint("the server has no connection left; close one or raise max_connections")
            }
            _ => failure,
        },
        sqlx::Error::Tls(_) => failure.hint("sslmode=disable or sslmode=prefer in the URL does without TLS"),
        _ => failure,
    }
}
