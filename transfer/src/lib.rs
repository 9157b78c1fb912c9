//! The transfer engine: documents of an old system become rows of PostgreSQL at the speed of COPY, with proof.
//!
//! A transfer runs in phases, and each can be interrupted anywhere and resumed:
//!
//! 1. **Begin**: the target tables are compared with the transforms, the source is cut into parts, constraints
//!    and indexes are recorded and dropped; one transaction.
//! 2. **Load**: workers read parts, encode batches and send them by COPY. A batch's rows, its rejects and the
//!    part's checkpoint commit in one transaction.
//! 3. **Restore**: constraints and indexes are restored. Rows that violate them go to `whimbrel.rejects`.
//!
//! Its state is recorded in the target database, in the schema `whimbrel`. [`Abort`] gives an unfinished one up,
//! [`Retry`] inserts rejected rows after corrections.

mod budget;
mod checkpoint;
mod connect;
mod copy;
mod copy_out;
mod digest;
mod encode;
mod error;
mod exclusive;
mod fields;
mod load;
mod outcome;
pub mod progress;
mod quarantine;
mod reject;
mod restore;
mod route;
mod run;
mod shape;
pub mod source;
mod split;
mod statements;
mod store;
#[cfg(feature = "terminal")]
#[doc(hidden)]
pub mod terminal;
pub mod verify;

#[cfg(feature = "terminal")]
pub use terminal::main;
#[cfg(feature = "terminal")]
#[doc(hidden)]
pub use terminal::runner;

pub use error::TransferError;
pub use fields::Finding;
pub use outcome::{CollectionReport, Outcome, TransferReport};
pub use reject::{RejectEntry, RejectFilter, RejectSummary, Rejects, Retry, RetryReport, extended_json};
pub use run::abort::{Abort, AbortReport, Violation};
pub use run::{Mode, Transfer};
pub use shape::{Models, TableFinding};
/// What [`Transfer::stop`] takes: cancelled, it lets the current batch be finished, and the transfer can be resumed.
pub use tokio_util::sync::CancellationToken;
pub use verify::{Verify, VerifyError, VerifyReport};

/// What the benchmarks measure. Not part of the public interface.
#[doc(hidden)]
pub mod __bench {
    pub use crate::route::{Route, Selection, routes};
}
