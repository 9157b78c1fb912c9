//! The demo's dump: what is good arrives, what is bad is kept with its reason, and nothing else happens.

use std::collections::BTreeMap;

use example_crm::dump::Dump;
use whimbrel_tests::example::Target;

#[tokio::test(flavor = "multi_thread")]
async fn every_document_becomes_what_its_writer_says() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let folder = tempfile::tempdir().unwrap();
    let written = Dump { documents: 20_000, bad: 200 }.write(folder.path()).unwrap();
    let target = Target::new(scratch, "crm").await.unwrap();

    let rows = written.rows.iter().map(|(table, rows)| (*table, *rows));
    target.arrives(folder.path(), rows).await.unwrap();
    let kept: Vec<(Option<String>, String, i64)> =
        sqlx::query_as(r#"SELECT "table", code, count(*) FROM whimbrel.rejects GROUP BY "table", code"#)
            .fetch_all(&target.pool)
            .await
            .unwrap();
    let kept: BTreeMap<_, _> =
        kept.into_iter().map(|(table, code, count)| ((table.unwrap_or_default(), code), count)).collect();
    let expected: BTreeMap<_, _> = written
        .rejects
        .iter()
        .map(|((table, code), count)| {
            (((*table).to_owned(), (*code).to_owned()), i64::try_from(*count).unwrap())
        })
        .collect();
    assert_eq!(kept, expected);
}
