//! The pure part of Whimbrel: annotated items become an intermediate representation, two of them become a list
//! of changes, the changes an ordered plan, the plan SQL text. No file, clock, network or database is touched
//! here; the same input gives the same bytes.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "parse")]
pub mod ast;
#[cfg(feature = "parse")]
pub mod attr;
#[cfg(feature = "parse")]
pub mod case;
pub mod chain;
#[cfg(feature = "parse")]
pub mod check;
pub mod draft;
#[cfg(feature = "parse")]
pub mod errors;
mod expand;
mod expr;
pub mod id;
#[cfg(feature = "parse")]
mod link;
#[cfg(feature = "parse")]
pub mod lower;
pub mod migration;
pub mod model;
pub mod name;
pub mod objects;
mod parts;
pub mod renames;
#[cfg(feature = "parse")]
pub mod rust;
#[cfg(feature = "parse")]
pub mod scan;
pub mod snapshot;
mod staged;
#[cfg(test)]
#[cfg(feature = "parse")]
mod testing;
mod trigger;
pub mod types;
pub mod validate;

pub use model::{QName, Schema};
pub use whimbrel_schema::lex;
