//! Every kind of change, run on a PostgreSQL server: up must give what creating the next schema directly gives,
//! down what creating the previous one gives, and then up again.

#[path = "acceptance/cases.rs"]
mod cases;
mod common;
#[path = "common/server.rs"]
mod server;

use cases::cases;

#[tokio::test]
async fn every_kind_of_change_there_and_back() {
    let Some(mut pair) = server::pair("cases").await else { return };
    let mut failed = Vec::new();
    let cases = cases();
    for case in &cases {
        // Either end may be the beginning, unless renames were declared for one direction.
        let there = server::there_and_back(&mut pair, &case.prev, &case.next, &case.renames.0).await;
        if let Err(error) = there {
            failed.push(format!("==== {}\n{error}", case.name));
        }
        if case.renames.0.is_empty() {
            let back = server::there_and_back(&mut pair, &case.next, &case.prev, &case.renames.0).await;
            if let Err(error) = back {
                failed.push(format!("==== {} (backwards)\n{error}", case.name));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {} cases failed\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[tokio::test]
async fn every_kind_of_change_as_pg_dump_sees_it() {
    let Some(mut pair) = server::pair("dumps").await else { return };
    if server::dump(&pair.urls[0]).is_none() {
        return whimbrel_scratch::skip(
            whimbrel_scratch::Need::Programs,
            "there is no pg_dump beside the server",
        );
    }
    let mut failed = Vec::new();
    let cases = cases();
    for case in &cases {
        let result = server::dumped_there_and_back(&mut pair, &case.prev, &case.next, &case.renames.0).await;
        if let Err(error) = result {
            failed.push(format!("==== {}\n{error}", case.name));
        }
    }
    assert!(failed.is_empty(), "{} of {} cases failed\n{}", failed.len(), cases.len(), failed.join("\n"));
}
