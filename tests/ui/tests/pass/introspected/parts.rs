//! The table `parts`.

use whimbrel::Model;

use super::Lines;

#[derive(Debug, Clone, Model)]
#[model(foreign_key(columns(order_no, sku), references(Lines), on_update = "cascade"))]
pub struct Parts {
    #[column(default = "nextval('parts_id_seq'::regclass)")]
    pub id: i32,
    pub order_no: Option<i64>,
    pub sku: Option<String>,
}
