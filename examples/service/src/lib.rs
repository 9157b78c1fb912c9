//! A guest book: the smallest service that migrates its database when it starts.
//!
//! However many replicas start at once, one of them migrates, the others wait for it; with nothing to do, the look at
//! the journal costs one round trip.

use chrono::{DateTime, Utc};
use whimbrel::{Id, Migrator, Model, PgEnum};

/// The migrations, compiled into the program; their chain is checked while it is compiled.
pub static MIGRATOR: Migrator = whimbrel::embed!("migrations");

/// How a guest liked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum Mood {
    /// Well.
    Happy,
    /// Not at all.
    Cross,
}

/// A line of the guest book.
#[derive(Debug, Clone, Model)]
#[model(table = "greetings", index(columns(at)))]
pub struct Greeting {
    /// Its key.
    #[column(default = "gen_random_uuid()")]
    pub id: Id<Greeting>,
    /// Who was here.
    #[column(check = "guest <> ''")]
    pub guest: String,
    /// When.
    #[column(default = "now()")]
    pub at: DateTime<Utc>,
    /// How it was.
    pub mood: Option<Mood>,
}
