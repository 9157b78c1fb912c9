//! The models of the README.

use chrono::{DateTime, Utc};
use whimbrel::{Id, Json, Model, PgEnum, Transform};

#[derive(PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum Stage {
    Prospecting,
    Negotiation,
    ClosedWon,
    ClosedLost,
}

#[derive(Model)]
#[model(table = "accounts")]
pub struct Account {
    pub id: Id<Account>,
}

#[derive(Model)]
#[model(table = "users")]
pub struct User {
    pub id: Id<User>,
}

#[derive(Model, Transform)]
#[model(table = "opportunities", index(columns(account_id, stage)))]
#[source(collection = "crm_Opportunities", rename_all = "camelCase")]
pub struct Opportunity {
    #[source(field = "_id")]
    pub id: Id<Opportunity>,
    pub name: String,
    #[column(on_delete = "cascade")]
    #[source(field = "account")]
    pub account_id: Id<Account>,
    pub stage: Stage,
    #[column(type = "numeric(14,2)", check = "amount >= 0")]
    pub amount: Option<rust_decimal::Decimal>,
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    #[source(rest)]
    pub extra: Json,
}

#[derive(Model, Transform)]
#[model(table = "opportunity_watchers", primary_key(opportunity_id, user_id))]
#[source(collection = "crm_Opportunities", each = "watchers")]
pub struct OpportunityWatcher {
    #[source(parent = "_id")]
    pub opportunity_id: Id<Opportunity>,
    #[source(element)]
    pub user_id: Id<User>,
    #[source(ordinal)]
    pub position: i32,
}

#[test]
fn it_works() {
    let table = Opportunity::definition();
    assert!(table.foreign_keys.contains_key("opportunities_account_id_fkey"));
    assert!(table.indexes.contains_key("opportunities_account_id_stage_idx"));
    assert_eq!(OpportunityWatcher::definition().foreign_keys.len(), 2);
}
