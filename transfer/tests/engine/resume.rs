//! Interrupted anywhere, resumed, and the same in the end.

use std::sync::Arc;

use whimbrel_transfer::source::MemorySource;
use whimbrel_transfer::{Mode, Outcome};

use crate::support::{self, StopAt, contents, count, database, definitions, good, person, team, transfer};

/// Good and bad documents, so that every phase has something to do.
fn mixed() -> MemorySource {
    let mut source = good(400);
    source.add("people", [person(3), person(4)]);
    source.add("people", [bson::rawdoc! { "_id": 7, "age": 1 }]);
    source.add("people", [bson::rawdoc! { "_id": support::oid(1), "team": support::oid(88), "age": 1 }]);
    source.add("teams", [team(1)]);
    source
}

async fn uninterrupted(scratch: &whimbrel_scratch::Scratch) -> (Vec<String>, Vec<String>) {
    let url = database(scratch).await;
    let report = transfer(Arc::new(mixed()), &url).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    (contents(&url).await, definitions(&url).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_batch_and_with_other_jobs() {
    let Some(scratch) = support::scratch() else { return };
    let expected = uninterrupted(scratch).await;
    let url = database(scratch).await;
    let mut runs = 0;
    let mut mode = Mode::Fresh;
    loop {
        runs += 1;
        assert!(runs < 30, "it never ends");
        let stop = StopAt::batch(1);
        let report = transfer(Arc::new(mixed()), &url)
            .mode(mode)
            .jobs(1 + runs % 3)
            .stop(stop.stop.clone())
            .progress(stop.clone())
            .run()
            .await
            .unwrap();
        mode = Mode::Resume;
        if report.outcome == Outcome::Complete {
            break;
        }
        assert_eq!(report.outcome, Outcome::Interrupted);
    }
    assert!(runs > 4, "only {runs} runs");
    assert_eq!((contents(&url).await, definitions(&url).await), expected);
    // Once more: there is nothing left to do.
    let again = transfer(Arc::new(mixed()), &url).mode(Mode::Resume).run().await.unwrap();
    assert_eq!((again.outcome, again.exit_code(), again.loaded_rows), (Outcome::AlreadyComplete, 1, 0));
    assert_eq!(again.rejected(), 8, "{:?}", again.rejects);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_constraints_come_back() {
    let Some(scratch) = support::scratch() else { return };
    let expected = uninterrupted(scratch).await;
    for step in ["people_pkey", "teams_lower_name_idx", "quarantining", "people_boss_fkey", "trigger"] {
        let url = database(scratch).await;
        let stop = StopAt::step(step);
        let report = transfer(Arc::new(mixed()), &url)
            .stop(stop.stop.clone())
            .progress(stop.clone())
            .run()
            .await
            .unwrap();
        assert!(stop.stop.is_cancelled(), "{step} never came");
        assert_eq!(report.outcome, Outcome::Interrupted, "{step}");
        // The current step is finished first, and the trigger is the last one.
        assert_eq!(report.restored == report.dropped, step == "trigger", "{step}");
        let report = transfer(Arc::new(mixed()), &url).mode(Mode::Resume).run().await.unwrap();
        assert_eq!((report.outcome, report.resumed), (Outcome::Complete, true), "{step}");
        assert_eq!((contents(&url).await, definitions(&url).await), expected, "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn or_begun_again() {
    let Some(scratch) = support::scratch() else { return };
    let expected = uninterrupted(scratch).await;
    let url = database(scratch).await;
    for stop in [StopAt::batch(3), StopAt::step("people_boss_fkey")] {
        let report = transfer(Arc::new(mixed()), &url)
            .mode(Mode::Clean)
            .stop(stop.stop.clone())
            .progress(stop.clone())
            .run()
            .await
            .unwrap();
        assert_eq!(report.outcome, Outcome::Interrupted);
    }
    let report = transfer(Arc::new(mixed()), &url).mode(Mode::Clean).jobs(2).run().await.unwrap();
    assert_eq!((report.outcome, report.resumed), (Outcome::Complete, false));
    assert_eq!((contents(&url).await, definitions(&url).await), expected);
    assert_eq!(count(&url, "whimbrel.transfers WHERE phase = 'abandoned'").await, 2);
    assert_eq!(count(&url, "whimbrel.dropped_objects WHERE restored_at IS NULL").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_what_never_began_begins() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let report = transfer(Arc::new(good(5)), &url).mode(Mode::Resume).run().await.unwrap();
    assert_eq!((report.outcome, report.resumed), (Outcome::Complete, false));
    // Emptied by hand, the tables are a fresh start again; the rejects of what is gone are forgotten.
    support::execute(&url, "TRUNCATE teams, people, phones, badges").await;
    let report = transfer(Arc::new(good(5)), &url).mode(Mode::Resume).run().await.unwrap();
    assert_eq!((report.outcome, report.resumed), (Outcome::Complete, false));
    assert_eq!(count(&url, "people").await, 5);
}
