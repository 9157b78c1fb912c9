//! The table `customers`.

use chrono::{DateTime, Utc};
use sqlx::postgres::types::PgTimeTz;
use whimbrel::{Id, Model};

#[derive(Debug, Clone, Model)]
#[model(
    comment = "who \"buys\"",
    index(columns(tags), name = "by_tag", method = "gin"),
    index(columns(("lower(email::text)", opclass = "text_pattern_ops", desc)), name = "customers_lower_idx", where = "vip"),
    rls,
    policy(own, for = "select", using = "email::text = CURRENT_USER")
)]
pub struct Customers {
    #[column(default = "gen_random_uuid()")]
    pub id: Id<Customers>,
    #[column(type = "email", unique)]
    pub email: Option<String>,
    #[column(
        name = "displayName",
        type = "character varying(80)",
        check = "(\"displayName\")::text <> ''::text"
    )]
    pub display_name: String,
    #[column(default = "'{}'::text[]")]
    pub tags: Vec<String>,
    #[column(default = "now()")]
    pub changed: DateTime<Utc>,
    #[column(default = false)]
    pub vip: bool,
    #[column(type = "time with time zone")]
    pub opens: Option<PgTimeTz>,
}
