//! Forwards, back, and what the journal says about it.

mod support;

use std::time::Duration;

use support::{events, execute, exists, migration, migrator, scalars, spawn, start};
use whimbrel::migrate::{Divergence, Repair, Revert, State};
use whimbrel::{Error, Hint as _, Migrator};

const TWO: [(i64, &str, &str); 2] = [
    (1, "CREATE TABLE a (id int);\nCREATE TABLE b (id int);", "DROP TABLE b;\nDROP TABLE a;"),
    (
        2,
        "ALTER TABLE a ADD COLUMN x int;",
        "-- whimbrel: data-loss: column a.x\nALTER TABLE a DROP COLUMN x;",
    ),
];

#[tokio::test]
async fn up_down_up() {
    let Some((pool, mut conn)) = start("up_down_up").await else { return };
    let migrator = migrator(&TWO);

    let before = migrator.status(&pool).await.unwrap();
    assert!(!before.journal);
    assert!(before.migrations.iter().all(|one| one.state == State::Pending && one.local));
    assert_eq!(migrator.plan(&pool, None).await.unwrap().steps.len(), 2);
    assert!(!exists(&mut conn, "whimbrel.journal").await, "reading creates nothing");

    let outcome = migrator.run(&pool).await.unwrap();
    let done: Vec<_> = outcome.done.iter().map(|one| (one.version, one.statements)).collect();
    assert_eq!(done, [(1, 2), (2, 1)]);
    assert_eq!(events(&mut conn).await, ["1 started", "1 finished", "2 started", "2 finished"]);
    assert_eq!(migrator.run(&pool).await.unwrap().done, []);
    let status = migrator.status(&pool).await.unwrap();
    assert!(status.is_current());
    assert_eq!(status.migrations[1].role.as_deref(), Some("postgres"));
    assert!(status.migrations[1].tool_version.as_ref().unwrap().starts_with("whimbrel "));
    assert!(status.migrations[1].host.is_some() && status.migrations[1].duration.is_some());

    let refused = migrator.revert(&pool, Revert::steps(2)).await.unwrap_err();
    assert!(refused.to_string().contains("column a.x"), "{refused}");
    assert!(refused.hint().unwrap().contains("allow_data_loss"));
    assert!(migrator.status(&pool).await.unwrap().is_current(), "nothing is undone when one may not be");

    // Rollback needs no files.
    let none = Migrator::new(Vec::new());
    assert_eq!(none.plan_revert(&pool, Revert::to(1)).await.unwrap().steps[0].data_loss, ["column a.x"]);
    none.revert(&pool, Revert::to(1).with_allow_data_loss(true)).await.unwrap();
    assert_eq!(events(&mut conn).await[4..], ["2 revert_started", "2 reverted"]);
    assert_eq!(migrator.status(&pool).await.unwrap().migrations[1].state, State::Reverted);
    let unknown = none.revert(&pool, Revert::to(2)).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no migration 2 applied to this database");
    none.revert(&pool, Revert::to(0)).await.unwrap();
    assert!(!exists(&mut conn, "a").await);
    assert_eq!(none.revert(&pool, Revert::steps(5)).await.unwrap().done, []);

    assert_eq!(migrator.run_to(&pool, 1).await.unwrap().done.len(), 1);
    assert!(matches!(migrator.run_to(&pool, 3).await.unwrap_err(), Error::UnknownVersion { version: 3, .. }));
    assert_eq!(migrator.run(&pool).await.unwrap().done.len(), 1);
}

