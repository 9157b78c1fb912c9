//! What becomes of the rows: a migration changes the schema around them, and they stay.

mod common;
#[path = "common/server.rs"]
mod server;

use common::{Renames, schema, table};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use whimbrel_syntax::migration::{Generated, create, generate};
use whimbrel_syntax::model::*;

async fn rows(conn: &mut PgConnection, query: &str) -> Vec<String> {
    let sql = format!("SELECT r::text FROM ({query}) r ORDER BY 1");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// Makes `prev`, puts rows in, and gives the migration to `next`.
async fn begin(
    conn: &mut PgConnection,
    prev: &Schema,
    next: &Schema,
    renames: Renames,
    insert: &str,
) -> Generated {
    server::reset(conn).await;
    server::run(conn, &create(prev).unwrap()).await.unwrap();
    server::run(conn, insert).await.unwrap();
    generate(prev, next, &renames.0).unwrap().unwrap()
}

#[tokio::test]
async fn a_recreated_enum_keeps_its_rows() {
    let Some(mut pair) = server::pair("rows_enum").await else { return };
    let conn = &mut pair.migrated;
    let with = |labels: &[&str], default: &str| {
        schema(
            &[("stage", labels)],
            &[table("t")
                .col("id", "integer")
                .col("s", &format!("enum stage not null default '{default}'::stage"))
                .col("list", "enum stage[]")
                .pk(&["id"])
                .index(&["s"])],
        )
    };
    let (prev, next) = (with(&["new", "old", "gone"], "new"), with(&["old", "open", "done"], "done"));
    let renames = Renames::default().label("stage", "new", "open");
    let insert = "INSERT INTO t VALUES (1, 'new', '{new,old}'), (2, 'old', NULL), (3, 'old', '{}')";
    let generated = begin(conn, &prev, &next, renames, insert).await;
    let query = "SELECT * FROM t";
    let before = rows(conn, query).await;
    server::run(conn, &generated.up_sql).await.unwrap();
    assert_eq!(rows(conn, query).await, ["(1,open,\"{open,old}\")", "(2,old,)", "(3,old,{})"]);
    assert_eq!(rows(conn, "SELECT id FROM t WHERE s > 'old'").await, ["(1)"]);
    server::run(conn, "INSERT INTO t (id) VALUES (4)").await.unwrap();
    // The way back meets a row with the label that it removes: it changes nothing and says which one.
    let error = server::run(conn, &generated.down_sql).await.unwrap_err();
    assert!(error.contains("invalid input value for enum stage: \"done\""), "{error}");
    server::run(conn, "DELETE FROM t WHERE id = 4").await.unwrap();
    server::run(conn, &generated.down_sql).await.unwrap();
    assert_eq!(rows(conn, query).await, before);
}

#[tokio::test]
async fn renames_keep_their_rows() {
    let Some(mut pair) = server::pair("rows_renames").await else { return };
    let conn = &mut pair.migrated;
    let make = |name: &str, column: &str| {
        schema(
            &[],
            &[table(name).col("id", "integer").identity(Identity::ByDefault).col(column, "text").pk(&["id"])],
        )
    };
    let renames = Renames::default().table("people", "users").column("users", "name", "title");
    let generated = begin(
        conn,
        &make("people", "name"),
        &make("users", "title"),
        renames,
        "INSERT INTO people (name) VALUES ('a'), ('b')",
    )
    .await;
    assert!(generated.data_loss.is_empty(), "{:?}", generated.data_loss);
    server::run(conn, &generated.up_sql).await.unwrap();
    server::run(conn, "INSERT INTO users (title) VALUES ('c')").await.unwrap();
    server::run(conn, &generated.down_sql).await.unwrap();
    assert_eq!(rows(conn, "SELECT * FROM people").await, ["(1,a)", "(2,b)", "(3,c)"]);
}

#[tokio::test]
async fn types_convert_their_values() {
    let Some(mut pair) = server::pair("rows_types").await else { return };
    let conn = &mut pair.migrated;
    let make = |types: [&str; 5]| {
        let mut build = table("t").col("id", "integer");
        for (name, ty) in ["a", "b", "c", "d", "e"].iter().zip(types) {
            build = build.col(name, ty);
        }
        schema(&[("k", &["x", "y"])], &[build])
    };
    let prev = make(["integer", "text", "text", "text", "boolean"]);
    let next = make(["bigint", "enum k", "text[]", "uuid", "integer"]);
    let insert = "INSERT INTO t VALUES (1, 7, 'x', 'one', '00000000-0000-0000-0000-000000000001', true), (2, NULL, NULL, NULL, NULL, NULL)";
    let generated = begin(conn, &prev, &next, Renames::default(), insert).await;
    let before = rows(conn, "SELECT * FROM t").await;
    server::run(conn, &generated.up_sql).await.unwrap();
    assert_eq!(
        rows(conn, "SELECT * FROM t").await,
        ["(1,7,x,{one},00000000-0000-0000-0000-000000000001,1)", "(2,,,,,)"]
    );
    server::run(conn, &generated.down_sql).await.unwrap();
    assert_eq!(rows(conn, "SELECT * FROM t").await, before);
}

#[tokio::test]
async fn a_narrower_type_refuses_instead_of_cutting() {
    let Some(mut pair) = server::pair("rows_narrow").await else { return };
    let conn = &mut pair.migrated;
    let make = |ty: &str| schema(&[], &[table("t").col("c", ty)]);
    for (from, to, value) in [
        ("text", "character varying(3)", "'abcdef'"),
        ("bigint", "integer", "3000000000"),
        ("numeric(10,2)", "numeric(4,2)", "12345.67"),
    ] {
        let insert = format!("INSERT INTO t VALUES ({value})");
        let generated = begin(conn, &make(from), &make(to), Renames::default(), &insert).await;
        let kinds: Vec<_> = generated.hazards.iter().map(|hazard| hazard.kind.word()).collect();
        assert!(kinds.contains(&"may fail"), "{from} to {to}: {kinds:?}");
        let before = rows(conn, "SELECT * FROM t").await;
        server::run(conn, &generated.up_sql).await.unwrap_err();
        assert_eq!(rows(conn, "SELECT * FROM t").await, before);
    }
}

#[tokio::test]
async fn what_is_lost_is_said() {
    let cut = |from: &str, to: &str| {
        let make = |ty: &str| schema(&[], &[table("t").col("c", ty)]);
        generate(&make(from), &make(to), &Hints::default()).unwrap().unwrap()
    };
    let rounded = cut("numeric(10,4)", "numeric(10,2)");
    assert_eq!(
        rounded.data_loss,
        ["up: converts t.c from numeric(10,4) to numeric(10,2), which cannot hold every value"]
    );
    assert!(rounded.up_sql.starts_with("-- whimbrel: data-loss: converts t.c from numeric(10,4)"));
    assert_eq!(cut("integer", "bigint").data_loss, [""; 0]);
    let two = schema(&[], &[table("a").col("c", "text").col("d", "text"), table("b").col("c", "text")]);
    let one = schema(&[], &[table("a").col("c", "text")]);
    let generated = generate(&two, &one, &Hints::default()).unwrap().unwrap();
    assert_eq!(
        generated.data_loss,
        ["up: drops column a.d and all its values", "up: drops table b and all its rows"]
    );
    assert_eq!(whimbrel_syntax::chain::data_loss(&generated.up_sql).len(), 2);
    assert_eq!(whimbrel_syntax::chain::data_loss(&generated.down_sql).len(), 0);
}

#[tokio::test]
async fn an_identity_goes_on_after_the_rows() {
    let Some(mut pair) = server::pair("rows_identity").await else { return };
    let conn = &mut pair.migrated;
    let plain = schema(&[], &[table("Weird t").col("The id", "integer").pk(&["The id"])]);
    let counting =
        schema(&[], &[table("Weird t").col("The id", "integer").identity(Identity::Always).pk(&["The id"])]);
    let insert = "INSERT INTO \"Weird t\" VALUES (1), (41)";
    let generated = begin(conn, &plain, &counting, Renames::default(), insert).await;
    server::run(conn, &generated.up_sql).await.unwrap();
    server::run(conn, "INSERT INTO \"Weird t\" DEFAULT VALUES").await.unwrap();
    assert_eq!(rows(conn, "SELECT * FROM \"Weird t\"").await, ["(1)", "(41)", "(42)"]);
}

#[tokio::test]
async fn not_null_without_a_value_for_the_rows_says_what_to_do() {
    let make = |build: common::Build| schema(&[], &[build]);
    let prev = make(table("t").col("id", "uuid"));
    let next = make(table("t").col("id", "uuid").col("n", "integer not null"));
    let generated = generate(&prev, &next, &Hints::default()).unwrap().unwrap();
    let hazard = &generated.hazards[0].message;
    assert!(
        hazard.starts_with("t may have rows, and t.n has no default") && hazard.contains("add one"),
        "{hazard}"
    );
    assert!(generated.up_sql.contains(&format!("-- may fail: {hazard}")), "{}", generated.up_sql);
}
