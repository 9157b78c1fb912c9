//! The table `log`.

use whimbrel::Model;

#[derive(Debug, Clone, Model)]
pub struct Log {
    #[column(name = "id")]
    pub id2: Option<i32>,
    pub message: String,
}
