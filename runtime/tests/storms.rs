//! What may happen to a migration: many at once, cut-off connections, cancelled futures, missing rights.

mod support;

use std::time::Duration;

use sqlx::PgConnection;
use support::{
    connect, database, events, execute, exists, migrator, pool, pool_as, record, scalars, spawn, start,
};
use whimbrel::__private::lock::Guard;
use whimbrel::migrate::{Repair, Revert, State};
use whimbrel::{Error, Hint as _};

/// Waits until a session of this database runs a statement that contains the text.
async fn until_running(conn: &mut PgConnection, text: &str) -> i32 {
    let sql = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
               AND pid <> pg_backend_pid() AND strpos(query, $1) > 0 LIMIT 1";
    for _ in 0..6_000 {
        let found: Option<i32> = sqlx::query_scalar(sql).bind(text).fetch_optional(&mut *conn).await.unwrap();
        if let Some(pid) = found {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{text} does not run");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_starts_at_once_migrate_once() {
    let Some(url) = database("many") else { return };
    let all = [
        (1, "CREATE TABLE a (id int); SELECT pg_sleep(0.2);", ""),
        (2, "-- no-transaction\nINSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY i ON a (id);", ""),
        (3, "INSERT INTO a VALUES (2);", ""),
    ];
    let starts = (0..12).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { migrator(&all).run(&pool(&url, 2).await).await })
    });
    let mut done = 0;
    for start in starts.collect::<Vec<_>>() {
        done += start.await.unwrap().unwrap().done.len();
    }
    assert_eq!(done, 3);
    let mut conn = connect(&url).await;
    let finished: Vec<_> =
        events(&mut conn).await.into_iter().filter(|event| event.ends_with("finished")).collect();
    assert_eq!(finished, ["1 finished", "2 finished", "3 finished"]);
    assert_eq!(scalars::<i64>(&mut conn, "SELECT count(*) FROM a").await, [2]);
}

#[tokio::test]
async fn a_cancelled_run_leaves_nothing_and_frees_the_lock() {
    let Some((pool, mut conn)) = start("cancelled").await else { return };
    let slow = migrator(&[(1, "CREATE TABLE a (id int); SELECT pg_sleep(60);", "")]);
    let run = spawn(&slow, &pool);
    until_running(&mut conn, "pg_sleep(60)").await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    // The server must notice the lost client while this waits for its lock.
    let fast = migrator(&[(1, "CREATE TABLE a (id int);", "")]).with_lock_wait(Duration::from_secs(20));
    assert_eq!(fast.status(&pool).await.unwrap().migrations[0].state, State::Interrupted);
    assert_eq!(fast.run(&pool).await.unwrap().done.len(), 1);
    assert_eq!(events(&mut conn).await, ["1 started", "1 started", "1 finished"]);
}

#[tokio::test]
async fn a_lost_connection_is_an_error_and_the_next_run_goes_on() {
    let Some((pool, mut conn)) = start("lost").await else { return };
    let all = [(1, "CREATE TABLE a (id int);", ""), (2, "CREATE TABLE b (id int); SELECT pg_sleep(60);", "")];
    let run = spawn(&migrator(&all), &pool);
    let pid = until_running(&mut conn, "pg_sleep(60)").await;
    execute(&mut conn, &format!("SELECT pg_terminate_backend({pid})")).await;
    let error = run.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error}");
    assert!(error.hint().unwrap().contains("ended the session"), "{error}");
    assert!(!exists(&mut conn, "b").await);
    let again = migrator(&[all[0], (2, "CREATE TABLE b (id int);", "")]);
    assert_eq!(again.run(&pool).await.unwrap().done.len(), 1);
}

#[tokio::test]
async fn a_held_lock_is_named_and_a_dropped_guard_frees_it() {
    let Some((pool, _conn)) = start("held").await else { return };
    let guard = Guard::acquire(&pool, Duration::ZERO).await.unwrap();
    let waiting = migrator(&[(1, "SELECT 1", "")]).with_lock_wait(Duration::from_millis(200));
    let error = waiting.run(&pool).await.unwrap_err();
    assert!(
        matches!(&error, Error::Locked { holder: Some(holder), .. } if holder.contains("role postgres")),
        "{error}"
    );
    assert!(error.to_string().starts_with("waited "), "{error}");
    drop(guard);
    assert_eq!(waiting.with_lock_wait(Duration::from_secs(10)).run(&pool).await.unwrap().done.len(), 1);
    // After an error, too.
    let failing = migrator(&[(1, "SELECT 1", ""), (2, "SELECT nope", "")]);
    assert!(failing.run(&pool).await.is_err());
    Guard::acquire(&pool, Duration::from_secs(5)).await.unwrap().release().await;
    Guard::acquire(&pool, Duration::ZERO).await.unwrap().release().await;
}

