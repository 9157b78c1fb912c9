//! States of a database as objects that depend on each other, and the steps from one state to another.
//!
//! Pure: no file, clock, network or database is touched here; the same input gives the same bytes. [`catalog`] has the
//! queries that describe a database and puts a [`State`] together from their rows; [`plan()`](plan::plan) compares two
//! states. Each kind of object is a file of [`object`]; everything else is written against the list of kinds.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

pub mod body;
pub mod cast;
pub mod catalog;
pub mod change;
mod graph;
mod in_list;
mod kind;
pub mod lex;
pub mod merge;
pub mod name;
pub mod object;
pub mod pg_type;
pub mod plan;
pub mod privilege;
pub mod rename;
pub mod render;
pub mod snapshot;
pub mod state;
pub mod step;
pub mod unmanaged;
mod unnamed;

pub use change::{Change, changes};
pub use kind::{AclClass, Id};
pub use object::{Definition, Kind};
pub use plan::plan;
pub use state::{Entry, State};
pub use step::Step;
