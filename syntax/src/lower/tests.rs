use super::*;
use crate::attr;
use crate::draft::{ColumnInfo, Target};
use crate::testing::read;

fn parse(text: &str) -> Model {
    let (model, errors) = read(text, attr::model);
    assert!(errors.is_empty(), "{errors:?}");
    model.unwrap()
}

/// The table of a model whose columns are all `integer NOT NULL`, and whose targets are all `t(k, l)`.
fn assemble(text: &str) -> Table {
    let model = parse(text);
    let draft = table(&model);
    let info = ColumnInfo { ty: Some(ColumnType::sql("integer")), nullable: false, references: None };
    let target = Target { table: QName::public("t"), columns: vec!["k".into(), "l".into()] };
    draft.assemble(&vec![info; model.fields.len()], &vec![target; targets(&model).len()])
}

/// Every setting of a model, its indexes and columns, as it is read.
#[test]
fn every_setting_is_lowered() {
    let draft = table(&parse(
        r#"#[model(table = "t", schema = "s", primary_key(a, b), comment = "c", rename_all = "camelCase")]
           #[model(unique(a, b), unique(columns(a), name = "u", deferrable))]
           #[model(check(positive, "a > 0"), check("b > 0"))]
           #[model(foreign_key(columns(a, b), references(crate::m::Other(x, y)), name = "f",
                on_delete = "cascade", on_update = "restrict", deferrable = "initially_deferred"))]
           #[model(index(columns(a, b(desc, nulls = "last", opclass = "o", collate = "C"), "lower(c)",
                ("upper(c)", desc)), name = "i", unique, method = "gist", where = "a > 0", include(d)))]
           #[model(index(columns(a, b), order = "desc", nulls(first, last), opclass("x", "y")))]
           struct M {
               #[column(name = "n", type = "text", unique, index, default = "now()", check = "n > 0")]
               #[column(references(Other), on_delete = "set_null", on_update = "set_default", deferrable)]
               #[column(collate = "C", generated = "1", identity = "by_default", comment = "of a")]
               a: i32,
               #[column(default = -1.5, no_reference)] b: f64,
               #[column(default = true)] some_name: bool,
               r#type: i32,
           }"#,
    ));
    insta::assert_snapshot!(serde_json::to_string_pretty(&draft).unwrap());
}

/// What belongs to the table as a whole, with names that are quoted.
#[test]
fn relations_are_lowered() {
    let draft = table(&parse(
        r#"#[model(table = "T", schema = "S", rename_all = "camelCase", timestamps, soft_delete, audit)]
           #[model(rls(force), policy(own, for = "update", to = "b, a", using = "who = 'x'", check = "true"))]
           #[model(partition_by(hash(id)), partition(p, modulus = 1, remainder = 0))]
           #[model(grant(select, update(id, who), to = "s, r", with_grant_option), grant(select, to = "PUBLIC, r"))]
           struct M {
               id: i32, who: String, created_at: DateTime<Utc>, updated_at: DateTime<Utc>,
               deleted_at: Option<DateTime<Utc>>,
           }"#,
    ));
    insta::assert_snapshot!(serde_json::to_string_pretty(&draft).unwrap());
}

#[test]
fn names_come_from_the_struct() {
    let model =
        parse("#[model(rename_all = \"camelCase\")] struct HTTPServer { created_at: i32, r#type: i32 }");
    assert_eq!(table_name(&model), QName::public("http_server"));
    let columns: Vec<_> = model.fields.iter().map(|field| column_name(&model, field)).collect();
    assert_eq!(columns, ["createdAt", "type"]);
    let model = parse("#[model(table = \"T\", schema = \"s\")] struct M { #[column(name = \"X\")] a: i32 }");
    assert_eq!(table_name(&model), QName::new("s", "T"));
    assert_eq!(column_name(&model, &model.fields[0]), "X");
}

#[test]
fn id_is_the_primary_key_unless_another_is_declared() {
    let check = |text: &str, expect: &[&str]| {
        let model = parse(text);
        let found: Vec<_> = primary_key(&model).iter().map(|field| field.name()).collect();
        assert_eq!(found, expect, "{text}");
    };
    check("struct M { id: i32, a: i32 }", &["id"]);
    check("struct M { a: i32 }", &[]);
    check("struct M { id: i32, #[column(primary_key)] a: i32 }", &["a"]);
    check("#[model(primary_key(b, a))] struct M { id: i32, a: i32, b: i32 }", &["b", "a"]);
}

