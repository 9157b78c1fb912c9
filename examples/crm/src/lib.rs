//! A small CRM that leaves MongoDB for PostgreSQL: the models of Whimbrel's demo and of this repository's own
//! `migrations/`.
//!
//! Five collections become seven tables: the watchers of an opportunity and the comments of a task are arrays in
//! the documents and tables here. [`dump`] writes a MongoDB dump of any size to try it with.

pub mod account;
pub mod contact;
pub mod dump;
pub mod opportunity;
pub mod task;
pub mod user;

pub use account::{Account, Industry};
pub use contact::Contact;
pub use opportunity::{Opportunity, OpportunityWatcher, Stage};
pub use task::{Task, TaskComment};
pub use user::{Email, Role, User};
