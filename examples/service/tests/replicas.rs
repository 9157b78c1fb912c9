//! Replicas as processes: eight that start at once, and one that is killed in the middle of a migration.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use example_service::MIGRATOR;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};

/// A replica; killed when dropped.
struct Replica(Child);

impl Replica {
    fn start(url: &str) -> Replica {
        let child = Command::new(env!("CARGO_BIN_EXE_example-service"))
            .env("DATABASE_URL", url)
            .env_remove("PORT")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Replica(child)
    }

    /// Waits until it serves; gives its address.
    fn ready(&mut self) -> String {
        let stdout = self.0.stdout.as_mut().unwrap();
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        line.trim().strip_prefix("ready on ").unwrap_or_else(|| panic!("it said {line:?}")).to_owned()
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

fn database(name: &str) -> Option<String> {
    Some(whimbrel_scratch::for_tests()?.create_database(name).unwrap())
}

async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(2).connect(url).await.unwrap()
}

/// How often each version was finished, in the order of versions.
async fn finished(conn: &mut PgConnection) -> Vec<(i64, i64)> {
    let sql = "SELECT version, count(*) FROM whimbrel.journal WHERE event = 'finished' GROUP BY 1 ORDER BY 1";
    sqlx::query_as(sql).fetch_all(conn).await.unwrap()
}

fn each_once() -> Vec<(i64, i64)> {
    MIGRATOR.migrations().iter().map(|migration| (migration.version, 1)).collect()
}

/// Waits until a query that counts something gives more than nothing.
async fn until(conn: &mut PgConnection, sql: &'static str) {
    let began = Instant::now();
    loop {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap();
        if count > 0 {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "never true: {sql}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn the_models_and_the_migrations_agree() {
    let newest = MIGRATOR.migrations().last().unwrap();
    assert_eq!(
        newest.schema_hash,
        whimbrel::__private::schema::snapshot::hash(&whimbrel::__private::registry::schema())
    );
}

#[tokio::test]
async fn eight_replicas_migrate_once() {
    let Some(url) = database("eight") else { return };
    let mut replicas: Vec<_> = (0..8).map(|_| Replica::start(&url)).collect();
    for replica in &mut replicas {
        let address = replica.ready();
        let mut book = String::new();
        TcpStream::connect(address).unwrap().read_to_string(&mut book).unwrap();
        assert!(book.contains("127.0.0.1:"), "{book}");
    }
    let mut conn = PgConnection::connect(&url).await.unwrap();
    assert_eq!(finished(&mut conn).await, each_once());
    let others: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM whimbrel.journal WHERE event NOT IN ('started', 'finished')",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    assert_eq!(others, 0);
    assert!(MIGRATOR.status(&pool(&url).await).await.unwrap().is_current());
}

#[tokio::test]
async fn a_replica_killed_in_a_transaction_leaves_nothing_behind() {
    let Some(url) = database("killed") else { return };
    let pool = pool(&url).await;
    let first = MIGRATOR.migrations()[0].version;
    MIGRATOR.run_to(&pool, first).await.unwrap();
    // Whoever reads keeps ALTER TABLE waiting.
    let mut reader = PgConnection::connect(&url).await.unwrap();
    let mut reading = reader.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM greetings").execute(&mut *reading).await.unwrap();

    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut victim = Replica::start(&url);
    until(
        &mut conn,
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'greetings'::regclass \
         AND mode = 'AccessExclusiveLock'",
    )
    .await;
    victim.kill();
    // Its statement still waits on the server, and the lock is still held: nobody else begins.
    let mut next = Replica::start(&url);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(finished(&mut conn).await, [(first, 1)]);
    reading.rollback().await.unwrap();
    next.ready();
    assert_eq!(finished(&mut conn).await, each_once());
}

#[tokio::test]
async fn a_replica_killed_outside_a_transaction_is_followed_by_one_that_goes_on() {
    let Some(url) = database("killed_outside") else { return };
    let pool = pool(&url).await;
    let [.., second, third] = MIGRATOR.migrations() else { panic!("three migrations") };
    MIGRATOR.run_to(&pool, second.version).await.unwrap();
    // A writer that does not end keeps CREATE INDEX CONCURRENTLY waiting, with the index made but not valid.
    let mut writer = PgConnection::connect(&url).await.unwrap();
    let mut writing = writer.begin().await.unwrap();
    sqlx::raw_sql("INSERT INTO greetings (guest) VALUES ('me')").execute(&mut *writing).await.unwrap();

    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut victim = Replica::start(&url);
    until(&mut conn, "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('greetings_at_idx')")
        .await;
    victim.kill();
    // The server notices that the client is gone, gives up the index and the lock.
    until(&mut conn, "SELECT 1 - count(*) FROM pg_locks WHERE locktype = 'advisory'").await;
    writing.commit().await.unwrap();
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'greetings_at_idx'::regclass";
    let is_valid: bool = sqlx::query_scalar(valid).fetch_one(&mut conn).await.unwrap();
    assert!(!is_valid, "an invalid index is left behind");

    Replica::start(&url).ready();
    let is_valid: bool = sqlx::query_scalar(valid).fetch_one(&mut conn).await.unwrap();
    assert!(is_valid);
    assert_eq!(finished(&mut conn).await, each_once());
    let starts: i64 =
        sqlx::query_scalar("SELECT count(*) FROM whimbrel.journal WHERE version = $1 AND event = 'started'")
            .bind(third.version)
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert_eq!(starts, 2);
}
