//! One database with everything that is managed, and one with everything else.

mod common;

use common::{Database, Wanted, everything, text};
use whimbrel_schema::{State, plan};
use whimbrel_scratch::difference;

/// The objects that differ, or are on one side only.
fn differences(found: &State, wanted: &State) -> String {
    let lines = |state: &State| -> Vec<String> {
        let mut lines: Vec<String> =
            state.objects.values().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        lines.sort();
        lines
    };
    difference(&lines(wanted), &lines(found)).join("\n")
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

/// What becomes of each type of object that PostgreSQL names, in the words of `pg_identify_object`.
const TYPES: &[(&str, &[&str])] = &[
    (
        "managed",
        &[
            "aggregate",
            "cast",
            "collation",
            "composite type",
            "default acl",
            "extension",
            "function",
            "index",
            "materialized view",
            "materialized view column",
            "operator",
            "policy",
            "procedure",
            "rule",
            "schema",
            "sequence",
            "statistics object",
            "table",
            "table column",
            "table constraint",
            "text search configuration",
            "text search dictionary",
            "trigger",
            "type",
            "view",
            "view column",
        ],
    ),
    // Of the object that has it, and read with it.
    (
        "part",
        &["default value", "domain constraint", "toast table", "toast table column", "composite type column"],
    ),
    // Of what is named, and named with it.
    (
        "part of what is not managed",
        &[
            "foreign table column",
            "operator of access method",
            "function of access method",
            "publication relation",
            "publication namespace",
        ],
    ),
    (
        "named",
        &[
            "access method",
            "conversion",
            "event trigger",
            "foreign table",
            "foreign-data wrapper",
            "language",
            "operator class",
            "operator family",
            "publication",
            "server",
            "subscription",
            "text search parser",
            "text search template",
            "transform",
            "user mapping",
        ],
    ),
];

#[tokio::test]
async fn what_is_not_managed_is_named() {
    let Some(mut database) = everything("unmanaged").await else { return };
    let before = named(&mut database).await;
    assert_eq!(before, Vec::<String>::new());
    database.run(include_str!("sql/unmanaged.sql")).await.unwrap();
    let version = database.conn.server_version_num().unwrap() / 10_000;
    let mut newer = Vec::new();
    if version >= 18 {
        database.run(include_str!("sql/unmanaged_18.sql")).await.unwrap();
        newer.push("expression of an inherited column twice of computed_1");
        newer.push("name of a NOT NULL constraint called of named");
        newer.push("name of a NOT NULL constraint given of filled");
        newer.push("comment on a constraint called of named");
        newer.push("NOT NULL that is not validated named_b_not_null of named");
        newer.push("NOT NULL that is not inherited named_c_not_null of named");
    }
    let mut expected: Vec<&str> = include_str!("sql/unmanaged.txt").lines().chain(newer).collect();
    expected.sort_unstable();
    let mut found = named(&mut database).await;
    found.sort();
    assert_eq!(found, expected, "\n{}", found.join("\n"));
    // A type of object that is not in the list was not thought of.
    let sql = "SELECT DISTINCT (pg_identify_object(classid, objid, objsubid)).type::text FROM pg_depend
        WHERE objid >= 16384 AND classid <> 0 UNION SELECT DISTINCT (pg_identify_object(refclassid, refobjid, refobjsubid)).type
        FROM pg_depend WHERE refobjid >= 16384";
    let types: Vec<Option<String>> = sqlx::query_scalar(sql).fetch_all(&mut database.conn).await.unwrap();
    let known: Vec<&str> = TYPES.iter().flat_map(|(_, types)| types.iter().copied()).collect();
    let mut unknown: Vec<String> = types.into_iter().flatten().collect();
    unknown.retain(|ty| !known.contains(&ty.as_str()));
    unknown.sort();
    assert_eq!(unknown, Vec::<String>::new());
    database.run("ALTER SUBSCRIPTION feed SET (slot_name = NONE); DROP SUBSCRIPTION feed").await.unwrap();
}

async fn named(database: &mut Database) -> Vec<String> {
    let list = whimbrel::__private::introspect::not_managed(&mut database.conn, &[]).await.unwrap();
    let line = |it: whimbrel::__private::introspect::Unmanaged| {
        let table = it.table.map_or_else(String::new, |table| format!(" of {table}"));
        format!("{} {}{table}", it.kind, it.name)
    };
    list.into_iter().map(line).collect()
}
