//! What cannot become a row is kept, byte for byte, with its reason.

use std::sync::Arc;

use bson::{RawDocumentBuf, rawdoc};
use sqlx::Row;
use whimbrel::Hint as _;
use whimbrel_transfer::Outcome;
use whimbrel_transfer::digest::Digest;

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
    assert!(Digest::from_bytes(&row.get::<Vec<u8>, _>("row_digest")).is_some());
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
    assert!(error.hint().unwrap().contains("resume"));
    assert_eq!(count(&url, "people").await, 299);
    assert_eq!(count(&url, "teams").await, 3);
    // The source is repaired, and the transfer goes on where it was cut off.
    std::fs::write(&path, &whole).unwrap();
    let report = transfer(support::open(folder.path()), &url)
        .mode(whimbrel_transfer::Mode::Resume)
        .run()
        .await
        .unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!((report.loaded_rows, count(&url, "people").await), (1 + 2, 300));
}
