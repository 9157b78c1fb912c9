//! Every kind of change, run on a PostgreSQL server: up must give what creating the next schema directly gives,
//! down what creating the previous one gives, and then up again.

#[path = "acceptance/cases.rs"]
mod cases;
mod common;
#[path = "common/server.rs"]
mod server;

use server::View;

async fn every_kind_of_change(name: &str, view: View) {
    let Some(mut pair) = server::pair(name).await else { return };
    if view == View::Dump && server::dump(&pair.urls[0]).is_none() {
        return whimbrel_scratch::skip(
            whimbrel_scratch::Need::Programs,
            "there is no pg_dump beside the server",
        );
    }
    let mut failed = Vec::new();
    let cases = cases::cases();
    for case in &cases {
        let hints = &case.renames.0;
        let there = server::round_trip(&mut pair, view, &case.prev, &case.next, hints).await;
        failed.extend(there.err().map(|error| format!("==== {}\n{error}", case.name)));
        // Either end may be the beginning, unless renames were declared for one direction.
        if view == View::Catalog && hints.is_empty() {
            let back = server::round_trip(&mut pair, view, &case.next, &case.prev, hints).await;
            failed.extend(back.err().map(|error| format!("==== {} (backwards)\n{error}", case.name)));
        }
    }
    assert!(failed.is_empty(), "{} of {} cases failed\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[tokio::test]
async fn every_kind_of_change_round_trip() {
    every_kind_of_change("cases", View::Catalog).await;
}

#[tokio::test]
async fn every_kind_of_change_as_pg_dump_sees_it() {
    every_kind_of_change("dumps", View::Dump).await;
}
