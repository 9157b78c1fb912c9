//! What the derives make of structs, enums and newtypes.

#![cfg(feature = "derive")]

use whimbrel::__private::column::Column;
use whimbrel::__private::registry;
use whimbrel::{Id, Json, Model, Newtype, PgEnum};

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
    #[column(type = "account_key", no_reference)]
    other: Id<Account>,
    code: i32,
    name: String,
    extra: Json,
}

#[test]
fn the_schema_is_what_types_and_attributes_say() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&registry::schema()).unwrap());
    assert_eq!(Account::FIELDS[6], "stage");
    assert_eq!(Account::PRIMARY_KEY, ["id"]);
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
}

#[test]
fn models_are_read_by_sqlx() {
    fn is_from_row<T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>>() {}
    is_from_row::<Account>();
}
