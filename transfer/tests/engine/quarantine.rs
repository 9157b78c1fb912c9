//! Rows that violate a constraint go out, each with its document, and the constraints come back.

use std::sync::Arc;

use bson::rawdoc;
use whimbrel_transfer::Outcome;
use whimbrel_transfer::source::MemorySource;

use crate::support::{self, count, database, definitions, good, oid, person, team, texts, transfer};

const REJECTS: &str = "SELECT code || ' ' || \"table\" || ' ' || coalesce(ordinal::text, '-') || ' ' || (document_id::jsonb ->> '$oid') \
     || ' ' || reason FROM whimbrel.rejects ORDER BY code, \"table\", id";

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_keys_of_every_kind() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let before = definitions(&url).await;
    let mut source = good(100);
    // The same document twice, another person with a known email, a team whose name differs in case alone.
    source.add("people", [person(7)]);
    source.add("people", [rawdoc! { "_id": oid(5000), "email": "p8@example.org", "age": 1 }]);
    source.add("teams", [rawdoc! { "_id": oid(4), "name": "TEAM 1" }, rawdoc! { "_id": oid(5), "name": "" }]);
    source.add("teams", [rawdoc! { "_id": oid(6), "name": "" }]);
    let report = transfer(Arc::new(source), &url).jobs(2).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(definitions(&url).await, before);
    assert_eq!(count(&url, "people").await, 100);
    assert_eq!(count(&url, "phones").await, 150);
    // Empty names are outside of the partial index.
    assert_eq!(count(&url, "teams").await, 5);
    let rejects = texts(&url, REJECTS).await;
    assert_eq!(rejects.len(), 5, "{rejects:#?}");
    assert!(rejects.iter().all(|reject| reject.starts_with("duplicate_key ")));
    let quarantined: Vec<(&str, u64)> =
        report.quarantined.iter().map(|(table, rows)| (table.as_str(), *rows)).collect();
    assert_eq!(quarantined, [("people", 2), ("phones", 2), ("teams", 1)]);
    let seven = oid(1007).to_hex();
    let expect = |start: String, end: &str| {
        assert!(
            rejects.iter().any(|reject| reject.starts_with(&start) && reject.ends_with(end)),
            "{start}…{end} in {rejects:#?}"
        );
    };
    expect(
        format!("duplicate_key people - {seven} violates primary key people_pkey: another row has the key ("),
        ")",
    );
    expect(format!("duplicate_key phones 0 {seven} "), ", 0)");
    expect(format!("duplicate_key phones 1 {seven} "), ", 1)");
    expect("duplicate_key people - ".to_owned(), "(p8@example.org)");
    expect(
        "duplicate_key teams - ".to_owned(),
        "violates index teams_lower_name_idx: another row has the key (team 1)",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn check_violations() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let mut source = good(20);
    source.add("people", [rawdoc! { "_id": oid(1), "age": -5 }, rawdoc! { "_id": oid(2), "age": -1 }]);
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(count(&url, "people").await, 20);
    assert_eq!(
        texts(&url, REJECTS).await,
        [1, 2].map(|number| format!(
            "check_violation people - {} violates check constraint people_age_check: (age >= 0) does not hold",
            oid(number)
        ))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_references_and_what_hangs_on_them() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let before = definitions(&url).await;
    let mut source = good(30);
    // A chain of bosses: the first has a team that is not there, so all of them go, with their phones.
    source.add(
        "people",
        [
            rawdoc! { "_id": oid(1), "team": oid(77), "age": 1, "phones": ["1"] },
            rawdoc! { "_id": oid(2), "boss": oid(1), "age": 1 },
            rawdoc! { "_id": oid(3), "boss": oid(2), "age": 1, "phones": ["1", "2"] },
        ],
    );
    let report = transfer(Arc::new(source), &url).jobs(2).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(definitions(&url).await, before);
    assert_eq!((count(&url, "people").await, count(&url, "phones").await), (30, 45));
    let rejects = texts(&url, REJECTS).await;
    assert_eq!(rejects.len(), 6, "{rejects:#?}");
    assert!(rejects[0].starts_with(&format!(
        "bad_reference people - {} violates foreign key people_team_fkey: (team) = (",
        oid(1)
    )));
    assert!(rejects[0].ends_with(") is not in teams (id)"), "{}", rejects[0]);
    assert_eq!(report.quarantined.values().sum::<u64>(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_others_are_left_alone_and_named() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    transfer(Arc::new(good(10)), &url).run().await.unwrap();
    // A badge of somebody whom the next transfer does not bring.
    support::execute(&url, "INSERT INTO badges SELECT id, 'b' FROM people WHERE email = 'p9@example.org'")
        .await;
    let report = transfer(Arc::new(good(9)), &url).mode(whimbrel_transfer::Mode::Clean).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Incomplete);
    assert_eq!(report.exit_code(), 1);
    assert_eq!(report.not_restored.len(), 1, "{:?}", report.not_restored);
    assert!(
        report.not_restored[0].starts_with("foreign key badges_person_fkey of badges: "),
        "{:?}",
        report.not_restored
    );
    assert_eq!((report.dropped - report.restored, count(&url, "badges").await), (1, 1));
    assert_eq!(count(&url, "people").await, 9);
    // Once the badge is gone, resuming brings the last constraint back.
    support::execute(&url, "DELETE FROM badges").await;
    let report = transfer(Arc::new(good(9)), &url).mode(whimbrel_transfer::Mode::Resume).run().await.unwrap();
    assert_eq!((report.outcome, report.resumed), (Outcome::Complete, true));
    assert_eq!(report.dropped, report.restored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_traced_is_not_removed() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let stop = support::StopAt::step("restoring");
    let mut source = good(10);
    source.add("people", [rawdoc! { "_id": oid(1), "age": -5 }]);
    let first =
        transfer(Arc::new(source), &url).stop(stop.stop.clone()).progress(stop.clone()).run().await.unwrap();
    assert_eq!(first.outcome, Outcome::Interrupted);
    // Someone changes the source between the runs.
    let error =
        transfer(Arc::new(good(10)), &url).mode(whimbrel_transfer::Mode::Resume).run().await.unwrap_err();
    assert!(
        error.to_string().starts_with("1 of 1 rows that violate constraints were not found again"),
        "{error}"
    );
    assert_eq!(count(&url, "people").await, 11);
    assert_eq!(count(&url, "whimbrel.rejects").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nulls_are_no_duplicates_and_no_references() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let mut source = MemorySource::new();
    source.add("teams", [team(1)]);
    source.add(
        "people",
        (0..5).map(|number| rawdoc! { "_id": oid(number), "age": 1, "boss": bson::RawBson::Null }),
    );
    source.add("people", [rawdoc! { "_id": oid(9), "age": -1 }, rawdoc! { "_id": oid(4), "age": 1 }]);
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert_eq!(count(&url, "people WHERE email IS NULL AND boss IS NULL").await, 5);
    assert_eq!(report.rejected(), 2);
}
