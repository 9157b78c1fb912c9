//! What was done, and what would be.

use std::time::Duration;

use serde::Serialize;
use whimbrel_schema::chain;

use super::execute::Ran;
use crate::journal::{MigrationRef, OpenTransfer};
use crate::migration::Direction;
use crate::redact::redact;
use crate::script::Script;

/// What a run did; empty if there was nothing to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The migrations that were applied or undone, in that order.
    pub done: Vec<Applied>,
    /// If there was nothing to do: the transfer of data that has begun and has not ended. What it dropped is missing.
    pub open_transfer: Option<OpenTransfer>,
}

/// A migration that was applied or undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Applied {
    /// Which way.
    pub direction: Direction,
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// How many statements its file has.
    pub statements: usize,
    /// How long it took; in JSON, `seconds`.
    #[serde(rename = "seconds", serialize_with = "crate::journal::seconds")]
    pub duration: Duration,
}

impl Applied {
    pub(super) fn new(direction: Direction, migration: &MigrationRef, ran: Ran) -> Self {
        let (version, name) = (migration.version, migration.name.clone());
        Applied { direction, version, name, statements: ran.statements, duration: ran.duration }
    }
}

/// What a run would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The files to run, in that order.
    pub steps: Vec<Step>,
}

/// A file to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// Which way.
    pub direction: Direction,
    /// The migration's version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// The file's text; of a down file, as it was stored when the migration was applied; secrets
    /// are masked.
    pub sql: String,
    /// How many statements it has.
    pub statements: usize,
    /// Whether it runs in one transaction.
    pub transactional: bool,
    /// What data it loses, as it says itself.
    pub data_loss: Vec<String>,
}

impl Step {
    pub(super) fn new(direction: Direction, version: i64, name: &str, sql: &str) -> Self {
        Step {
            direction,
            version,
            name: name.to_owned(),
            file: direction.file(version, name),
            sql: redact(sql),
            statements: Script::parse(sql).statements.len(),
            transactional: !chain::no_transaction(sql),
            data_loss: chain::data_loss(sql),
        }
    }
}
