//! The table `stock.items`.

use rust_decimal::Decimal;
use whimbrel::Model;

#[derive(Debug, Clone, Model)]
#[model(schema = "stock")]
pub struct Items {
    #[column(primary_key, collate = "C")]
    pub sku: String,
    #[column(type = "numeric(12,2)", check = "price >= (0)::numeric")]
    pub price: Option<Decimal>,
    #[column(name = "In Stock")]
    pub in_stock: Option<i16>,
    #[column(name = "self")]
    pub self_: Option<i32>,
    #[column(generated = "(price * (2)::numeric)")]
    pub doubled: Option<Decimal>,
}
