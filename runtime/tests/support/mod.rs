//! What the tests share.
#![allow(dead_code, reason = "each test file uses a part of it")]

use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};

/// A fresh database on the shared scratch server, or `None` where there is no server.
pub fn database(name: &str) -> Option<String> {
    let scratch = whimbrel_scratch::for_tests()?;
    Some(scratch.create_database(name).unwrap())
}

pub async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

pub async fn pool(url: &str, size: u32) -> PgPool {
    PgPoolOptions::new().max_connections(size).connect(url).await.unwrap()
}

/// Runs SQL that a test made up.
pub async fn execute(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(conn).await.unwrap();
}
