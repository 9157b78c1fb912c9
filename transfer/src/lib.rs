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
pub mod checkpoint;
mod connect;
pub mod copy;
pub mod copy_out;
pub mod digest;
pub mod encode;
pub mod error;
mod exclusive;
mod fields;
pub mod load;
pub mod outcome;
pub mod progress;
pub mod quarantine;
pub mod reject;
pub mod restore;
pub mod route;
pub mod run;
pub mod shape;
pub mod source;
pub mod split;
pub mod stop;
mod store;
#[cfg(feature = "terminal")]
pub mod terminal;
pub mod verify;

#[cfg(feature = "terminal")]
pub use terminal::main;
#[cfg(feature = "terminal")]
#[doc(hidden)]
pub use terminal::runner;

pub use digest::{Digest, DigestSum};
pub use error::TransferError;
pub use fields::Finding;
pub use outcome::{Outcome, TransferReport};
pub use reject::{RejectEntry, RejectFilter, Rejects, Retry, RetryReport, extended_json};
pub use run::abort::{Abort, AbortReport};
pub use run::{Mode, Transfer};
pub use stop::Stop;
