//! What happened: on the platform, and to its rows.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;
use whimbrel::{Id, Model};

use crate::property::Unit;

/// Something that happened on the platform, in a partition for each year.
#[derive(Debug, Model)]
#[model(table = "events", primary_key(id, occurred_at), partition_by(range(occurred_at)))]
#[model(partition(events_2025, from = "'2025-01-01 00:00:00+00'", to = "'2026-01-01 00:00:00+00'"))]
#[model(partition(events_2026, from = "'2026-01-01 00:00:00+00'", to = "'2027-01-01 00:00:00+00'"))]
#[model(partition(events_other, default))]
#[model(grant(insert, to = "estate_service"), grant(select, to = "estate_admin"))]
#[model(grant(select(id, occurred_at, kind), to = "estate_analytics"))]
#[model(index(columns(payload), method = "gin"))]
pub struct Event {
    #[column(default = "gen_random_uuid()")]
    pub id: Uuid,
    #[column(default = "now()")]
    pub occurred_at: DateTime<Utc>,
    pub kind: String,
    #[column(index)]
    pub unit_id: Option<Id<Unit>>,
    #[column(default = "'{}'")]
    pub payload: Value,
}

/// A change of a row, as the triggers of `audit` recorded it.
#[derive(Debug, Model)]
#[model(
    table = "audit_trail",
    view = "SELECT id, changed_at, role, actor, table_name, operation, old_row, new_row FROM audit_log",
    grant(select, to = "estate_admin")
)]
pub struct Change {
    pub id: i64,
    pub changed_at: DateTime<Utc>,
    /// The role in force: that of the login, or of `SET ROLE`.
    pub role: String,
    /// Whom the program did it for: `SET LOCAL app.actor = '…'`.
    pub actor: Option<String>,
    pub table_name: String,
    pub operation: String,
    pub old_row: Option<Value>,
    pub new_row: Option<Value>,
}
