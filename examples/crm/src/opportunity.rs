//! What may be sold to whom, and who wants to hear about it.

use chrono::{DateTime, Utc};
use whimbrel::{Id, Json, Model, PgEnum, Transform};

use crate::account::Account;
use crate::user::User;

/// How far a sale has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum Stage {
    /// Somebody is interested.
    Prospecting,
    /// There is an offer.
    Negotiation,
    /// Signed.
    ClosedWon,
    /// Not this time.
    ClosedLost,
}

/// Something that may be sold.
#[derive(Debug, Model, Transform)]
#[model(table = "opportunities", index(columns(account_id, stage)))]
#[source(collection = "crm_Opportunities", rename_all = "camelCase")]
pub struct Opportunity {
    /// uuid, primary key because it is named `id`.
    #[source(field = "_id")]
    pub id: Id<Opportunity>,
    /// text not null.
    pub name: String,
    /// uuid not null references accounts(id): the type says so.
    #[column(on_delete = "cascade")]
    #[source(field = "account")]
    pub account_id: Id<Account>,
    /// enum type `stage`.
    pub stage: Stage,
    /// What it is worth.
    #[column(type = "numeric(14,2)", check = "amount >= 0")]
    pub amount: Option<rust_decimal::Decimal>,
    /// When it was entered.
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    /// jsonb: every document field that no other column takes.
    #[source(rest)]
    pub extra: Json,
}

/// A user who wants to hear about an opportunity: one row per element of the document's array.
#[derive(Debug, Model, Transform)]
#[model(table = "opportunity_watchers", primary_key(opportunity_id, user_id))]
#[source(collection = "crm_Opportunities", each = "watchers")]
pub struct OpportunityWatcher {
    /// What is watched.
    #[source(parent = "_id")]
    pub opportunity_id: Id<Opportunity>,
    /// By whom.
    #[source(element)]
    pub user_id: Id<User>,
    /// The place in the array.
    #[source(ordinal)]
    pub position: i32,
}
