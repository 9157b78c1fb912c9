//! The journal: an append-only table of what happened to the database, and the state derived from it.
//!
//! `whimbrel.journal` gets one row per event. Nothing is ever changed or removed: a trigger refuses it, since
//! revoked privileges would not bind the table's owner, and the owner is who runs migrations.

mod history;
mod table;

pub use history::{Entry, Event, Failure, History, Phase, Recorded};
pub(crate) use history::{optional_seconds, seconds};
pub use table::ensure_schema;
pub(crate) use table::{NewEvent, append, ensure, exists, read, stored_down_sql};
