//! What is built and sold, and the papers about it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use whimbrel::{Id, Model, PgEnum};

use crate::user::User;

/// How far the sale of a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum UnitStatus {
    Planned,
    Available,
    Reserved,
    Sold,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum DocumentKind {
    FloorPlan,
    Permit,
    Contract,
}

/// What one company builds in one place.
#[derive(Debug, Model)]
#[model(table = "developments", timestamps, audit, rls)]
#[model(soft_delete(hidden_from = "estate_service, estate_developer"))]
#[model(policy(platform, to = "estate_service, estate_admin", using = "true"))]
#[model(policy(own, for = "select", to = "estate_developer", using = "company = current_user"))]
#[model(
    grant(select, insert, update, to = "estate_service, estate_admin"),
    grant(select, to = "estate_developer")
)]
#[model(index(columns(profile), method = "gin", opclass = "jsonb_path_ops"))]
pub struct Development {
    #[column(default = "gen_random_uuid()")]
    pub id: Id<Development>,
    #[column(check = "name <> ''")]
    pub name: String,
    #[column(index, comment = "The role that the company logs in as.")]
    pub company: String,
    #[column(default = "'{}'")]
    pub profile: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A flat, a shop, a place to park.
#[derive(Debug, Model)]
#[model(table = "units", timestamps, audit, rls, unique(development_id, label))]
#[model(soft_delete(hidden_from = "estate_service, estate_developer"))]
#[model(policy(platform, to = "estate_service, estate_admin", using = "true"))]
#[model(policy(
    own,
    to = "estate_developer",
    using = "EXISTS (SELECT FROM developments d WHERE d.id = development_id)"
))]
#[model(grant(select, insert, update, to = "estate_service, estate_admin"))]
#[model(grant(select, update(price, status), to = "estate_developer"))]
#[model(index(columns(features), method = "gin"))]
pub struct Unit {
    #[column(default = "gen_random_uuid()")]
    pub id: Id<Unit>,
    pub development_id: Id<Development>,
    pub label: String,
    #[column(default = "'planned'")]
    pub status: UnitStatus,
    #[column(type = "numeric(12,2)", check = "price > 0")]
    pub price: Option<Decimal>,
    #[column(default = "'{}'")]
    pub features: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A paper about a unit.
#[derive(Debug, Model)]
#[model(table = "documents", audit, rls, soft_delete(hidden_from = "estate_service, estate_developer"))]
#[model(policy(platform, to = "estate_service, estate_admin", using = "true"))]
#[model(policy(
    own,
    for = "select",
    to = "estate_developer",
    using = "kind <> 'contract' AND EXISTS (SELECT FROM units u WHERE u.id = unit_id)"
))]
#[model(
    grant(select, insert, update, to = "estate_service, estate_admin"),
    grant(select, to = "estate_developer")
)]
#[model(index(columns(content), method = "gin"))]
pub struct Document {
    #[column(default = "gen_random_uuid()")]
    pub id: Id<Document>,
    #[column(index, on_delete = "cascade")]
    pub unit_id: Id<Unit>,
    #[column(index)]
    pub uploaded_by: Option<Id<User>>,
    pub kind: DocumentKind,
    #[column(default = "'{}'")]
    pub content: Value,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A line of the dashboard: `REFRESH MATERIALIZED VIEW CONCURRENTLY sales` brings it up to date.
#[derive(Debug, Model)]
#[model(
    table = "sales",
    view = "SELECT d.id AS development_id, d.name, count(u.id) AS units,
        count(u.id) FILTER (WHERE u.status = 'sold') AS sold,
        sum(u.price) FILTER (WHERE u.status = 'sold') AS revenue
    FROM developments d LEFT JOIN units u ON u.development_id = d.id AND u.deleted_at IS NULL
    WHERE d.deleted_at IS NULL GROUP BY d.id",
    materialized(unique(development_id)),
    grant(select, to = "estate_admin, estate_analytics")
)]
pub struct Sales {
    pub development_id: Id<Development>,
    pub name: String,
    pub units: i64,
    pub sold: i64,
    pub revenue: Option<Decimal>,
}
