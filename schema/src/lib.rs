//! The pure part of Whimbrel: annotated items become an intermediate representation, two of them become a list
//! of changes, the changes an ordered plan, the plan SQL text. No file, clock, network or database is touched
//! here; the same input gives the same bytes.

pub mod chain;
pub mod model;
pub mod name;
pub mod snapshot;

pub use model::{QName, Schema};
