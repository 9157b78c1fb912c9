//! What the models do not declare of the source's fields.

use std::sync::Arc;

use bson::rawdoc;
use whimbrel_transfer::source::MemorySource;
use whimbrel_transfer::{Finding, Mode, Outcome, TransferReport};

use crate::support::{self, StopAt, database, oid, transfer};

fn source() -> Arc<MemorySource> {
    let mut source = MemorySource::new();
    let team = |number: u32| {
        let name = format!("team {number}");
        match number % 10 {
            0 => rawdoc! { "_id": oid(number), "name": name, "colour": "red", "old": { "a": 1 } },
            _ => rawdoc! { "_id": oid(number), "name": name, "__v": 0 },
        }
    };
    source.add("teams", (0..200).map(team));
    source.add("people", (0..20).map(|n| rawdoc! { "_id": oid(1000 + n), "age": 1, "e-mail": "a" }));
    Arc::new(source)
}

fn lines(report: &TransferReport) -> Vec<String> {
    report.findings.iter().map(Finding::to_string).collect()
}

const ABSENT: [&str; 4] = [
    "people: no document has boss",
    "people: no document has email",
    "people: no document has phones",
    "people: no document has team",
];
const COLOUR: &str = "teams: no column reads colour (20 documents)";
const VERSION: &str = "teams: no column reads __v (180 documents)";

#[tokio::test(flavor = "multi_thread")]
async fn what_no_column_reads_is_a_finding_unless_it_is_declared() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let report = transfer(source(), &url).run().await.unwrap();
    assert_eq!((report.outcome, report.exit_code()), (Outcome::Complete, 1));
    assert_eq!(lines(&report), [&ABSENT[..], &[VERSION, COLOUR]].concat());

    let declared = ["__v", "colour", "boss", "email", "phones", "team"];
    let report = transfer(source(), &url).mode(Mode::Clean).ignore(declared).run().await.unwrap();
    assert_eq!((lines(&report), report.exit_code()), (vec![], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_transfer_counts_each_document_once() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let stop = StopAt::batch(2);
    let first = transfer(source(), &url).stop(stop.stop.clone()).progress(stop).run().await.unwrap();
    assert_eq!((first.outcome, lines(&first)), (Outcome::Interrupted, vec![]));
    let report = transfer(source(), &url).mode(Mode::Resume).run().await.unwrap();
    assert_eq!(lines(&report), [&ABSENT[..], &[VERSION, COLOUR]].concat());
    let again = transfer(source(), &url).mode(Mode::Resume).ignore(["__v"]).run().await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyComplete);
    assert_eq!(lines(&again), [&ABSENT[..], &[COLOUR]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_path_names_the_field_that_may_be_meant() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let mut source = MemorySource::new();
    source.add("teams", [rawdoc! { "_id": oid(1), "Name": "x" }, rawdoc! { "_id": oid(2), "naem": "y" }]);
    source.add("people", []);
    let report = transfer(Arc::new(source), &url).run().await.unwrap();
    assert_eq!(
        lines(&report),
        [
            "teams: no column reads Name (1 document)",
            "teams: no column reads naem (1 document)",
            "teams: no document has name; did you mean Name?",
        ],
        "and an empty collection says nothing of its fields"
    );
}
