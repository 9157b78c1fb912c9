//! The companies that are, or may become, customers.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use whimbrel::{Id, Json, Model, PgEnum, Transform};

use crate::user::User;

/// What a company does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum Industry {
    /// Ships and what they carry.
    Shipping,
    /// Food and drink.
    Food,
    /// Programs.
    Software,
    /// Everything else.
    #[pg(rename = "other")]
    Misc,
}

/// A company.
#[derive(Debug, Model, Transform)]
#[model(
    table = "accounts",
    comment = "Companies that are, or may become, customers",
    index(columns(name)),
    index(columns(tags), method = "gin"),
    index(columns(owner_id, created_at), order(asc, desc), include(name))
)]
#[source(collection = "crm_Accounts", rename_all = "camelCase")]
pub struct Account {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Account>,
    /// Its name.
    #[column(check = "name <> ''")]
    pub name: String,
    /// Who looks after it.
    #[column(on_delete = "restrict")]
    #[source(field = "owner")]
    pub owner_id: Id<User>,
    /// What it does.
    pub industry: Option<Industry>,
    /// Its page on the web.
    pub website: Option<String>,
    /// How many people work there.
    #[column(check = "employees >= 0")]
    pub employees: Option<i32>,
    /// What it earns in a year.
    #[column(type = "numeric(16,2)")]
    pub annual_revenue: Option<Decimal>,
    /// Street and number.
    #[source(field = "billing.street")]
    pub billing_street: Option<String>,
    /// Town.
    #[source(field = "billing.city")]
    pub billing_city: Option<String>,
    /// ISO 3166 code.
    #[column(type = "varchar(2)", comment = "ISO 3166-1 alpha-2")]
    #[source(field = "billing.country")]
    pub billing_country: Option<String>,
    /// Words to find it by.
    #[column(default = "'{}'")]
    #[source(default)]
    pub tags: Vec<String>,
    /// When it was founded.
    pub founded_on: Option<NaiveDate>,
    /// When it was entered.
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    /// What no other column takes.
    #[source(rest)]
    pub extra: Json,
}
