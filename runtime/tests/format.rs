//! Whimbrel's own tables of other versions, and the session that migrations run in.

mod support;

use support::{connect, database, execute, exists, migrator, pool_as, record, scalars, start};
use whimbrel::__private::format::{Format, Step};
use whimbrel::{Error, Hint as _};

const ONE: (i64, &str, &str) = (1, "CREATE TABLE a (id int)", "");
const TWO: (i64, &str, &str) = (2, "CREATE TABLE b (id int)", "");

/// Tables of a made-up component.
const STEPS: [Step; 3] = [
    Step { sql: "CREATE TABLE whimbrel.things (n integer CHECK (n < 10))", min_reader: 1 },
    Step { sql: "ALTER TABLE whimbrel.things DROP CONSTRAINT things_n_check", min_reader: 1 },
    Step { sql: "ALTER TABLE whimbrel.things RENAME n TO number", min_reader: 3 },
];

#[tokio::test]
async fn old_tables_are_upgraded_and_old_programs_go_on_as_long_as_they_can() {
    let Some(url) = database("format_older") else { return };
    let mut conn = connect(&url).await;
    let program = |version: usize| Format { component: "things", steps: &STEPS[..version] };
    assert!(!program(2).check(&mut conn).await.unwrap());
    assert!(!exists(&mut conn, "whimbrel.format").await, "reading does not write");
    program(1).upgrade(&mut conn).await.unwrap();
    execute(&mut conn, "INSERT INTO whimbrel.things VALUES (1)").await;

    for version in [2, 1] {
        program(version).upgrade(&mut conn).await.unwrap();
        assert!(program(version).check(&mut conn).await.unwrap());
        let recorded: (i32, i32) = sqlx::query_as("SELECT version, min_reader FROM whimbrel.format")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(recorded, (2, 1), "an older program does not downgrade");
    }
    execute(&mut conn, "INSERT INTO whimbrel.things VALUES (10)").await;

    program(3).upgrade(&mut conn).await.unwrap();
    let rows: Vec<i32> = scalars(&mut conn, "SELECT number FROM whimbrel.things").await;
    assert_eq!(rows, [1, 10], "nothing was lost");
    for error in
        [program(2).check(&mut conn).await.unwrap_err(), program(2).upgrade(&mut conn).await.unwrap_err()]
    {
        assert!(matches!(error, Error::Format { found: 3, needed: 3, known: 2, .. }), "{error}");
    }
}

#[tokio::test]
async fn a_newer_journal_is_used_as_far_as_it_says_that_it_can_be() {
    let Some((pool, mut conn)) = start("format_newer").await else { return };
    migrator(&[ONE]).run(&pool).await.unwrap();
    execute(&mut conn, "UPDATE whimbrel.format SET version = 9").await;
    execute(&mut conn, "ALTER TABLE whimbrel.journal ADD COLUMN something_new text").await;
    record(&mut conn, 1, "paused", ONE.1, true).await;
    record(&mut conn, 7, "announced", "", true).await;

    let all = migrator(&[ONE, TWO]);
    assert_eq!(all.run(&pool).await.unwrap().done.len(), 1, "unknown events are passed over");
    assert!(all.status(&pool).await.unwrap().is_current());
    execute(&mut conn, "UPDATE whimbrel.format SET min_reader = 8").await;
    let fresh = migrator(&[ONE, TWO, (3, "SELECT 1", "")]);
    for error in [fresh.run(&pool).await.unwrap_err(), fresh.status(&pool).await.unwrap_err()] {
        assert!(matches!(error, Error::Format { found: 9, needed: 8, known: 1, .. }), "{error}");
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
    let pool = pool_as(&url, "search_path_app").await;
    let up = "CREATE TABLE a (id int); SET search_path = app; SELECT pg_sleep(0.5)";
    let settings = "CREATE TABLE settings AS SELECT name, setting, source FROM pg_settings";
    migrator(&[(1, up, "DROP TABLE a"), (2, settings, "")]).run(&pool).await.unwrap();
    assert!(exists(&mut conn, "public.a").await && !exists(&mut conn, "app.a").await);
    // A Unix socket has no keepalives: what was set shows as 0.
    let set: Vec<String> = scalars(
        &mut conn,
        "SELECT name FROM public.settings WHERE source = 'session' AND name ~ '^tcp_|^client_connection_check'
         ORDER BY name",
    )
    .await;
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
