//! The journal: an append-only table of what happened to the database, and the state derived from it.
//!
//! `whimbrel.journal` gets one row per event. Nothing is ever changed or removed: a trigger refuses it, since
//! revoked privileges would not bind the table's owner, and the owner is who runs migrations.

mod history;
mod open_transfer;
mod table;

pub(crate) use history::{Entry, Event, Failure, History, MigrationRef, MigrationState, Phase};
pub use open_transfer::OpenTransfer;
pub(crate) use open_transfer::read as read_open_transfer;
pub(crate) use table::{FORMAT, TOOL, append, find, read, stored_down_sql};
