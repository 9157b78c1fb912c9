//! A role's or a database's own timeouts are made for queries, not for moving a database.

use std::sync::Arc;

use whimbrel_transfer::{Mode, Outcome, Verify};

use crate::support::{self, StopAt, database, execute, good, texts, transfer};

#[tokio::test(flavor = "multi_thread")]
async fn neither_transfer_nor_verify_obeys_them() {
    let Some(scratch) = support::scratch() else { return };
    let url = database(scratch).await;
    let name = texts(&url, "SELECT current_database()").await.remove(0);
    execute(
        &url,
        &format!(
            "CREATE FUNCTION slow(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS \
             $$ BEGIN PERFORM pg_sleep(0.002); RETURN true; END $$; \
             ALTER TABLE people ADD CONSTRAINT people_slow CHECK (slow(age)); \
             ALTER DATABASE {name} SET statement_timeout = '100ms'; ALTER DATABASE {name} SET lock_timeout = '10ms'; \
             ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '20ms'; \
             ALTER DATABASE {name} SET idle_session_timeout = '50ms'"
        ),
    )
    .await;
    // Restoring the constraint takes 400 ms, in each of two runs.
    let stop = StopAt::step("people_slow");
    let first =
        transfer(Arc::new(good(200)), &url).stop(stop.stop.clone()).progress(stop).run().await.unwrap();
    assert_eq!(first.outcome, Outcome::Interrupted);
    let report = transfer(Arc::new(good(200)), &url).mode(Mode::Resume).jobs(2).run().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete);
    assert!(Verify::new(Arc::new(good(200)), url.parse().unwrap()).run().await.unwrap().ok);
}
