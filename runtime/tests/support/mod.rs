//! What the tests share.
#![allow(dead_code, reason = "each test file uses a part of it")]

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres};
use sqlx::{Connection, Decode, PgConnection, PgPool, Type};
use tokio::task::JoinHandle;
use whimbrel::migrate::Outcome;

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

/// A pool of connections as another role.
pub async fn pool_as(url: &str, role: &str) -> PgPool {
    let options: PgConnectOptions = url.parse().unwrap();
    PgPoolOptions::new().max_connections(2).connect_with(options.username(role)).await.unwrap()
}

/// A pool and a connection of a fresh database.
pub async fn start(name: &str) -> Option<(PgPool, PgConnection)> {
    let url = database(name)?;
    Some((pool(&url, 3).await, connect(&url).await))
}

/// Runs SQL that a test made up.
pub async fn execute(conn: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(conn).await.unwrap();
}

/// The values of a query with one column.
pub async fn scalars<T>(conn: &mut PgConnection, sql: &'static str) -> Vec<T>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
{
    sqlx::query_scalar(sql).fetch_all(conn).await.unwrap()
}

/// Runs migrations at the same time as the test.
pub fn spawn(migrator: &whimbrel::Migrator, pool: &PgPool) -> JoinHandle<Result<Outcome, whimbrel::Error>> {
    let (migrator, pool) = (migrator.clone(), pool.clone());
    tokio::spawn(async move { migrator.run(&pool).await })
}

/// A migration made up by a test.
pub fn migration(version: i64, name: &str, up: &str, down: &str) -> whimbrel::migrate::Migration {
    use std::borrow::Cow;
    use whimbrel::migrate::Checksum;

    whimbrel::migrate::Migration {
        version,
        after: Cow::Borrowed(&[]),
        replaces: Cow::Borrowed(&[]),
        name: Cow::Owned(name.to_owned()),
        up_checksum: Checksum::of(up),
        down_checksum: Checksum::of(down),
        schema_hash: Cow::Borrowed("hash"),
        link: Cow::Borrowed(""),
        up_sql: Cow::Owned(up.to_owned()),
        down_sql: Cow::Owned(down.to_owned()),
    }
}

/// A migrator over migrations `(version, up, down)`.
pub fn migrator(migrations: &[(i64, &str, &str)]) -> whimbrel::Migrator {
    let all = migrations.iter().map(|(version, up, down)| migration(*version, "m", up, down));
    whimbrel::Migrator::new(all.collect())
}

/// The journal as `version event`, in order.
pub async fn events(conn: &mut PgConnection) -> Vec<String> {
    scalars(conn, "SELECT version || ' ' || event FROM whimbrel.journal ORDER BY id").await
}

/// Appends an event that did not happen.
pub async fn record(conn: &mut PgConnection, version: i64, event: &str, up: &str, transactional: bool) {
    let sql =
        "INSERT INTO whimbrel.journal (version, name, event, link, up_checksum, down_checksum, schema_hash,
             transactional, statements, statements_done, tool_version, down_sql)
         VALUES ($1, 'm', $2, '', $3, '', '', $4, 3, 0, 'test', '')";
    sqlx::query(sql)
        .bind(version)
        .bind(event)
        .bind(whimbrel::migrate::Checksum::of(up).to_string())
        .bind(transactional)
        .execute(conn)
        .await
        .unwrap();
}

/// Whether a relation is there.
pub async fn exists(conn: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(name).fetch_one(conn).await.unwrap()
}
