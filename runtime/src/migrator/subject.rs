//! What the journal is told about a migration, wherever it comes from: a file, or the journal itself.

use std::time::Duration;

use crate::journal::{Entry, Event, NewEvent};
use crate::migration::{Direction, Migration};

/// A migration as the journal names it.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) version: i64,
    pub(super) name: String,
    link: String,
    up_checksum: String,
    down_checksum: String,
    schema_hash: String,
    down_sql: Option<String>,
}

/// How far a script got.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) transactional: bool,
    pub(super) statements: usize,
    pub(super) done: usize,
    pub(super) prefix_checksum: Option<String>,
    pub(super) duration: Option<Duration>,
    pub(super) error: Option<String>,
}

impl Subject {
    pub(super) fn of_migration(migration: &Migration) -> Self {
        Subject {
            version: migration.version,
            name: migration.name.to_string(),
            link: migration.link.to_string(),
            up_checksum: migration.up_checksum.to_string(),
            down_checksum: migration.down_checksum.to_string(),
            schema_hash: migration.schema_hash.to_string(),
            down_sql: Some(migration.down_sql.to_string()),
        }
    }

    /// As the journal knows it; the stored down SQL stays as it is.
    pub(super) fn of_entry(version: i64, entry: &Entry) -> Self {
        Subject {
            version,
            name: entry.name.clone(),
            link: entry.link.clone(),
            up_checksum: entry.up_checksum.clone(),
            down_checksum: entry.down_checksum.clone(),
            schema_hash: entry.schema_hash.clone(),
            down_sql: None,
        }
    }

    pub(super) fn file(&self, direction: Direction) -> String {
        direction.file(self.version, &self.name)
    }

    /// The row for an event. The down SQL is stored when something of the migration may be in the database from then
    /// on, so that it can be undone without files.
    pub(super) fn event<'a>(&'a self, event: Event, progress: &Progress) -> NewEvent<'a> {
        let stores = match event {
            Event::Started => !progress.transactional,
            Event::Finished | Event::Adopted | Event::Repaired => true,
            _ => false,
        };
        NewEvent {
            version: self.version,
            name: &self.name,
            event,
            link: &self.link,
            up_checksum: &self.up_checksum,
            down_checksum: &self.down_checksum,
            schema_hash: &self.schema_hash,
            transactional: progress.transactional,
            statements: progress.statements,
            statements_done: progress.done,
            prefix_checksum: progress.prefix_checksum.clone(),
            duration: progress.duration,
            error: progress.error.clone(),
            down_sql: self.down_sql.as_deref().filter(|_| stores),
        }
    }
}
