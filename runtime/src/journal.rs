//! The journal: an append-only table of what happened to the database, and the state derived from it.
//!
//! `whimbrel.journal` gets one row per event. Nothing is ever changed or removed: a trigger refuses it, since
//! revoked privileges would not bind the table's owner, and the owner is who runs migrations.

mod history;
mod migration_ref;
mod open_transfer;
mod table;

pub use history::{Event, EventRow, Failure, History, MigrationState, Phase};
pub(crate) use history::{optional_seconds, seconds};
pub use migration_ref::MigrationRef;
pub(crate) use migration_ref::Progress;
pub use open_transfer::OpenTransfer;
pub(crate) use open_transfer::read as read_open_transfer;
pub use table::ensure_schema;
pub(crate) use table::{TOOL, append, ensure, exists, read, stored_down_sql};
