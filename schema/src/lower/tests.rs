use super::*;
use crate::attr;
use crate::draft::{ColumnInfo, Target};
use crate::errors::Errors;
use crate::model::{ColumnType, Table};

fn parse(text: &str) -> Model {
    let input: syn::DeriveInput = syn::parse_str(text).unwrap();
    let (errors, source_errors) = (Errors::new(), Errors::new());
    let model = attr::model(&errors, &source_errors, &input).unwrap();
    let mut errors = errors.finish();
    errors.extend(source_errors.finish());
    assert!(errors.is_empty(), "{errors:?}");
    model
}

/// The table of a model whose columns are all `integer NOT NULL`, and whose targets are all `t(k, l)`.
fn assemble(text: &str) -> Table {
    let model = parse(text);
    let draft = table(&model);
    let info = ColumnInfo { ty: ColumnType::sql("integer"), nullable: false, references: None };
    let target = Target { table: QName::new("t"), columns: vec!["k".into(), "l".into()] };
    draft.assemble(&vec![info; draft.columns.len()], &vec![target; targets(&model).len()])
}

#[test]
fn names_come_from_the_struct() {
    let model =
        parse("#[model(rename_all = \"camelCase\")] struct HTTPServer { created_at: i32, r#type: i32 }");
    assert_eq!(table_name(&model), QName::new("http_server"));
    let columns: Vec<_> = model.fields.iter().map(|field| column_name(&model, field)).collect();
    assert_eq!(columns, ["createdAt", "type"]);
    let model = parse("#[model(table = \"T\", schema = \"s\")] struct M { #[column(name = \"X\")] a: i32 }");
    assert_eq!(table_name(&model), QName::in_schema("s", "T"));
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
        ty: ColumnType::sql("uuid"),
        nullable: false,
        references: Some((QName::new("m"), "id".into())),
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
    let table = QName::in_schema("s", "m");
    assert_eq!(hints.tables[&table], QName::in_schema("s", "old"));
    assert_eq!(hints.columns[&(table, "a".to_owned())], "x");
}

#[test]
fn labels_follow_the_case() {
    let input = syn::parse_str(
        r#"#[pg(rename_all = "snake_case", renamed_from = "p.old")]
           enum TaskStatus { InProgress, #[pg(rename = "Fertig", renamed_from = "done")] Done }"#,
    )
    .unwrap();
    let errors = Errors::new();
    let item = attr::pg_enum(&errors, &input).unwrap();
    assert!(errors.finish().is_empty());
    let found = enumeration(&item);
    assert_eq!(found.name, QName::new("task_status"));
    assert_eq!(found.labels, ["in_progress", "Fertig"]);
    let mut hints = Hints::default();
    enum_hints(&item, &mut hints);
    assert_eq!(hints.enums[&found.name], QName::in_schema("p", "old"));
    assert_eq!(hints.labels[&(found.name, "Fertig".to_owned())], "done");
}
