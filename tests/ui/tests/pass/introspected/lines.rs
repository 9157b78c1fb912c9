//! The table `lines`.

use whimbrel::Model;

use super::{Items, Orders};

#[derive(Debug, Clone, Model)]
#[model(primary_key(order_no, sku))]
pub struct Lines {
    #[column(references(Orders))]
    pub order_no: i64,
    #[column(references(Items), deferrable = "initially_deferred")]
    pub sku: String,
    pub amount: i32,
}
