//! A transfer and its verification on the embedded server: one connection at a time, and no second one waiting.

use example_crm::dump::Dump;
use whimbrel_scratch::{Kind, Scratch, ScratchError};
use whimbrel_tests::example::Target;
use whimbrel_transfer::{Mode, Outcome};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_one_connection_is_enough() {
    let scratch = Scratch::embedded(env!("CARGO_BIN_EXE_whimbrel-embedded-postgres").as_ref()).unwrap();
    assert_eq!((scratch.kind(), scratch.max_connections()), (&Kind::Embedded, 1));
    assert!(matches!(scratch.create_database("second"), Err(ScratchError::OneDatabase(_))));
    let folder = tempfile::tempdir().unwrap();
    let written = Dump { documents: 20_000, bad: 200 }.write(folder.path()).unwrap();

    // Each step opens the one connection and closes it afterwards.
    let target = Target::at(scratch.url(), 1).await.unwrap();
    target.migrate().await.unwrap();
    target.pool.close().await;
    let report = target.transfer(folder.path(), Mode::Fresh, 1).await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete, "{report:?}");

    let target = Target::at(scratch.url(), 1).await.unwrap();
    for (table, rows) in &written.rows {
        assert_eq!(target.count(table).await.unwrap(), i64::try_from(*rows).unwrap(), "{table}");
    }
    let rejects: u64 = written.rejects.values().sum();
    assert_eq!(report.rejected(), i64::try_from(rejects).unwrap(), "{:?}", report.rejects);
    target.pool.close().await;
    let proof = target.verify(folder.path()).await.unwrap();
    assert!(proof.ok, "{proof:?}");
}
