//! What arrives, and what comes back after it.

use std::sync::Arc;

use bson::rawdoc;
use whimbrel_transfer::Outcome;

use crate::support::{self, count, database, definitions, good, oid, texts, transfer};

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_and_everything_comes_back() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let before = definitions(&url).await;
    let report = transfer(Arc::new(good(501)), &url).jobs(3).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(report.exit_code(), 0);
    assert_eq!((report.rejected(), report.not_restored.len()), (0, 0));
    assert_eq!(report.loaded_rows, 3 + 501 + 751);
    assert_eq!(count(&url, "teams").await, 3);
    assert_eq!(count(&url, "people").await, 501);
    assert_eq!(count(&url, "phones").await, 751);
    // Every kind of object was away, the foreign key of a table that is not loaded included, and is back.
    assert_eq!((report.dropped, report.restored), (12, 12));
    assert_eq!(definitions(&url).await, before);
    let options = "pg_class WHERE relname = 'people_team_idx' AND reloptions = '{fillfactor=70}'";
    assert_eq!(count(&url, options).await, 1);
    // The trigger refuses inserts: it was away, and it is back.
    let refused = sqlx::query("INSERT INTO people (id, age, extra) VALUES (gen_random_uuid(), 1, '{}')")
        .execute(&mut support::connect(&url).await)
        .await;
    assert!(refused.unwrap_err().to_string().contains("no"));
    assert_eq!(count(&url, "people WHERE extra = '{\"nick\": \"x\"}'").await, 251);
    assert_eq!(count(&url, "whimbrel.transfers WHERE phase = 'done' AND finished_at IS NOT NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_source_is_passed_over_in_silence() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let mut source = whimbrel_transfer::source::MemorySource::new();
    source.add("teams", [support::team(1)]);
    source.add("secrets", [rawdoc! { "_id": 1 }]);
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(report.unread, ["secrets"]);
    assert_eq!(report.absent, ["people"]);
    assert_eq!(report.outcome, Outcome::Complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn sequences_go_on_after_the_loaded_values() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    // The engine's transforms do not write `number`; a serial column that they do write is moved on.
    support::execute(
        &url,
        "DROP TRIGGER people_refuse ON people; CREATE SEQUENCE ages; ALTER TABLE people ALTER age SET DEFAULT nextval('ages'); \
         ALTER SEQUENCE ages OWNED BY people.age",
    )
    .await;
    transfer(Arc::new(good(50)), &url).run().await.unwrap();
    assert_eq!(texts(&url, "SELECT nextval('ages')").await, ["50"]);
    let next = "INSERT INTO people (id, extra) VALUES (gen_random_uuid(), '{}') RETURNING number";
    let number: i64 = sqlx::query_scalar(next).fetch_one(&mut support::connect(&url).await).await.unwrap();
    assert_eq!(number, 51);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_depend_on_stays_and_is_named() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    support::execute(&url, "CREATE VIEW named AS SELECT id, name FROM teams GROUP BY id").await;
    let mut source = good(10);
    source.add("teams", [support::team(1)]);
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(report.not_dropped, ["primary key teams_pkey of teams"]);
    // The key that stayed refused the second team 1, and that poisoned nothing.
    assert_eq!(texts(&url, "SELECT code || ' ' || document_id FROM whimbrel.rejects").await.len(), 1);
    assert_eq!(
        texts(&url, "SELECT code || ' ' || document_id FROM whimbrel.rejects").await,
        [format!("duplicate_key {{\"$oid\":\"{}\"}}", oid(1))]
    );
    assert_eq!(count(&url, "teams").await, 3);
}