#[tokio::test]
async fn a_failing_statement_is_shown_and_rolled_back() {
    let Some((pool, mut conn)) = start("failing").await else { return };
    let up = "-- First.\nCREATE TABLE a (id int);\n\n-- Second.\nSELECT 'ü',\n    nope;\nSELECT 1;";
    let error = migrator(&[(1, up, "")]).run(&pool).await.unwrap_err();
    let expected = [
        "1_m.up.sql:6:5: statement 2 of 3 failed: column \"nope\" does not exist (SQLSTATE 42703)",
        "        nope;",
        "        ^",
        "The whole migration was rolled back.",
    ];
    assert_eq!(error.to_string(), expected.join("\n"));
    assert!(!exists(&mut conn, "a").await);
    assert_eq!(events(&mut conn).await, ["1 started", "1 failed"]);
    let status = migrator(&[(1, up, "")]).status(&pool).await.unwrap();
    assert_eq!(status.migrations[0].state, State::Failed);
    assert!(status.migrations[0].error.as_ref().unwrap().contains("nope"));

    // Corrected, it runs.
    migrator(&[(1, "CREATE TABLE a (id int)", "")]).run(&pool).await.unwrap();
    assert!(exists(&mut conn, "a").await);
}

#[tokio::test]
async fn deferred_constraints_and_functions_fail_with_their_place() {
    let Some((pool, _conn)) = start("deferred").await else { return };
    let up =
        "CREATE TABLE a (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1), (1);";
    let error = migrator(&[(1, up, "")]).run(&pool).await.unwrap_err().to_string();
    assert!(error.starts_with("1_m.up.sql:2: statement 2 of 2 failed: duplicate key"), "{error}");
    let up = "SELECT 1;\nDO $$\nBEGIN\n  PERFORM 1/0;\nEND $$;";
    let error = migrator(&[(1, up, "")]).run(&pool).await.unwrap_err().to_string();
    assert!(error.starts_with("1_m.up.sql:2: statement 2 of 2 failed: division by zero"), "{error}");
    assert!(error.contains("PL/pgSQL function inline_code_block line 3"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_before_anything_is() {
    let Some((pool, mut conn)) = start("refused").await else { return };
    let two = migrator(&[(1, "CREATE TABLE a (id int);", ""), (2, "SELECT 1;\n\nCOMMIT;", "")]);
    let error = two.run(&pool).await.unwrap_err();
    assert_eq!(error.to_string(), "2_m.up.sql:3: COMMIT would break the migration's own transaction");
    assert!(!exists(&mut conn, "a").await && !exists(&mut conn, "whimbrel.journal").await);
}

#[tokio::test]
async fn divergence_stops_everything() {
    let Some((pool, mut conn)) = start("divergence").await else { return };
    migrator(&TWO).run(&pool).await.unwrap();

    let changed = migrator(&[(1, "CREATE TABLE c (id int)", ""), TWO[1], (3, "CREATE TABLE c (id int)", "")]);
    let error = changed.run(&pool).await.unwrap_err();
    assert!(error.to_string().contains("1_m.up.sql was changed after it was applied"), "{error}");
    assert!(!exists(&mut conn, "c").await);
    assert!(!changed.status(&pool).await.unwrap().is_current());

    // An older program is refused unless it is told that this is fine.
    let older = migrator(&TWO[..1]);
    assert!(matches!(&older.run(&pool).await.unwrap_err(), Error::Diverged { divergences }
        if matches!(divergences[..], [Divergence::Newer { version: 2, .. }])));
    assert_eq!(older.with_allow_newer(true).run(&pool).await.unwrap().done, []);

    // Another layout can be accepted.
    let layout =
        migrator(&[(1, "CREATE TABLE a (id int); CREATE TABLE b (id int);", "DROP TABLE a, b"), TWO[1]]);
    assert!(layout.run(&pool).await.is_err());
    layout.repair(&pool, 1, Repair::AcceptFiles).await.unwrap();
    assert_eq!(layout.run(&pool).await.unwrap().done, []);
    let plan = layout.plan_revert(&pool, Revert::to(0)).await.unwrap();
    assert_eq!(plan.steps[1].sql, "DROP TABLE a, b");
    assert!(matches!(
        layout.repair(&pool, 1, Repair::StatementApplied).await,
        Err(Error::NothingToRepair { .. })
    ));
}

#[tokio::test]
async fn the_journal_is_append_only() {
    let Some((pool, mut conn)) = start("append_only").await else { return };
    migrator(&TWO).run(&pool).await.unwrap();
    execute(&mut conn, "SET session_replication_role = replica").await;
    for sql in [
        "UPDATE whimbrel.journal SET event = 'failed'",
        "DELETE FROM whimbrel.journal WHERE version = 2",
        "TRUNCATE whimbrel.journal",
    ] {
        let error = sqlx::raw_sql(sql).execute(&mut conn).await.unwrap_err().to_string();
        assert!(error.contains("whimbrel.journal is append-only"), "{sql}: {error}");
    }
    assert_eq!(events(&mut conn).await.len(), 4);
}

#[tokio::test]
async fn a_baseline_counts_as_applied() {
    let Some((pool, mut conn)) = start("baseline").await else { return };
    execute(&mut conn, "CREATE TABLE a (id int); CREATE TABLE b (id int)").await;
    let migrator = migrator(&TWO);
    assert_eq!(migrator.baseline(&pool, 1).await.unwrap().done.len(), 1);
    assert_eq!(migrator.status(&pool).await.unwrap().migrations[0].state, State::Baseline);
    assert_eq!(migrator.run(&pool).await.unwrap().done.len(), 1);
    assert_eq!(events(&mut conn).await, ["1 adopted", "2 started", "2 finished"]);
    migrator.revert(&pool, Revert::to(0).with_allow_data_loss(true)).await.unwrap();
    assert!(!exists(&mut conn, "a").await, "its down SQL was stored");
}

#[tokio::test]
async fn a_lock_timeout_is_tried_again() {
    let Some((pool, mut conn)) = start("retried").await else { return };
    migrator(&TWO[..1]).run(&pool).await.unwrap();
    execute(&mut conn, "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE").await;
    let run = spawn(&migrator(&TWO).with_lock_timeout(Duration::from_millis(50)), &pool);
    tokio::time::sleep(Duration::from_millis(600)).await;
    execute(&mut conn, "COMMIT").await;
    assert_eq!(run.await.unwrap().unwrap().done.len(), 1);
    assert_eq!(events(&mut conn).await[2..], ["2 started", "2 finished"]);

    // Without another try, it fails and says so.
    execute(&mut conn, "BEGIN; LOCK TABLE a IN ACCESS SHARE MODE").await;
    let more = [TWO[0], TWO[1], (3, "ALTER TABLE a ADD y int", "")];
    let strict = migrator(&more).with_lock_timeout(Duration::from_millis(50)).with_retries(0);
    let error = strict.run(&pool).await.unwrap_err().to_string();
    assert!(error.contains("canceling statement due to lock timeout"), "{error}");
}

#[tokio::test]
async fn a_statement_runs_no_longer_than_it_may() {
    let Some((pool, mut conn)) = start("statement_timeout").await else { return };
    let slow = migrator(&[(1, "CREATE TABLE a (id int);\nSELECT pg_sleep(60);", "")]);
    let error = slow.with_statement_timeout(Duration::from_millis(50)).run(&pool).await.unwrap_err();
    assert!(error.to_string().contains("canceling statement due to statement timeout"), "{error}");
    assert!(error.to_string().contains("statement 2 of 2"), "{error}");
    assert!(!exists(&mut conn, "a").await);
}

#[tokio::test]
async fn settings_do_not_leak_from_one_migration_into_the_next() {
    let Some((pool, mut conn)) = start("settings").await else { return };
    let dump =
        "SELECT pg_catalog.set_config('search_path', '', false); SET default_transaction_read_only = on;";
    migrator(&[(1, dump, ""), (2, "CREATE TABLE a (id int)", "")]).run(&pool).await.unwrap();
    assert!(exists(&mut conn, "public.a").await);
    // The pool got no connection back with settings that a migration changed.
    let path: String = sqlx::query_scalar("SHOW search_path").fetch_one(&pool).await.unwrap();
    assert_eq!(path, "\"$user\", public");
}

#[tokio::test]
async fn a_password_in_a_migration_is_shown_nowhere() {
    let Some((pool, mut conn)) = start("password").await else { return };
    let up = "CREATE ROLE password_role LOGIN PASSWORD 'hunter2' NOPE;";
    let error = migrator(&[(1, up, "")]).run(&pool).await.unwrap_err().to_string();
    assert!(error.contains("PASSWORD '***' NOPE"), "{error}");
    let recorded: Vec<String> =
        scalars(&mut conn, "SELECT error FROM whimbrel.journal WHERE event = 'failed'").await;
    assert!(recorded[0].contains("PASSWORD '***' NOPE"), "{recorded:?}");
}

#[tokio::test]
async fn a_folder_is_read_and_run() {
    let Some((pool, _conn)) = start("folder").await else { return };
    let folder = tempfile::tempdir().unwrap();
    let empty = Migrator::from_dir(folder.path()).unwrap();
    assert_eq!(empty.run(&pool).await.unwrap().done, []);
    assert!(empty.status(&pool).await.unwrap().is_current());
    let one = Migrator::new(vec![migration(7, "seven", "SELECT 1", "SELECT 2")]);
    assert_eq!(one.run(&pool).await.unwrap().done[0].name, "seven");
}

#[tokio::test]
async fn no_secret_of_a_statement_is_stored_or_shown() {
    let Some((pool, mut conn)) = start("secrets").await else { return };
    for (version, literal) in (1..).zip([
        "'s3cret'",
        "/* x */E's3cret'",
        " U&'s3cret'",
        " $$s3cret$$",
        " $x$s3cret$x$",
        "\n  -- the password\n  's3cret'",
    ]) {
        // The server's message and context repeat parts of the statement.
        let up = format!(
            "DO $do$ BEGIN\nEXECUTE $e$CREATE ROLE no_such_{version} IN ROLE nobody_{version} PASSWORD{literal}$e$;\nEND $do$;"
        );
        let plain =
            format!("CREATE ROLE no_such_{version} IN ROLE nobody_{version}\nENCRYPTED PASSWORD{literal};");
        for up in [up, plain] {
            let all = migrator(&[(version, &up, "")]);
            let plan = all.plan(&pool, None).await.unwrap();
            let error = all.run(&pool).await.unwrap_err();
            let shown = format!("{error} {error:?} {error:#?} {:?} {plan:?}", error.hint());
            assert!(shown.contains("nobody_") && !shown.contains("s3cret"), "{shown}");
            assert!(std::error::Error::source(&error).is_none());
        }
    }
    let down = "DROP TABLE a;\n-- ALTER ROLE x PASSWORD 's3cret'";
    let one = migrator(&[(9, "CREATE TABLE a (id int);", down)]);
    one.run(&pool).await.unwrap();
    let stored: Vec<String> = scalars(&mut conn, "SELECT j::text FROM whimbrel.journal j").await;
    let stored = stored.concat();
    assert!(stored.contains("nobody_1") && !stored.contains("s3cret"), "{stored}");
    let refused = Migrator::new(Vec::new()).revert(&pool, Revert::steps(1)).await.unwrap_err();
    assert!(refused.to_string().starts_with("9_m.down.sql is needed"), "{refused}");
    assert_eq!(one.revert(&pool, Revert::steps(1)).await.unwrap().done.len(), 1, "its file is local");
}

#[tokio::test]
async fn a_checkout_with_other_line_endings_is_the_same_migration() {
    let Some((pool, _conn)) = start("crlf").await else { return };
    let (up, down) = ("CREATE TABLE a (\r\n id int\r\n);\r\n", "DROP TABLE a;\r\n");
    migrator(&[(1, up, down)]).run(&pool).await.unwrap();
    let lf = migrator(&[(1, &up.replace('\r', ""), &down.replace('\r', ""))]);
    assert!(lf.status(&pool).await.unwrap().is_current());
    assert!(!lf.status(&pool).await.unwrap().migrations[0].down_changed);
    assert_eq!(lf.run(&pool).await.unwrap().done, []);
}
