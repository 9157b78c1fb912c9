//! A small CRM that leaves MongoDB for PostgreSQL: the models of Whimbrel's demo and of this repository's own
//! `migrations/`.
//!
//! Five collections become seven tables: the watchers of an opportunity and the comments of a task are arrays in
//! the documents and tables here. [`dump`] writes a MongoDB dump of any size to try it with.

pub mod dump;
