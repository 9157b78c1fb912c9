//! One database with everything that is managed, and one with everything else.

mod common;

use common::{Database, Wanted, difference, text};
use whimbrel_schema::{State, plan};

const ROLES: &[&str] = &["test_reader", "test_writer", "test_owner"];

async fn everything(name: &str) -> Option<Database> {
    let mut database = Database::new(name).await?;
    common::roles(&mut database.conn, ROLES).await;
    let version = database.conn.server_version_num().unwrap() / 10_000;
    let parts = [
        (14, include_str!("sql/everything.sql")),
        (15, include_str!("sql/everything_15.sql")),
        (18, include_str!("sql/everything_18.sql")),
    ];
    for (since, sql) in parts {
        if version >= since {
            database.run(sql).await.unwrap();
        }
    }
    Some(database)
}

/// The objects that differ, or are on one side only.
fn differences(found: &State, wanted: &State) -> String {
    let lines = |state: &State| -> Vec<String> {
        let mut lines: Vec<String> =
            state.objects.values().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        lines.sort();
        lines
    };
    difference(&lines(found), &lines(wanted))
}

#[tokio::test]
async fn everything_is_made_from_nothing_and_dropped() {
    let Some(mut source) = everything("everything").await else { return };
    let mut copy = Database::new("everything_copy").await.unwrap();
    let (empty, wanted) = (Wanted::of(&mut copy).await, Wanted::of(&mut source).await);

    let up = plan(&empty.state, &wanted.state).unwrap();
    copy.apply(&up).await.unwrap();
    let found = copy.state().await;
    assert_eq!(differences(&found, &wanted.state), "", "{}", text(&up));
    wanted.check(&mut copy).await.unwrap();

    let down = plan(&wanted.state, &empty.state).unwrap();
    for database in [&mut copy, &mut source] {
        database.apply(&down).await.unwrap();
        assert_eq!(differences(&database.state().await, &empty.state), "");
        empty.check(database).await.unwrap();
    }
}
