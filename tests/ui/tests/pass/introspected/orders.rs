//! The table `orders`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::types::PgRange;
use uuid::Uuid;
use whimbrel::{Id, Model};

use super::{Customers, OrderState};

#[derive(Debug, Clone, Model)]
#[model(
    unique(columns(customer_id, r#type), deferrable),
    check("(paid_by IS NOT NULL) OR (state <> 'closed'::\"OrderState\")"),
    foreign_key(columns(paid_by), references(Customers), name = "payer")
)]
pub struct Orders {
    #[column(primary_key, identity = "always")]
    pub no: i64,
    #[column(on_delete = "cascade")]
    pub customer_id: Id<Customers>,
    pub paid_by: Option<Uuid>,
    #[column(default = "'open'::\"OrderState\"")]
    pub state: OrderState,
    pub r#type: Option<String>,
    #[column(type = "json")]
    pub note: Option<Value>,
    #[column(type = "tstzrange")]
    pub during: Option<PgRange<DateTime<Utc>>>,
}
