//! What the derives make of structs, enums and newtypes.

#![cfg(feature = "derive")]

use whimbrel::__private::column::Column;
use whimbrel::__private::registry;
use whimbrel::{Id, Json, Model, Newtype, PgEnum};
use whimbrel_schema::model::{Action, ColumnType, Expr, QName};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case", name = "Stage", schema = "crm", comment = "How far it is.")]
enum Stage {
    Prospecting,
    #[pg(rename = "won!")]
    ClosedWon,
}

#[derive(Debug, Clone, PartialEq, Newtype)]
struct Email(String);

#[derive(Debug, Clone, PartialEq, Newtype)]
struct Tags {
    list: Vec<String>,
}

type Maybe<T> = Option<T>;

#[derive(Model)]
#[model(schema = "crm", table = "accounts", unique(code, name), check(named, "name <> ''"))]
#[allow(dead_code)]
struct Account {
    id: Id<Account>,
    #[column(unique)]
    code: i32,
    name: String,
    email: Option<Email>,
    tags: Tags,
    parent_id: Option<Id<Account>>,
    #[column(name = "stageNow", default = "'won!'")]
    stage: Stage,
}

/// Whimbrel does not know it: only a declared type makes it a column.
#[allow(dead_code)]
struct Vector(Vec<f32>);

#[derive(Model)]
#[model(foreign_key(columns(code, name), references(Account(code, name)), on_delete = "cascade"))]
#[allow(dead_code)]
struct Note {
    #[column(primary_key, identity = "always")]
    number: i64,
    #[column(on_delete = "set_null")]
    account_id: Maybe<Id<Account>>,
    #[column(references(Account(code)))]
    account_code: i32,
    #[column(type = "vector(3)")]
    embedding: Maybe<Vector>,
    #[column(type = "char(3)", no_reference)]
    other: Id<Account>,
    code: i32,
    name: String,
    extra: Json,
}

#[test]
fn columns_have_the_types_of_their_fields() {
    let table = Account::definition();
    let column = |name| table.column(name).unwrap();
    assert_eq!(table.name, QName::in_schema("crm", "accounts"));
    assert_eq!(column("id").ty, ColumnType::sql("uuid"));
    assert_eq!(column("email").ty, ColumnType::sql("text"));
    assert!(!column("email").not_null && column("name").not_null);
    assert_eq!(column("tags").ty, ColumnType::sql("text").array_of());
    assert_eq!(column("stageNow").ty, ColumnType::enumeration(QName::in_schema("crm", "Stage")));
    assert_eq!(column("stageNow").default, Some(Expr::new("'won!'")));
    assert_eq!(Account::FIELDS[6], "stage");
    assert_eq!(Account::PRIMARY_KEY, ["id"]);
    assert_eq!(table.uniques.keys().collect::<Vec<_>>(), ["accounts_code_key", "accounts_code_name_key"]);
    assert_eq!(table.foreign_keys.keys().collect::<Vec<_>>(), ["accounts_parent_id_fkey"]);
}

#[test]
fn references_come_of_types_and_of_attributes() {
    let table = Note::definition();
    assert!(!table.column("embedding").unwrap().not_null, "an alias of Option is an Option");
    assert_eq!(table.column("embedding").unwrap().ty, ColumnType::sql("vector(3)"));
    assert_eq!(table.column("other").unwrap().ty, ColumnType::sql("character(3)"));
    let names: Vec<_> = table.foreign_keys.keys().collect();
    assert_eq!(names, ["note_account_code_fkey", "note_account_id_fkey", "note_code_name_fkey"]);
    let key = &table.foreign_keys["note_account_id_fkey"];
    assert_eq!((&key.references, key.on_delete), (&Account::qname(), Action::SetNull));
    assert_eq!(table.foreign_keys["note_account_code_fkey"].referenced_columns, ["code"]);
    assert_eq!(table.foreign_keys["note_code_name_fkey"].referenced_columns, ["code", "name"]);
}

#[test]
fn enums_read_and_write_their_labels() {
    assert_eq!(Stage::LABELS, ["prospecting", "won!"]);
    assert_eq!(Stage::ClosedWon.to_string(), "won!");
    assert_eq!("prospecting".parse(), Ok(Stage::Prospecting));
    let error = "lost".parse::<Stage>().unwrap_err();
    assert_eq!(error.to_string(), "`lost` is not one of the labels prospecting, won!");
    assert_eq!(serde_json::to_string(&Stage::ClosedWon).unwrap(), "\"won!\"");
    assert_eq!(serde_json::from_str::<Stage>("\"won!\"").unwrap(), Stage::ClosedWon);
    let error = serde_json::from_str::<Stage>("\"x\"").unwrap_err().to_string();
    assert!(error.contains("unknown variant `x`, expected `prospecting` or `won!`"), "{error}");
    assert_eq!(Stage::definition().comment.as_deref(), Some("How far it is."));
    assert_eq!(<Vec<Stage> as Column>::column_type(), Stage::column_type().array_of());
    let info = <Stage as sqlx::Type<sqlx::Postgres>>::type_info();
    assert_eq!(sqlx::TypeInfo::name(&info), "crm.\"Stage\"");
}

#[test]
fn everything_is_registered() {
    let models: Vec<_> = registry::models().iter().map(|model| model.name).collect();
    assert_eq!(models, ["Account", "Note"]);
    let enums: Vec<_> = registry::enums().iter().map(|item| item.name).collect();
    assert_eq!(enums, ["Stage"]);
    let schema = registry::schema();
    assert_eq!(schema.tables.len(), 2);
    assert_eq!(schema.enums.len(), 1);
}

#[test]
fn models_are_read_by_sqlx() {
    fn is_from_row<T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>>() {}
    is_from_row::<Account>();
}
