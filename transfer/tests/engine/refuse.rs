//! What a transfer refuses to do, and how it says so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use whimbrel::Hint as _;
use whimbrel_syntax::model::{Column, ColumnType, Enum, QName, Table};
use whimbrel_transfer::Models;
use whimbrel_transfer::source::MemorySource;
use whimbrel_transfer::{Mode, Outcome, TransferError};

use crate::support::{self, count, database, definitions, good, transfer};

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_not_empty() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    support::execute(&url, "INSERT INTO teams VALUES (gen_random_uuid(), 'x'), (gen_random_uuid(), 'y')")
        .await;
    for mode in [Mode::Fresh, Mode::Resume] {
        let error = transfer(Arc::new(good(3)), &url).mode(mode).run().await.unwrap_err();
        assert!(matches!(error, TransferError::NotEmpty { .. }), "{error}");
        assert_eq!(error.to_string(), "the target tables must be empty before a transfer:\n  teams: 2 rows");
        assert!(error.hint().unwrap().contains("Mode::Clean"));
    }
    assert_eq!(count(&url, "teams").await, 2);
    let report = transfer(Arc::new(good(3)), &url).mode(Mode::Clean).run().await.unwrap();
    assert_eq!((report.outcome, count(&url, "teams").await), (Outcome::Complete, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_shape() {
    let Some(scratch) = support::scratch() else { return };
    let url = scratch.create_database("shape").unwrap();
    support::execute(
        &url,
        "CREATE TYPE mood AS ENUM ('good'); CREATE VIEW phones AS SELECT 1 AS x; \
         CREATE TABLE people (id uuid, team uuid, email text NOT NULL, age bigint, extra mood, badge text NOT NULL, \
         number int NOT NULL DEFAULT 1)",
    )
    .await;
    let column = |name: &str, ty: ColumnType| Column::new(name, ty);
    let mut people = Table::new(QName::public("people"));
    people.columns = vec![
        column("id", ColumnType::sql("uuid")),
        column("boss", ColumnType::sql("uuid")),
        column("email", ColumnType::sql("text")),
        column("age", ColumnType::sql("integer")),
        column("extra", ColumnType::enumeration(QName::public("mood"))),
    ];
    let mood = Enum { name: QName::public("mood"), labels: vec!["good".into(), "bad".into()], comment: None };
    let models = Models {
        tables: BTreeMap::from([(people.name.clone(), people)]),
        enums: BTreeMap::from([(mood.name.clone(), mood)]),
    };
    let error = transfer(Arc::new(good(3)), &url).models(models).run().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the target tables do not fit the transforms:\n  \
         table people, column boss: expected uuid, found no such column\n  \
         table people, column email: expected a column that may be NULL, found NOT NULL\n  \
         table people, column age: expected integer, found bigint\n  \
         table people, column extra: expected enum type mood with the label bad, found no such label\n  \
         table people, column badge: expected a value from Person (collection people), found NOT NULL without a default\n  \
         table phones: expected a table, found a view\n  \
         table teams: expected a table, found no table of that name"
    );
    // It looked, and left no trace.
    assert_eq!(count(&url, "pg_namespace WHERE nspname = 'whimbrel'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_with_nothing_in_common() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let mut source = MemorySource::new();
    source.add("Teams", [support::team(1)]);
    let error = transfer(Arc::new(source), &url).run().await.unwrap_err();
    assert_eq!(error.hint().unwrap(), "it has Teams; the transforms read people, teams");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_transfer_at_the_same_time() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let before = definitions(&url).await;
    let mut first = support::connect(&url).await;
    // What a migrator holds, and a transfer's first connection.
    let lock = format!("SELECT pg_advisory_lock({})", whimbrel::__private::lock::KEY);
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut first).await.unwrap();
    let wait = Duration::from_millis(300);
    let error = transfer(Arc::new(good(3)), &url).wait(wait).run().await.unwrap_err();
    assert!(
        error.to_string().starts_with("another transfer or migration is running on this database: process "),
        "{error}"
    );
    assert_eq!(definitions(&url).await, before);
    drop(first);
    let both = tokio::join!(
        transfer(Arc::new(good(200)), &url).jobs(2).run(),
        transfer(Arc::new(good(200)), &url).jobs(2).run()
    );
    // One of them loads; the other waits and then finds the tables full.
    let (won, lost) = match both {
        (Ok(report), Err(error)) | (Err(error), Ok(report)) => (report, error),
        other => panic!("{other:?}"),
    };
    assert_eq!(won.outcome, Outcome::Complete);
    assert!(matches!(lost, TransferError::NotEmpty { .. }), "{lost}");
    assert_eq!(count(&url, "people").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_continued() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let stop = support::StopAt::batch(1);
    let report = transfer(Arc::new(good(300)), &url)
        .stop(stop.stop.clone())
        .progress(stop.clone())
        .run()
        .await
        .unwrap();
    assert_eq!((report.outcome, report.exit_code()), (Outcome::Interrupted, 2));
    let error = transfer(Arc::new(good(300)), &url).run().await.unwrap_err();
    assert!(matches!(error, TransferError::Unfinished { .. }), "{error}");
    // A part of what it fills would leave the rest half loaded.
    let error = transfer(Arc::new(good(300)), &url).mode(Mode::Clean).only(["Team"]).run().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "transfer 1 has not ended, and it also fills people (Person), phones (Phone): they would be left half loaded"
    );
    // Another source, other transforms.
    let folder = tempfile::tempdir().unwrap();
    support::dump(folder.path(), &[("teams", vec![support::team(1)]), ("people", vec![])]);
    let resume = |source| transfer(source, &url).mode(Mode::Resume);
    let error = resume(support::open(folder.path())).run().await.unwrap_err();
    assert!(matches!(error, TransferError::OtherSource { .. }), "{error}");
    let mut fewer = whimbrel::__private::registry::transforms();
    fewer.retain(|spec| spec.model != "Phone");
    let error = resume(Arc::new(good(300))).transforms(fewer).run().await.unwrap_err();
    assert!(error.to_string().ends_with("collection people no longer fills phones (Phone)"), "{error}");
    let error = resume(Arc::new(good(300))).transforms(Vec::new()).run().await.unwrap_err();
    assert!(matches!(error, TransferError::NoTransforms), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_and_no_password_in_sight() {
    let target: sqlx::postgres::PgConnectOptions = "postgres://me:s3cret@127.0.0.1:1/db".parse().unwrap();
    let error = support::transfer_to(Arc::new(good(3)), target).run().await.unwrap_err();
    assert!(matches!(error, TransferError::Connect(_)), "{error}");
    assert!(!format!("{error} {error:?} {:?}", error.hint()).contains("s3cret"));
}

#[derive(Default)]
struct Notes(std::sync::Mutex<Vec<String>>);

impl whimbrel_transfer::progress::Progress for Notes {
    fn begin(&self, _: &[whimbrel_transfer::progress::Expected]) {}
    fn advance(&self, _: usize, _: whimbrel_transfer::progress::Counts) {}
    fn loaded(&self) {}
    fn step(&self, _: &str) {}
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
    fn end(&self) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_says_for_whom_and_deletes_nothing_that_came_meanwhile() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let notes = [Arc::new(Notes::default()), Arc::new(Notes::default())];
    let clean = |at: usize| {
        transfer(Arc::new(good(300)), &url).mode(Mode::Clean).progress(Arc::<Notes>::clone(&notes[at])).run()
    };
    let (won, lost) = match tokio::join!(clean(0), clean(1)) {
        (Ok(report), Err(error)) | (Err(error), Ok(report)) => (report, error),
        other => panic!("{other:?}"),
    };
    assert_eq!(won.outcome, Outcome::Complete);
    assert!(matches!(lost, TransferError::LoadedMeanwhile { id: 1, .. }), "{lost}");
    assert_eq!(count(&url, "people").await, 300);
    let said: Vec<String> = notes.iter().flat_map(|notes| notes.0.lock().unwrap().clone()).collect();
    let waiting = said.iter().find(|note| note.starts_with("waiting up to 15 s for process ")).unwrap();
    assert!(
        waiting.contains("(whimbrel transfer) of role ") && waiting.contains(", connected since 20"),
        "{waiting}"
    );
}