#[test]
fn objects_get_the_names_postgresql_gives() {
    let table = assemble(
        r#"#[model(unique(a, b), index(columns(a, b)), index(columns(b), include(a)), check("a > b"))]
           #[model(index(columns("lower(c)", a)), foreign_key(columns(a, b), references(T)))]
           struct M {
               #[column(unique, check = "a > 0")] a: i32,
               #[column(index, references(T(field)))] b: i32,
               id: i32,
           }"#,
    );
    assert_eq!(table.primary_key.as_ref().unwrap().name, "m_pkey");
    assert_eq!(table.uniques.keys().collect::<Vec<_>>(), ["m_a_b_key", "m_a_key"]);
    assert_eq!(table.checks.keys().collect::<Vec<_>>(), ["m_a_check", "m_check"]);
    assert_eq!(
        table.indexes.keys().collect::<Vec<_>>(),
        ["m_a_b_idx", "m_b_a_idx", "m_b_idx", "m_expr_a_idx"]
    );
    assert_eq!(table.foreign_keys.keys().collect::<Vec<_>>(), ["m_a_b_fkey", "m_b_fkey"]);
    assert_eq!(table.foreign_keys["m_a_b_fkey"].referenced_columns, ["k", "l"]);
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let table = assemble(
        r#"#[model(index(columns(a)), index(columns(a), where = "a > 0"), index(columns(b), name = "m_a_idx1"))]
           struct M { a: i32, b: i32 }"#,
    );
    assert_eq!(table.indexes.keys().collect::<Vec<_>>(), ["m_a_idx", "m_a_idx1", "m_a_idx2"]);
    assert!(table.indexes["m_a_idx2"].predicate.is_some());
}

#[test]
fn nulls_that_the_order_implies_are_left_out() {
    let table = assemble(
        r#"#[model(index(columns(a(desc, nulls = "first"), b(desc, nulls = "last"), c(nulls = "last"))))]
           struct M { a: i32, b: i32, c: i32 }"#,
    );
    let index = table.indexes.values().next().unwrap();
    let nulls: Vec<_> = index.keys.iter().map(|key| key.nulls_first).collect();
    assert_eq!(nulls, [None, Some(false), None]);
}

#[test]
fn a_models_own_key_refers_to_nothing() {
    let model = parse("struct M { id: Id<M>, parent: Id<M>, #[column(no_reference)] other: Id<M> }");
    let info = ColumnInfo {
        ty: Some(ColumnType::sql("uuid")),
        nullable: false,
        references: Some((QName::public("m"), "id".into())),
    };
    let table = table(&model).assemble(&vec![info; 3], &[]);
    assert_eq!(table.foreign_keys.keys().collect::<Vec<_>>(), ["m_parent_fkey"]);
}

#[test]
fn renames_are_hints() {
    let model = parse(
        r#"#[model(renamed_from = "old", schema = "s")]
           struct M { #[column(renamed_from = "x")] a: i32 }"#,
    );
    let mut hints = Hints::default();
    model_hints(&model, &mut hints);
    let table = QName::new("s", "m");
    assert_eq!(hints.tables[&table], QName::new("s", "old"));
    assert_eq!(hints.columns[&(table, "a".to_owned())], "x");
}

#[test]
fn labels_follow_the_case() {
    let (item, errors) = read(
        r#"#[pg(rename_all = "snake_case", renamed_from = "p.old")]
           enum TaskStatus { InProgress, #[pg(rename = "Fertig", renamed_from = "done")] Done }"#,
        |errors, _, input| attr::pg_enum(errors, input).unwrap(),
    );
    assert!(errors.is_empty());
    let found = enumeration(&item);
    assert_eq!(found.name, QName::public("task_status"));
    assert_eq!(found.labels, ["in_progress", "Fertig"]);
    let mut hints = Hints::default();
    enum_hints(&item, &mut hints);
    assert_eq!(hints.enums[&found.name], QName::new("p", "old"));
    assert_eq!(hints.labels[&(found.name, "Fertig".to_owned())], "done");
}
