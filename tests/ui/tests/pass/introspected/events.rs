//! The table `events`.

use chrono::{DateTime, Utc};
use whimbrel::Model;

#[derive(Debug, Clone, Model)]
#[model(partition_by(range(at)))]
pub struct Events {
    pub at: DateTime<Utc>,
    pub what: Option<String>,
}
