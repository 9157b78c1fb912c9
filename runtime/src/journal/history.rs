//! From events to state. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::OpenTransfer;
use crate::migration::{Direction, Migration};

/// What can happen to a migration, by the words that stand in the journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Started,
    /// Outside a transaction: a statement of the up file took effect.
    Progress,
    Finished,
    Failed,
    RevertStarted,
    RevertProgress,
    Reverted,
    RevertFailed,
    /// It counts as applied without having run: the database was like that before.
    #[serde(rename = "adopted")]
    Baseline,
    /// [`Migrator::repair`](crate::Migrator::repair) recorded what the catalog does not tell.
    Repaired,
    /// Written by a newer program; it does not change what this one knows about the migration.
    #[serde(other)]
    #[default]
    Unknown,
}

/// A migration as the journal identifies it. Hashes are empty if they are not known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct MigrationRef {
    pub(crate) version: i64,
    pub(crate) name: String,
    /// Hash of the migration and of all before it.
    pub(crate) link: String,
    pub(crate) up_checksum: String,
    pub(crate) down_checksum: String,
    /// Hash of the schema after it.
    pub(crate) schema_hash: String,
}

impl From<&Migration> for MigrationRef {
    fn from(migration: &Migration) -> Self {
        MigrationRef {
            version: migration.version,
            name: migration.name.to_string(),
            link: migration.link.to_string(),
            up_checksum: migration.up_checksum.to_string(),
            down_checksum: migration.down_checksum.to_string(),
            schema_hash: migration.schema_hash.to_string(),
        }
    }
}

impl std::fmt::Display for MigrationRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}", self.version, self.name)
    }
}

impl MigrationRef {
    pub(crate) fn file(&self, direction: Direction) -> String {
        direction.file(self.version, &self.name)
    }
}

/// A row of the journal. The server sets what has a default, and [`append`](super::append) the host and the program.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(skip_serializing)]
    pub(crate) at: DateTime<Utc>,
    #[serde(skip_serializing)]
    pub(crate) role: String,
    #[serde(flatten)]
    pub(crate) migration: MigrationRef,
    pub(crate) event: Event,
    /// Whether the file that ran, ran in one transaction.
    pub(crate) transactional: bool,
    pub(crate) statements: usize,
    /// How many of them had taken effect.
    pub(crate) statements_done: usize,
    /// SHA-384 of the file's text up to the end of the last statement that took effect.
    pub(crate) prefix_checksum: Option<String>,
    /// How long it took since it was started.
    pub(crate) duration_us: Option<u64>,
    pub(crate) host: Option<String>,
    pub(crate) tool_version: String,
    /// The error, or what was repaired.
    pub(crate) error: Option<String>,
}

impl Entry {
    /// An event of a file that runs in one transaction.
    pub(crate) fn new(migration: MigrationRef, event: Event, statements: usize) -> Self {
        Entry { migration, event, transactional: true, statements, ..Entry::default() }
    }
}

/// Where a migration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing of it is in the database.
    Absent,
    Applied,
    /// Its file of this direction ran outside a transaction and did not reach its end.
    Partial(Direction, Failure),
}

impl Phase {
    /// How far the file of this direction got, if it did not reach its end.
    pub(crate) fn failure(&self, of: Direction) -> Option<&Failure> {
        match self {
            Phase::Partial(direction, failure) if *direction == of => Some(failure),
            _ => None,
        }
    }
}

/// How far a file got that ran outside a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How many statements took effect.
    pub(crate) done: usize,
    /// Whether the next statement was under way when the program ended, so that its outcome is unknown.
    pub(crate) in_flight: bool,
    /// SHA-384 of the file up to the end of the last statement that took effect.
    pub(crate) prefix_checksum: Option<String>,
}

/// What the journal says about one migration.
#[derive(Debug, Clone)]
pub(crate) struct MigrationState {
    /// The migration as it was applied last; its down checksum is that of the stored down SQL.
    pub(crate) migration: MigrationRef,
    pub(crate) phase: Phase,
    /// The event that decided the phase.
    pub(crate) last: Entry,
    /// Whether a run in a transaction was interrupted, and so rolled back, since anything else happened.
    pub(crate) interrupted: bool,
}

/// What follows from the journal's events.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// Each version that ever had one.
    pub(crate) versions: BTreeMap<i64, MigrationState>,
    /// The transfer of data that has begun and has not ended, if there is one.
    pub(crate) open_transfer: Option<OpenTransfer>,
}

impl History {
    /// Derives the state from the events, which must be in the order of their ids.
    pub(crate) fn derive(events: impl IntoIterator<Item = Entry>) -> Self {
        let mut history = History::default();
        for event in events.into_iter().filter(|event| event.event != Event::Unknown) {
            let state = history.versions.entry(event.migration.version).or_insert_with(|| MigrationState {
                migration: event.migration.clone(),
                phase: Phase::Absent,
                last: event.clone(),
                interrupted: false,
            });
            state.apply(event);
        }
        history
    }

    /// The migrations of which something is in the database, in ascending order of versions.
    pub(crate) fn present(&self) -> impl DoubleEndedIterator<Item = (i64, &MigrationState)> {
        self.versions
            .iter()
            .filter(|(_, state)| state.phase != Phase::Absent)
            .map(|(version, state)| (*version, state))
    }

    pub(crate) fn phase(&self, version: i64) -> &Phase {
        self.versions.get(&version).map_or(&Phase::Absent, |state| &state.phase)
    }
}

impl MigrationState {
    fn apply(&mut self, event: Entry) {
        let failure = Failure {
            done: event.statements_done,
            in_flight: !matches!(event.event, Event::Failed | Event::RevertFailed | Event::Repaired),
            prefix_checksum: event.prefix_checksum.clone(),
        };
        match (event.event, &self.phase) {
            (Event::Finished | Event::Baseline, _) => self.phase = Phase::Applied,
            (Event::Reverted, _) => self.phase = Phase::Absent,
            // A transaction that did not commit left nothing.
            (Event::Started | Event::Failed | Event::RevertStarted | Event::RevertFailed, _)
                if event.transactional => {}
            (Event::Started | Event::Progress | Event::Failed, _) => {
                self.phase = Phase::Partial(Direction::Up, failure);
            }
            (Event::RevertStarted | Event::RevertProgress | Event::RevertFailed, _) => {
                self.phase = Phase::Partial(Direction::Down, failure);
            }
            (Event::Repaired, &Phase::Partial(direction, _)) => {
                self.phase = Phase::Partial(direction, failure);
            }
            (Event::Repaired | Event::Unknown, _) => {}
        }
        self.interrupted =
            event.transactional && matches!(event.event, Event::Started | Event::RevertStarted);
        if matches!(event.event, Event::Started | Event::Finished | Event::Baseline | Event::Repaired) {
            // A `started` in a transaction must not change what is known of an applied migration; it cannot
            // happen either, since only absent ones are started.
            self.migration.clone_from(&event.migration);
        }
        self.last = event;
    }
}
