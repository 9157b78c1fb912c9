//! Whimbrel's own tables of other versions, and the session that migrations run in.

mod support;

use support::{connect, database, events, execute, exists, migrator, pool};
use whimbrel::migrate::State;
use whimbrel::{Error, Hint as _};

/// The journal as version 1 made it, before `whimbrel.format`.
const VERSION_1: &str = "\
CREATE SCHEMA whimbrel;
CREATE TABLE whimbrel.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version bigint NOT NULL,
    name text NOT NULL,
    event text NOT NULL CHECK (event IN ('started', 'progress', 'finished', 'failed', 'revert_started',
        'revert_progress', 'reverted', 'revert_failed', 'adopted', 'repaired')),
    link text NOT NULL,
    up_checksum text NOT NULL,
    down_checksum text NOT NULL,
    schema_hash text NOT NULL,
    transactional boolean NOT NULL,
    statements integer NOT NULL,
    statements_done integer NOT NULL,
    prefix_checksum text,
    duration_us bigint,
    role text NOT NULL DEFAULT current_user,
    host text,
    tool_version text NOT NULL,
    error text,
    down_sql text
);
CREATE FUNCTION whimbrel.journal_is_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN RAISE EXCEPTION 'whimbrel.journal is append-only'; END $$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON whimbrel.journal
    FOR EACH STATEMENT EXECUTE FUNCTION whimbrel.journal_is_append_only();";

/// What a program of version 1 appends.
fn event(version: i64, event: &str, up: &str) -> String {
    let checksum = whimbrel::migrate::Checksum::of(up);
    format!(
        "INSERT INTO whimbrel.journal (version, name, event, link, up_checksum, down_checksum, schema_hash,
             transactional, statements, statements_done, tool_version, down_sql)
         VALUES ({version}, 'm', '{event}', '', '{checksum}', '', '', true, 1, 1, 'whimbrel 0.1.0', '')"
    )
}

const ONE: (i64, &str, &str) = (1, "CREATE TABLE a (id int)", "");
const TWO: (i64, &str, &str) = (2, "CREATE TABLE b (id int)", "");

#[tokio::test]
async fn a_journal_of_version_1_is_read_and_upgraded_only_by_what_writes() {
    let Some(url) = database("format_1") else { return };
    let (pool, mut conn) = (pool(&url, 2).await, connect(&url).await);
    execute(&mut conn, VERSION_1).await;
    execute(&mut conn, &format!("{}; {}", ONE.1, event(1, "finished", ONE.1))).await;

    let all = migrator(&[ONE, TWO]);
    assert_eq!(all.status(&pool).await.unwrap().migrations[0].state, State::Applied);
    assert_eq!(all.plan(&pool, None).await.unwrap().steps.len(), 1);
    assert_eq!(migrator(&[ONE]).run(&pool).await.unwrap().done, []);
    assert!(!exists(&mut conn, "whimbrel.format").await, "reading does not write");

    assert_eq!(all.run(&pool).await.unwrap().done.len(), 1);
    let format: (String, i32, i32) =
        sqlx::query_as("SELECT component, version, min_reader FROM whimbrel.format")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert_eq!(format, ("journal".to_owned(), 2, 1));
    // A program of version 1 still reads and appends.
    execute(&mut conn, &event(3, "started", "")).await;
    assert_eq!(
        events(&mut conn).await,
        ["1 finished", "2 started", "2 finished", "3 started"],
        "nothing was lost"
    );
}

#[tokio::test]
async fn a_newer_journal_is_used_as_far_as_it_says_that_it_can_be() {
    let Some(url) = database("format_newer") else { return };
    let (pool, mut conn) = (pool(&url, 2).await, connect(&url).await);
    migrator(&[ONE]).run(&pool).await.unwrap();
    execute(&mut conn, "UPDATE whimbrel.format SET version = 9").await;
    execute(&mut conn, "ALTER TABLE whimbrel.journal ADD COLUMN something_new text").await;
    execute(&mut conn, &event(1, "paused", ONE.1)).await;
    execute(&mut conn, &event(7, "announced", "")).await;

    let all = migrator(&[ONE, TWO]);
    assert_eq!(all.run(&pool).await.unwrap().done.len(), 1, "unknown events are passed over");
    assert!(all.status(&pool).await.unwrap().is_current());
    let history = all.history(&pool).await.unwrap();
    assert_eq!(history.events.iter().filter(|one| one.event.as_str() == "unknown").count(), 2);
    let version: i32 =
        sqlx::query_scalar("SELECT version FROM whimbrel.format").fetch_one(&mut conn).await.unwrap();
    assert_eq!(version, 9, "an older program does not downgrade");

    execute(&mut conn, "UPDATE whimbrel.format SET min_reader = 8").await;
    let fresh = migrator(&[ONE, TWO, (3, "SELECT 1", "")]);
    for error in [fresh.run(&pool).await.unwrap_err(), fresh.status(&pool).await.unwrap_err()] {
        assert!(matches!(error, Error::Format { found: 9, needed: 8, known: 2, .. }), "{error}");
        assert!(error.to_string().contains("version 9") && error.hint().is_some(), "{error}");
    }
}

#[tokio::test]
async fn unqualified_names_lead_to_public_and_timeouts_are_the_migrators() {
    let Some(url) = database("search_path") else { return };
    let mut conn = connect(&url).await;
    execute(
        &mut conn,
        "CREATE SCHEMA app; CREATE ROLE search_path_app LOGIN SUPERUSER;
         ALTER ROLE search_path_app SET search_path = app, public;
         ALTER ROLE search_path_app SET statement_timeout = '200ms';
         ALTER ROLE search_path_app SET idle_in_transaction_session_timeout = '200ms'",
    )
    .await;
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options.username("search_path_app"))
        .await
        .unwrap();
    let up = "CREATE TABLE a (id int); SET search_path = app; SELECT pg_sleep(0.5)";
    let settings = "CREATE TABLE settings AS SELECT name, setting, source FROM pg_settings";
    migrator(&[(1, up, "DROP TABLE a"), (2, settings, "")]).run(&pool).await.unwrap();
    assert!(exists(&mut conn, "public.a").await && !exists(&mut conn, "app.a").await);
    // A Unix socket has no keepalives: what was set shows as 0.
    let set: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM public.settings WHERE source = 'session' AND name ~ '^tcp_|^client_connection_check'
         ORDER BY name",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let wanted = [
        "client_connection_check_interval",
        "tcp_keepalives_count",
        "tcp_keepalives_idle",
        "tcp_keepalives_interval",
        "tcp_user_timeout",
    ];
    assert_eq!(set, wanted);

    execute(&mut conn, "CREATE TABLE app.a (id int)").await;
    let back = whimbrel::migrate::Revert::to(0).with_allow_data_loss(true);
    migrator(&[]).revert(&pool, back).await.unwrap();
    assert!(!exists(&mut conn, "public.a").await && exists(&mut conn, "app.a").await);
}