#[tokio::test]
async fn a_pool_of_one_connection_is_enough() {
    let Some(url) = database("one") else { return };
    let pool = pool(&url, 1).await;
    let all = migrator(&[
        (1, "CREATE TABLE a (id int);", "DROP TABLE a;"),
        (2, "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON a (id);", "DROP INDEX i;"),
    ]);
    assert_eq!(all.plan(&pool, None).await.unwrap().steps.len(), 2);
    let (first, second) = tokio::join!(all.run(&pool), all.run(&pool));
    assert_eq!(first.unwrap().done.len() + second.unwrap().done.len(), 2);
    assert!(all.status(&pool).await.unwrap().is_current());
    assert_eq!(all.revert(&pool, Revert::to(0)).await.unwrap().done.len(), 2);
}

#[tokio::test]
async fn missing_rights_are_named_with_what_to_grant() {
    let Some(url) = database("rights") else { return };
    let (admin, mut conn) = (pool(&url, 2).await, connect(&url).await);
    execute(&mut conn, "CREATE ROLE rights_app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
    let app = pool_as(&url, "rights_app").await;
    let one = migrator(&[(1, "CREATE TABLE a (id int);", "")]);
    let error = one.run(&app).await.unwrap_err();
    assert!(error.to_string().contains("permission denied for database"), "{error}");
    assert!(error.hint().unwrap().contains("GRANT CREATE ON DATABASE"), "{error}");

    one.run(&admin).await.unwrap();
    for refused in [one.run(&app).await.unwrap_err(), one.status(&app).await.unwrap_err()] {
        assert!(matches!(refused, Error::Query { .. }), "{refused}");
        let hint = refused.hint().unwrap();
        assert!(hint.contains("GRANT USAGE ON SCHEMA whimbrel, SELECT ON whimbrel.journal and"), "{hint}");
    }
    execute(
        &mut conn,
        "GRANT USAGE ON SCHEMA whimbrel TO rights_app; GRANT SELECT ON whimbrel.journal TO rights_app",
    )
    .await;
    assert_eq!(one.run(&app).await.unwrap().done, [], "to see that all is done, reading is enough");
    assert!(one.status(&app).await.unwrap().is_current());

    // Whether a transfer is open is not to be guessed.
    execute(&mut conn, "CREATE TABLE whimbrel.transfers (id bigint, source text, phase text, started_at timestamptz);
        CREATE TABLE whimbrel.dropped_objects (id bigint, transfer bigint, kind text, name text, schema text, \"table\" text,
            restored_at timestamptz)").await;
    for table in ["transfers", "dropped_objects"] {
        for refused in [one.run(&app).await.unwrap_err(), one.status(&app).await.unwrap_err()] {
            let denied = format!("permission denied for table {table}");
            assert!(refused.to_string().contains(&denied), "{refused}");
            assert!(refused.hint().unwrap().contains("on whimbrel.transfers"), "{refused}");
        }
        execute(&mut conn, &format!("GRANT SELECT ON whimbrel.{table} TO rights_app")).await;
    }
    one.run(&app).await.unwrap();

    let two = migrator(&[(1, "CREATE TABLE a (id int);", ""), (2, "SELECT 1", "")]);
    let error = two.run(&app).await.unwrap_err();
    assert!(error.to_string().contains("permission denied for table journal"), "{error}");
    execute(&mut conn, "GRANT INSERT ON whimbrel.journal TO rights_app").await;
    assert_eq!(two.run(&app).await.unwrap().done.len(), 1);
}

const VALID: &str = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass";

const UNIQUE: &str = "-- no-transaction
CREATE TABLE a AS SELECT 1 AS id;
INSERT INTO a VALUES (2), (2);
CREATE UNIQUE INDEX CONCURRENTLY i ON a (id);
INSERT INTO a VALUES (3);";

#[tokio::test]
async fn a_concurrent_index_that_failed_is_built_again() {
    let Some((pool, mut conn)) = start("concurrently").await else { return };
    let all = migrator(&[(1, UNIQUE, "")]);
    let error = all.run(&pool).await.unwrap_err();
    assert!(
        error.to_string().starts_with("1_m.up.sql:4: statement 3 of 4 failed: could not create unique"),
        "{error}"
    );
    assert!(error.to_string().contains("statements before this one stay applied"), "{error}");
    assert!(exists(&mut conn, "i").await, "PostgreSQL leaves an invalid index behind");
    assert_eq!(all.status(&pool).await.unwrap().migrations[0].state, State::PartiallyApplied);
    assert!(matches!(all.revert(&pool, Revert::steps(1)).await, Err(Error::PartiallyApplied { .. })));
    assert!(all.run(&pool).await.is_err(), "the data is still in the way");

    execute(&mut conn, "DELETE FROM a WHERE id = 2").await;
    let changed = migrator(&[(1, &UNIQUE.replace("(2), (2)", "(2)"), "")]);
    let refused = changed.run(&pool).await.unwrap_err();
    assert!(matches!(refused, Error::AppliedPartChanged { done: 2, .. }), "{refused}");
    // What comes after the applied part may change.
    let corrected = migrator(&[(1, &UNIQUE.replace("(3)", "(4)"), "")]);
    assert_eq!(corrected.run(&pool).await.unwrap().done.len(), 1);
    assert_eq!(scalars::<bool>(&mut conn, VALID).await, [true]);
    let ids: Vec<i32> = scalars(&mut conn, "SELECT id FROM a ORDER BY id").await;
    assert_eq!(ids, [1, 4], "no statement ran twice");
    assert_eq!(
        events(&mut conn).await,
        [
            "1 started",
            "1 progress",
            "1 progress",
            "1 failed",
            "1 started",
            "1 failed",
            "1 started",
            "1 progress",
            "1 finished"
        ]
    );
}

#[tokio::test]
async fn a_crash_between_statement_and_journal_is_sorted_out_by_the_catalog() {
    // (what the crash left, how it came about)
    for (case, left) in [("nothing", ""), ("valid", "CREATE INDEX i ON a (id)"), ("invalid", "invalid")] {
        let Some((pool, mut conn)) = start(&format!("crash_{case}")).await else { return };
        assert_eq!(migrator(&[]).run(&pool).await.unwrap().done, [], "only the journal is made");
        execute(&mut conn, "CREATE TABLE a (id int)").await;
        let unique = if left == "invalid" { "UNIQUE " } else { "" };
        let up = &format!(
            "-- no-transaction\nCREATE {unique}INDEX CONCURRENTLY i ON a (id);\nINSERT INTO a VALUES (1);"
        );
        if left == "invalid" {
            execute(&mut conn, "INSERT INTO a VALUES (7), (7)").await;
            let build = "CREATE UNIQUE INDEX CONCURRENTLY i ON a (id)";
            sqlx::raw_sql(build).execute(&mut conn).await.unwrap_err();
            execute(&mut conn, "DELETE FROM a").await;
        } else if !left.is_empty() {
            execute(&mut conn, left).await;
        }
        record(&mut conn, 1, "started", up, false).await;
        assert_eq!(migrator(&[(1, up, "")]).run(&pool).await.unwrap().done.len(), 1, "{case}");
        assert_eq!(scalars::<bool>(&mut conn, VALID).await, [true], "{case}");
        assert_eq!(scalars::<i64>(&mut conn, "SELECT count(*) FROM a").await, [1], "{case}");
    }
}

#[tokio::test]
async fn an_index_with_another_definition_is_not_taken_for_the_wanted_one() {
    let Some((pool, mut conn)) = start("other_index").await else { return };
    assert_eq!(migrator(&[]).run(&pool).await.unwrap().done, [], "only the journal is made");
    // A dropped column, so that a copy numbers its columns differently.
    execute(&mut conn, "CREATE TABLE a (gone int, id int, x text, y int); ALTER TABLE a DROP COLUMN gone")
        .await;
    let same = "CREATE INDEX i ON a (lower(x) DESC, id) INCLUDE (y) WITH (fillfactor = 70) WHERE id > 0";
    let up = format!("-- no-transaction\n{};", same.replace("INDEX", "INDEX CONCURRENTLY"));
    record(&mut conn, 1, "started", &up, false).await;
    for other in [
        "CREATE INDEX i ON a (x)",
        "CREATE UNIQUE INDEX i ON a (lower(x) DESC, id) INCLUDE (y) WITH (fillfactor = 70) WHERE id > 0",
        "CREATE INDEX i ON a (lower(x), id) INCLUDE (y) WITH (fillfactor = 70) WHERE id > 0",
        "CREATE INDEX i ON a (lower(x) DESC, id) INCLUDE (y) WITH (fillfactor = 70) WHERE id > 1",
        "CREATE INDEX i ON a USING hash (id)",
    ] {
        execute(&mut conn, &format!("DROP INDEX IF EXISTS i; {other}")).await;
        let error = migrator(&[(1, &up, "")]).run(&pool).await.unwrap_err();
        assert!(matches!(error, Error::OtherIndex { statement: 1, line: 2, .. }), "{other}: {error}");
        assert!(error.to_string().contains(" INDEX i ON public.a USING "), "{error}");
    }
    execute(&mut conn, &format!("DROP INDEX i; {same}")).await;
    assert_eq!(migrator(&[(1, &up, "")]).run(&pool).await.unwrap().done.len(), 1);
    assert_eq!(events(&mut conn).await, ["1 started", "1 started", "1 finished"]);
}

#[tokio::test]
async fn what_the_catalog_cannot_tell_a_person_tells() {
    let Some((pool, mut conn)) = start("person").await else { return };
    execute(
        &mut conn,
        "CREATE TABLE a (id int); CREATE TABLE switch (seconds int); INSERT INTO switch VALUES (60)",
    )
    .await;
    let up = "-- no-transaction\nINSERT INTO a VALUES (1);\n\
              DO $$ BEGIN INSERT INTO a VALUES (2); PERFORM pg_sleep(seconds) FROM switch; END $$;\n\
              INSERT INTO a VALUES (3);";
    let all = migrator(&[(1, up, "DELETE FROM a")]);
    let run = spawn(&all, &pool);
    until_running(&mut conn, "DO $$").await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    let error = all.run(&pool).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted { statement: 2, line: 3, .. }), "{error}");
    assert!(
        error.to_string().contains("1_m.up.sql: an earlier run was interrupted in statement 2 (line 3)"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("Repair::StatementApplied"), "{error}");

    execute(&mut conn, "UPDATE switch SET seconds = 0").await;
    all.repair(&pool, 1, Repair::StatementNotApplied).await.unwrap();
    assert_eq!(all.run(&pool).await.unwrap().done.len(), 1);
    assert_eq!(scalars::<i32>(&mut conn, "SELECT id FROM a ORDER BY id").await, [1, 2, 3]);
}

#[tokio::test]
async fn a_rollback_outside_a_transaction_goes_on_where_it_stopped() {
    let Some((pool, mut conn)) = start("half_down").await else { return };
    let up = "CREATE TABLE a (id int); CREATE TABLE b (id int); CREATE INDEX i ON a (id);";
    let down = "-- no-transaction\nDROP INDEX CONCURRENTLY i;\nDROP TABLE b;\nDROP TABLE a;";
    let all = migrator(&[(1, up, down)]);
    all.run(&pool).await.unwrap();
    execute(&mut conn, "CREATE VIEW v AS SELECT * FROM b").await;
    let error = all.revert(&pool, Revert::steps(1)).await.unwrap_err().to_string();
    assert!(error.starts_with("1_m.down.sql:3: statement 2 of 3 failed"), "{error}");
    assert!(!exists(&mut conn, "i").await);
    assert_eq!(all.status(&pool).await.unwrap().migrations[0].state, State::PartiallyReverted);
    let refused = all.run(&pool).await.unwrap_err();
    assert!(matches!(refused, Error::PartiallyApplied { done: 1, .. }), "{refused}");
    execute(&mut conn, "DROP VIEW v").await;
    all.revert(&pool, Revert::steps(1)).await.unwrap();
    assert!(!exists(&mut conn, "a").await);
    assert_eq!(all.run(&pool).await.unwrap().done.len(), 1);
}

#[tokio::test]
async fn a_foreign_table_of_that_name_is_no_journal() {
    let Some((pool, mut conn)) = start("foreign").await else { return };
    execute(&mut conn, "CREATE SCHEMA whimbrel; CREATE TABLE whimbrel.journal (id int)").await;
    let error = migrator(&[(1, "SELECT 1", "")]).run(&pool).await.unwrap_err();
    assert!(error.to_string().contains("the journal whimbrel.journal cannot be understood"), "{error}");
}
