//! Every command in every state of a transfer: none is a dead end, and none changes tables under an open transfer.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::postgres::PgPoolOptions;
use whimbrel::__private::migration::{Checksum, Migration};
use whimbrel::Migrator;
use whimbrel::migrate::Revert;
use whimbrel_transfer::progress::Silent;
use whimbrel_transfer::{Abort, AbortReport, Mode, TransferReport, Verify};

use crate::models::DDL;
use crate::support::{self, StopAt, count, definitions, execute, good, texts, transfer};

fn migration(version: i64, up: &'static str, down: &'static str) -> Migration {
    Migration {
        version,
        after: Cow::Borrowed(&[]),
        replaces: Cow::Borrowed(&[]),
        name: Cow::Borrowed("m"),
        up_checksum: Checksum::of(up),
        down_checksum: Checksum::of(down),
        schema_hash: Cow::Borrowed("hash"),
        link: Cow::Borrowed(""),
        up_sql: Cow::Borrowed(up),
        down_sql: Cow::Borrowed(down),
    }
}

const DOWN: &str = "DROP TABLE badges, phones, people, teams; DROP FUNCTION refuse()";

/// The tables, and if `newer` a migration that another model asks for.
fn migrator(newer: bool) -> Migrator {
    let mut migrations = vec![migration(1, DDL, DOWN)];
    if newer {
        let (up, down) = ("ALTER TABLE teams ADD motto text", "ALTER TABLE teams DROP motto");
        migrations.push(migration(2, up, down));
    }
    Migrator::new(migrations)
}

async fn pool(url: &str) -> sqlx::PgPool {
    PgPoolOptions::new().max_connections(1).connect(url).await.unwrap()
}

async fn run(url: &str, mode: Mode, stop: Option<Arc<StopAt>>) -> Result<TransferReport, String> {
    let mut transfer = transfer(Arc::new(good(200)), url).mode(mode);
    if let Some(stop) = stop {
        transfer = transfer.stop(stop.stop.clone()).progress(stop);
    }
    transfer.run().await.map_err(|error| error.to_string())
}

async fn abort(url: &str) -> Option<AbortReport> {
    Abort::new(url.parse().unwrap()).run(&Silent).await.unwrap()
}

const STATES: [&str; 6] = ["never begun", "begun", "half loaded", "half restored", "finished", "aborted"];

/// A database in this state.
async fn database(scratch: &whimbrel_scratch::Scratch, state: &str) -> String {
    let url = scratch.create_database("states").unwrap();
    migrator(false).run(&pool(&url).await).await.unwrap();
    let stop = match state {
        "never begun" => return url,
        "begun" | "aborted" => Some(StopAt::step("dropping constraints")),
        "half loaded" => Some(StopAt::batch(2)),
        "half restored" => Some(StopAt::step("people_boss_fkey")),
        _ => None,
    };
    run(&url, Mode::Fresh, stop).await.unwrap();
    if state == "aborted" {
        let report = abort(&url).await.unwrap();
        assert_eq!((report.closed, report.exit_code(), report.restored), (true, 0, 12));
    }
    url
}

const COMMANDS: [&str; 9] =
    ["migrate", "migrate newer", "rollback", "status", "transfer", "resume", "clean", "abort", "verify"];

