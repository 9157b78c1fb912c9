//! What cannot become a row is kept, byte for byte, with its reason.

use std::sync::Arc;

use bson::raw::RawDocument;
use bson::{RawDocumentBuf, rawdoc};
use sqlx::Row;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{Context, RowError};
use whimbrel::Hint as _;
use whimbrel_transfer::Models;
use whimbrel_transfer::{Mode, Outcome, RejectFilter, Rejects, Retry, RetryReport};

use crate::support::{self, connect, count, database, good, oid, texts, transfer};

#[tokio::test(flavor = "multi_thread")]
async fn each_row_that_fails_is_kept_and_its_siblings_arrive() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let bad_age = rawdoc! { "_id": oid(1), "age": "old", "phones": ["1", 2, "3", true] };
    let no_id = rawdoc! { "age": 3 };
    let mut source = good(60);
    source.add("people", [bad_age.clone(), no_id.clone()]);
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    let rows = sqlx::query(
        "SELECT collection, document_id, \"table\", ordinal, path, code, document, row_digest FROM whimbrel.rejects ORDER BY id",
    )
    .fetch_all(&mut connect(&url).await)
    .await
    .unwrap();
    type Entry = (Option<String>, String, Option<i32>, Option<String>, String, Vec<u8>);
    let found: Vec<Entry> = rows
        .iter()
        .map(|row| {
            assert_eq!(row.get::<&str, _>("collection"), "people");
            let digest: Option<Vec<u8>> = row.get("row_digest");
            assert_eq!(digest.is_some(), row.get::<&str, _>("code") == "bad_reference");
            let text = |column: &str| row.get::<String, _>(column);
            (
                row.get("document_id"),
                text("table"),
                row.get("ordinal"),
                row.get("path"),
                text("code"),
                row.get("document"),
            )
        })
        .collect();
    let id = Some(format!("{{\"$oid\":\"{}\"}}", oid(1)));
    let entry =
        |id: &Option<String>, table: &str, ordinal, path: &str, code: &str, document: &RawDocumentBuf| {
            let path = (!path.is_empty()).then(|| path.to_owned());
            (id.clone(), table.to_owned(), ordinal, path, code.to_owned(), document.as_bytes().to_vec())
        };
    assert_eq!(
        found,
        [
            entry(&id, "people", None, "age", "type_mismatch", &bad_age),
            entry(&id, "phones", Some(1), "phones.1", "type_mismatch", &bad_age),
            entry(&id, "phones", Some(3), "phones.3", "type_mismatch", &bad_age),
            entry(&None, "people", None, "_id", "missing", &no_id),
            // The person failed, so the phones that arrived have nobody to belong to: the foreign key took them out.
            entry(&id, "phones", Some(0), "", "bad_reference", &bad_age),
            entry(&id, "phones", Some(2), "", "bad_reference", &bad_age),
        ]
    );
    assert_eq!(report.quarantined.get("phones"), Some(&2));
    assert_eq!(count(&url, "people").await, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_server_refuses_poisons_nothing() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    // An exclusion constraint stays in place while rows are loaded.
    support::execute(&url, "ALTER TABLE phones ADD EXCLUDE (number WITH =) WHERE (number LIKE 'x%')").await;
    let mut source = good(200);
    let shared = rawdoc! { "_id": oid(1), "age": 1, "phones": ["a", "x1", 5, "x1", "b"] };
    source.add("people", [shared.clone()]);
    source.add("people", (500..700).map(support::person));
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(count(&url, "people").await, 401);
    assert_eq!(count(&url, "phones").await, 600 + 3);
    let row = sqlx::query(
        "SELECT ordinal, code, reason, document, row_digest FROM whimbrel.rejects WHERE code = 'refused'",
    )
    .fetch_one(&mut connect(&url).await)
    .await
    .unwrap();
    // Element 2 failed by itself: the refused one is still counted as the fourth.
    assert_eq!(row.get::<i32, _>("ordinal"), 3);
    assert!(row.get::<&str, _>("reason").contains("phones_number_excl"), "{}", row.get::<&str, _>("reason"));
    assert_eq!(row.get::<Vec<u8>, _>("document"), shared.as_bytes());
    assert_eq!(row.get::<Vec<u8>, _>("row_digest").len(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_are_none_are_kept_as_they_are() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let folder = tempfile::tempdir().unwrap();
    support::dump(folder.path(), &[("teams", (1..=3).map(support::team).collect())]);
    // A document of the right length with an element of a type that does not exist.
    let mut broken = support::team(4).as_bytes().to_vec();
    broken[4] = 0x55;
    let mut bytes = std::fs::read(folder.path().join("teams.bson")).unwrap();
    bytes.extend_from_slice(&broken);
    bytes.extend_from_slice(support::team(5).as_bytes());
    std::fs::write(folder.path().join("teams.bson"), bytes).unwrap();
    let report = transfer(support::open(folder.path()), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(count(&url, "teams").await, 4);
    assert_eq!(report.rejects.len(), 1);
    assert_eq!((report.rejects[0].table.as_deref(), report.rejects[0].code.as_str()), (None, "malformed"));
    assert_eq!(report.collections[0].documents, 5);
    let kept = texts(&url, "SELECT encode(document, 'hex') FROM whimbrel.rejects").await;
    assert_eq!(kept, [broken.iter().map(|byte| format!("{byte:02x}")).collect::<String>()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_source_is_loaded_up_to_the_damage_and_said_so() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let folder = tempfile::tempdir().unwrap();
    support::dump(
        folder.path(),
        &[
            ("teams", (1..=3).map(support::team).collect()),
            ("people", (0..300).map(support::person).collect()),
        ],
    );
    let path = folder.path().join("people.bson");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let error = transfer(support::open(folder.path()), &url).run().await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("people") && text.contains("people.bson"), "{text}");
    assert!(error.hint().unwrap().contains("start again"));
    assert_eq!(count(&url, "people").await, 299);
    assert_eq!(count(&url, "teams").await, 3);
    // Another file could be another one before the damage, too.
    std::fs::write(&path, &whole).unwrap();
    let again = |mode| transfer(support::open(folder.path()), &url).mode(mode).run();
    let error = again(Mode::Resume).await.unwrap_err().to_string();
    assert!(error.starts_with("people has changed since transfer 1 began: it had "), "{error}");
    let report = again(Mode::Clean).await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!((count(&url, "teams").await, count(&url, "people").await), (3, 300));
}

/// Two people that the first models reject, one of them with phones that are missing, too.
fn rejected() -> (whimbrel_transfer::source::MemorySource, [RawDocumentBuf; 3]) {
    let documents = [
        rawdoc! { "_id": oid(1), "age": "41", "phones": ["1", "2"] },
        rawdoc! { "_id": oid(2), "age": 3, "team": oid(77), "boss": oid(1), "phones": ["3"] },
        rawdoc! { "_id": oid(3), "age": -1 },
    ];
    let mut source = good(20);
    source.add("people", documents.clone());
    (source, documents)
}

#[tokio::test(flavor = "multi_thread")]
async fn more_rejects_than_acceptable_are_exit_code_one() {
    let Some(scratch) = support::scratch() else { return };
    for (max, code) in [(Some(0), 1), (Some(5), 1), (Some(6), 0), (None, 0)] {
        let url = database(scratch).await;
        let report = transfer(Arc::new(rejected().0), &url).max_rejects(max).run().await.unwrap();
        assert_eq!((report.outcome, report.rejected()), (Outcome::Complete, 6));
        assert_eq!(report.exit_code(), code, "{max:?}");
        let text = whimbrel_transfer::terminal::render_transfer(&report);
        let last = text.lines().last().unwrap();
        assert!(last.contains("6 rejects in whimbrel.rejects, "), "{last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_fails_fast_stops_and_can_be_resumed() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let source = || {
        let mut source = good(10);
        source.add("people", (0..60).map(|number| rawdoc! { "_id": oid(number), "age": "x" }));
        source.add("people", (500..900).map(support::person));
        Arc::new(source)
    };
    let report = transfer(source(), &url).max_rejects(Some(30)).fail_fast(true).run().await.unwrap();
    assert_eq!((report.outcome, report.exit_code()), (Outcome::TooManyRejects, 1));
    assert!(count(&url, "people").await < 300);
    let resume = transfer(source(), &url).mode(whimbrel_transfer::Mode::Resume);
    let report = resume.max_rejects(Some(60)).fail_fast(true).run().await.unwrap();
    assert_eq!((report.outcome, report.exit_code()), (Outcome::Complete, 0));
    assert_eq!(count(&url, "people").await, 410);
}

/// What is rejected: number, code, table and array index.
async fn entries(url: &str) -> Vec<String> {
    texts(url, "SELECT concat_ws(' ', id, code, \"table\", ordinal) FROM whimbrel.rejects ORDER BY id").await
}

/// As if the model read ages from texts, too.
fn encode_corrected(
    document: &RawDocument,
    context: &Context<'_>,
    tuples: &mut TupleBuffer,
    errors: &mut Vec<RowError>,
) {
    let mut corrected = bson::Document::try_from(document).unwrap();
    if let Ok(age) = corrected.get_str("age").map(|age| age.parse::<i32>().unwrap()) {
        corrected.insert("age", age);
    }
    let corrected = RawDocumentBuf::try_from(&corrected).unwrap();
    (<crate::models::Person as whimbrel::Transform>::spec().encode)(&corrected, context, tuples, errors);
}

async fn retry(url: &str, filter: RejectFilter, corrected: bool) -> RetryReport {
    let mut transforms = whimbrel::__private::registry::transforms();
    if corrected {
        let person = transforms.iter_mut().find(|spec| spec.model == "Person").unwrap();
        let mut other = **person;
        other.encode = encode_corrected;
        *person = Box::leak(Box::new(other));
    }
    let retry = Retry::new(url.parse().unwrap()).models(transforms, Models::default()).only(filter);
    retry.run(&whimbrel_transfer::progress::Silent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_are_retried_after_corrections_and_nothing_is_doubled() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let (source, documents) = rejected();
    let definitions = support::definitions(&url).await;
    transfer(Arc::new(source), &url).run().await.unwrap();
    let before = entries(&url).await;
    assert_eq!(before.len(), 6, "{before:#?}");
    // Nothing is corrected: everything stays as it is.
    let report = retry(&url, RejectFilter::default(), false).await;
    assert_eq!((report.resolved, report.rejected, report.exit_code()), (0, 6, 1));
    assert_eq!(entries(&url).await, before);
    // The model is corrected: person 1 and the phones come, in whatever order; the team of person 2 is not there.
    let report = retry(&url, RejectFilter::default(), true).await;
    let rows: Vec<(&str, u64)> = report.rows.iter().map(|(table, rows)| (table.as_str(), *rows)).collect();
    assert_eq!((rows, report.resolved, report.rejected), (vec![("people", 1), ("phones", 2)], 3, 3));
    assert_eq!((count(&url, "people").await, count(&url, "phones").await), (21, 32));
    // The numbers and the documents stay, the reasons are new.
    let left = entries(&url).await;
    assert!(left.iter().all(|entry| before.contains(entry)), "{left:#?} of {before:#?}");
    let kept = texts(&url, "SELECT DISTINCT encode(document, 'hex') FROM whimbrel.rejects ORDER BY 1").await;
    let mut expected: Vec<String> = documents[1..]
        .iter()
        .map(|document| document.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    expected.sort();
    assert_eq!(kept, expected);
    // The team comes: one entry is chosen by its number, then the others follow.
    let late = "INSERT INTO teams SELECT substring(reason from '[(]team[)]=[(]([0-9a-f-]{36})[)]')::uuid, 'late' \
                FROM whimbrel.rejects WHERE \"table\" = 'people' AND code = 'bad_reference'";
    support::execute(&url, late).await;
    let number: i64 =
        texts(&url, "SELECT id FROM whimbrel.rejects WHERE \"table\" = 'people' AND code = 'bad_reference'")
            .await[0]
            .parse()
            .unwrap();
    let one = RejectFilter { ids: vec![number], ..RejectFilter::default() };
    assert_eq!(retry(&url, one, true).await.resolved, 1);
    let report = retry(&url, RejectFilter::default(), true).await;
    assert_eq!((report.resolved, report.rejected), (1, 1));
    assert_eq!((count(&url, "people").await, count(&url, "phones").await), (22, 33));
    assert_eq!(support::definitions(&url).await, definitions);
    let codes = texts(&url, "SELECT DISTINCT code FROM whimbrel.rejects").await;
    assert_eq!(codes, ["check_violation"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_are_listed_and_handed_out_byte_for_byte() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let target = url.parse().unwrap();
    let mut rejects = Rejects::connect(&target).await.unwrap();
    assert_eq!(rejects.list(&RejectFilter::default(), None).await.unwrap(), []);
    let (source, documents) = rejected();
    transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(rejects.list(&RejectFilter::default(), None).await.unwrap().len(), 6);
    assert_eq!(rejects.list(&RejectFilter::default(), Some(2)).await.unwrap().len(), 2);
    let mut filter = RejectFilter::default();
    (filter.table, filter.code) = (Some("people".into()), Some("type_mismatch".into()));
    let mut found = Vec::new();
    rejects.documents(&filter, |entry, document| found.push((entry.path, document.to_vec()))).await.unwrap();
    assert_eq!(found, [(Some("age".to_owned()), documents[0].as_bytes().to_vec())]);
    rejects.close().await;
}
