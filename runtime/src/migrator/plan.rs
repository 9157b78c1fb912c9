//! What was done, and what would be.

use std::time::Duration;

use serde::Serialize;
use whimbrel_syntax::chain;

use super::execute::File;
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
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub duration: Duration,
}

impl Applied {
    pub(super) fn new(
        direction: Direction,
        migration: &MigrationRef,
        statements: usize,
        duration: Duration,
    ) -> Self {
        Applied { direction, version: migration.version, name: migration.name.clone(), statements, duration }
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

impl Plan {
    pub(super) fn of(files: &[File<'_>]) -> Self {
        let step = |file: &File<'_>| Step {
            direction: file.direction,
            version: file.migration.version,
            name: file.migration.name.clone(),
            file: file.migration.file(file.direction),
            sql: redact(&file.sql),
            statements: Script::parse(&file.sql).statements.len(),
            transactional: !chain::no_transaction(&file.sql),
            data_loss: chain::data_loss(&file.sql),
        };
        Plan { steps: files.iter().map(step).collect() }
    }
}

/// Seconds with fractions, or null.
pub(super) fn seconds<S: serde::Serializer>(
    duration: &(impl Into<Option<Duration>> + Copy),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*duration).into().map(|duration| duration.as_secs_f64()).serialize(serializer)
}