/// Runs a command; gives what came of it, in short.
async fn command(url: &str, command: &str) -> String {
    let first = |error: String| {
        let known = ["has not ended", "must be empty", "of yesterday"];
        known
            .into_iter()
            .find(|known| error.contains(known))
            .map_or(error.clone(), |known| format!("refused: {known}"))
    };
    let transferred = |result: Result<TransferReport, String>| {
        result.map_or_else(first, |report| format!("{:?}", report.outcome))
    };
    let migrated = |result: Result<whimbrel::migrate::Outcome, whimbrel::Error>| match result {
        Ok(outcome) => {
            format!("done {}, {} open", outcome.done.len(), u8::from(outcome.open_transfer.is_some()))
        }
        Err(error) => first(error.to_string()),
    };
    match command {
        "migrate" => migrated(migrator(false).run(&pool(url).await).await),
        "migrate newer" => migrated(migrator(true).run(&pool(url).await).await),
        "rollback" => migrated(
            migrator(false).revert(&pool(url).await, Revert::steps(1).with_allow_data_loss(true)).await,
        ),
        "status" => {
            let status = migrator(false).status(&pool(url).await).await.unwrap();
            let open = status.open_transfer.as_ref();
            let dropped = open.map_or(0, |open| open.dropped.len());
            format!(
                "current: {}, phase {}, {dropped} dropped",
                status.is_current(),
                open.map_or("-", |open| &open.phase)
            )
        }
        "transfer" => transferred(run(url, Mode::Fresh, None).await),
        "resume" => transferred(run(url, Mode::Resume, None).await),
        "clean" => transferred(run(url, Mode::Clean, None).await),
        "abort" => match abort(url).await {
            None => "nothing is open".to_owned(),
            Some(report) => format!("closed: {}, {} violated", report.closed, report.violated.len()),
        },
        "verify" => {
            let report = Verify::new(Arc::new(good(200)), url.parse().unwrap()).run().await.unwrap();
            format!("ok: {}", report.ok)
        }
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_in_every_state() {
    let Some(scratch) = support::scratch() else { return };
    let whole = definitions(&database(scratch, "never begun").await).await;
    let mut walk = Vec::new();
    for state in STATES {
        walk.push(format!("{state}:"));
        for name in COMMANDS {
            let url = database(scratch, state).await;
            let outcome = command(&url, name).await;
            walk.push(format!("  {name}: {outcome}"));
            let status = migrator(false).status(&pool(&url).await).await.unwrap();
            if status.open_transfer.is_none() && name != "rollback" {
                assert_eq!(
                    definitions(&url).await,
                    whole,
                    "{state}, {name}: nothing is open, and something is missing"
                );
            }
            // Whatever it was: what is open can be ended, and then the data arrives.
            if name != "rollback" || status.open_transfer.is_some() {
                assert_eq!(command(&url, "clean").await, "Complete", "{state}, {name}");
                assert_eq!(definitions(&url).await, whole, "{state}, {name}");
            }
        }
    }
    insta::assert_snapshot!(walk.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn models_change_while_a_transfer_is_interrupted() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch, "half loaded").await;
    let error = migrator(true).run(&pool(&url).await).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("transfer 1 of ") && text.ends_with(": no migration runs under it"), "{text}");
    assert!(
        text.contains("(phase load); dropped and not yet restored: ") && text.contains(" and 9 more"),
        "{text}"
    );
    // Half of the people refer to teams and people that were not loaded.
    let report = abort(&url).await.unwrap();
    assert!(!report.closed && report.exit_code() == 1);
    let violated: Vec<String> = report.violated.iter().map(ToString::to_string).collect();
    assert_eq!(violated.len(), 1, "{violated:#?}");
    let expected = "foreign key people_team_fkey of people: 100 rows violate it, for example (team) = (";
    assert!(
        violated[0].starts_with(expected) && violated[0].ends_with(") is not in teams (id)"),
        "{violated:#?}"
    );
    assert_eq!(count(&url, "people").await, 100);
    // Once the rows are gone, the same command ends it, and everything else is free.
    execute(&url, "TRUNCATE people, phones, teams, badges").await;
    let report = abort(&url).await.unwrap();
    assert_eq!((report.closed, report.restored, abort(&url).await), (true, 1, None));
    assert_eq!(migrator(true).run(&pool(&url).await).await.unwrap().done.len(), 1);
    assert_eq!(command(&url, "transfer").await, "Complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_created_again_under_an_interrupted_transfer() {
    let Some(scratch) = support::scratch() else { return };
    for state in ["half loaded", "half restored"] {
        let url = database(scratch, state).await;
        let whole = definitions(&database(scratch, "never begun").await).await;
        execute(&url, &format!("{DOWN}; {DDL}")).await;
        // Not 38,000 rows that are refused one by one: the first half of the rows is gone.
        let error = run(&url, Mode::Resume, None).await.unwrap_err();
        assert!(error.starts_with("transfer 1 has written rows into people, phones"), "{error}");
        assert_eq!(command(&url, "clean").await, "Complete", "{state}");
        assert_eq!(definitions(&url).await, whole, "{state}");
        assert_eq!(command(&url, "verify").await, "ok: true");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_restored_by_hand_do_not_stop_a_transfer() {
    let Some(scratch) = support::scratch() else { return };
    for state in ["half loaded", "half restored"] {
        let url = database(scratch, state).await;
        let recorded = "SELECT restore[1] FROM whimbrel.dropped_objects WHERE restored_at IS NULL AND \
                        (name IN ('people_pkey', 'people_team_idx', 'people_age_check') \
                         OR EXISTS (SELECT FROM whimbrel.transfers WHERE phase = 'restore')) AND kind <> 'trigger'";
        for statement in texts(&url, recorded).await {
            execute(&url, &statement).await;
        }
        assert_eq!(command(&url, "resume").await, "Complete", "{state}");
        let whole = definitions(&database(scratch, "never begun").await).await;
        assert_eq!(definitions(&url).await, whole, "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_otherwise_is_left_alone_and_named() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch, "half restored").await;
    let other =
        "ALTER TABLE people ADD CONSTRAINT people_team_fkey FOREIGN KEY (boss) REFERENCES people (id)";
    execute(&url, other).await;
    let report = run(&url, Mode::Resume, None).await.unwrap();
    assert_eq!(
        report.not_restored,
        [
            "foreign key people_team_fkey of people: constraint \"people_team_fkey\" for relation \"people\" already exists (SQLSTATE 42710)"
        ]
    );
    assert_eq!(report.exit_code(), 1);
    // Somebody wants it like that: aborting names it once more, and closes the transfer.
    let report = abort(&url).await.unwrap();
    assert_eq!((report.closed, report.left.len(), report.exit_code()), (true, 1, 1));
    assert_eq!(command(&url, "status").await, "current: true, phase -, 0 dropped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_gone_does_not_stop_an_abort() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch, "half restored").await;
    execute(&url, "DROP TABLE phones").await;
    let report = abort(&url).await.unwrap();
    assert_eq!(
        report.left,
        ["foreign key phones_person_id_fkey of phones: relation \"phones\" does not exist (SQLSTATE 42P01)"]
    );
    assert!(report.closed);
}
