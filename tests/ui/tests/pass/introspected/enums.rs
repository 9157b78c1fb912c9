//! The enum types.

use whimbrel::PgEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(name = "OrderState", rename_all = "snake_case")]
pub enum OrderState {
    Open,
    #[pg(rename = "in progress")]
    InProgress,
    Closed,
}
