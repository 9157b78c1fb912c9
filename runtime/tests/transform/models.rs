//! The models of these tests.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use whimbrel::bson::RawBsonRef;
use whimbrel::{Id, Json, Model, Newtype, PgEnum, Transform};

#[derive(Debug, Clone, Copy, PartialEq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum Stage {
    Open,
    ClosedWon,
}

#[derive(Newtype)]
pub struct Email(pub String);

#[derive(Model)]
#[model(table = "accounts")]
#[allow(dead_code)]
pub struct Account {
    id: Id<Account>,
}

#[derive(Model, Transform)]
#[source(collection = "opportunities", rename_all = "camelCase")]
#[allow(dead_code)]
pub struct Opportunity {
    #[source(field = "_id")]
    pub id: Id<Opportunity>,
    pub name: String,
    #[source(field = "account")]
    pub account_id: Id<Account>,
    #[source(default = Stage::Open)]
    pub stage: Stage,
    #[column(type = "numeric(14,2)")]
    pub amount: Option<Decimal>,
    pub created_at: DateTime<Utc>,
    #[source(field = "contact.email")]
    pub email: Option<Email>,
    #[source(default)]
    pub tags: Vec<String>,
    #[source(with = "yes_or_no")]
    pub is_active: bool,
    #[column(identity = "always")]
    pub number: i64,
    #[source(rest)]
    pub extra: Json,
}

fn yes_or_no(value: Option<RawBsonRef<'_>>) -> Result<bool, String> {
    match value {
        Some(RawBsonRef::String("yes")) => Ok(true),
        Some(RawBsonRef::String("no")) | None => Ok(false),
        other => Err(format!("{other:?} is neither yes nor no")),
    }
}

#[derive(Model, Transform)]
#[model(primary_key(opportunity_id, position))]
#[source(collection = "opportunities", each = "watchers")]
#[allow(dead_code)]
pub struct Watcher {
    #[source(parent = "_id")]
    pub opportunity_id: Id<Opportunity>,
    #[source(element)]
    pub user_id: Id<Account>,
    #[source(ordinal)]
    pub position: i32,
}

#[derive(Model, Transform)]
#[source(collection = "opportunities", each = "notes.list")]
#[allow(dead_code)]
pub struct Note {
    #[source(field = "_id")]
    pub id: Id<Note>,
    #[source(parent = "name")]
    pub opportunity: String,
    #[column(type = "varchar(5)")]
    pub text: String,
    #[source(field = "by.name", required)]
    pub by: Option<String>,
    #[source(rest)]
    pub extra: Option<Json>,
}

#[derive(Model, Transform)]
#[model(primary_key(order_id, position))]
#[source(collection = "partial", each = "lines")]
#[allow(dead_code)]
pub struct Line {
    #[source(parent = "_id")]
    pub order_id: i32,
    #[source(ordinal)]
    pub position: i32,
    pub product: Option<String>,
    #[source(field = "price.amount")]
    pub amount: Option<f64>,
}

#[derive(Model, Transform)]
#[source(collection = "legacy")]
#[allow(dead_code)]
pub struct Legacy {
    #[source(field = "_id", id = "integer")]
    pub id: Id<Legacy>,
    #[source(id = "text")]
    pub account: Option<Id<Account>>,
    #[source(id = "hex")]
    pub parent: Option<Id<Legacy>>,
    #[source(id = "text")]
    pub others: Option<Vec<Id<Account>>>,
    #[source(with = "first")]
    pub first: Option<i64>,
    #[column(type = "address")]
    #[source(with = "address")]
    pub address: Option<String>,
}

fn first(value: Option<RawBsonRef<'_>>) -> Result<Option<i64>, whimbrel::bson::error::Error> {
    match value {
        Some(RawBsonRef::Array(array)) => Ok(array.get(0)?.and_then(RawBsonRef::as_i64)),
        _ => Ok(None),
    }
}

fn address(value: Option<RawBsonRef<'_>>) -> Result<Option<String>, String> {
    Ok(value.and_then(RawBsonRef::as_str).map(str::to_owned))
}

#[derive(Model, Transform)]
#[source(collection = "partial")]
#[allow(dead_code)]
pub struct Partial {
    #[source(field = "a.x")]
    pub ax: Option<Json>,
    #[source(field = "a.y.z")]
    pub ayz: Option<Json>,
    pub b: Option<Json>,
    #[source(rest)]
    pub rest: Json,
}
