//! From events to state. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{MigrationRef, OpenTransfer};

/// What can happen to a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// Its up file begins to run.
    Started,
    /// Outside a transaction: a statement of the up file took effect.
    Progress,
    /// Its up file is applied.
    Finished,
    /// A statement of its up file failed.
    Failed,
    /// Its down file begins to run.
    RevertStarted,
    /// Outside a transaction: a statement of the down file took effect.
    RevertProgress,
    /// Its down file is applied: it is undone.
    Reverted,
    /// A statement of its down file failed.
    RevertFailed,
    /// It counts as applied without having run: the database was like that before.
    Baseline,
    /// [`Migrator::repair`](crate::Migrator::repair) recorded what the catalog does not tell.
    Repaired,
    /// Written by a newer program; it does not change what this one knows about the migration.
    Unknown,
}

/// All events with the words that stand for them in the journal.
const WORDS: [(Event, &str); 10] = [
    (Event::Started, "started"),
    (Event::Progress, "progress"),
    (Event::Finished, "finished"),
    (Event::Failed, "failed"),
    (Event::RevertStarted, "revert_started"),
    (Event::RevertProgress, "revert_progress"),
    (Event::Reverted, "reverted"),
    (Event::RevertFailed, "revert_failed"),
    (Event::Baseline, "adopted"),
    (Event::Repaired, "repaired"),
];

impl Event {
    /// Whether something went wrong.
    pub fn is_failure(self) -> bool {
        matches!(self, Event::Failed | Event::RevertFailed)
    }

    /// The word in the journal.
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(event, _)| *event == self).map_or("unknown", |(_, word)| word)
    }

    pub(crate) fn from_name(name: &str) -> Self {
        WORDS.iter().find(|(_, word)| *word == name).map_or(Event::Unknown, |(event, _)| *event)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Seconds with fractions.
pub(crate) fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

/// Seconds with fractions, or null.
pub(crate) fn optional_seconds<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs_f64()).serialize(serializer)
}

/// A row of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventRow {
    /// Its number: events of one database are in this order.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Which migration.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// What happened.
    pub event: Event,
    /// Whether the file that ran, ran in one transaction.
    pub transactional: bool,
    /// How many statements that file has.
    pub statements: usize,
    /// How many of them had taken effect.
    pub statements_done: usize,
    /// SHA-384 of the file's text up to the end of the last statement that took effect.
    pub prefix_checksum: Option<String>,
    /// How long it took since it was started; in JSON, `seconds`.
    #[serde(rename = "seconds", serialize_with = "optional_seconds")]
    pub duration: Option<Duration>,
    /// The database role.
    pub role: String,
    /// The host the program ran on.
    pub host: Option<String>,
    /// The program: `whimbrel 0.1.0`.
    pub tool_version: String,
    /// The error, or what was repaired.
    pub error: Option<String>,
}

/// Where a migration stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Nothing of it is in the database.
    Absent,
    /// It is applied.
    Applied,
    /// Its up file ran outside a transaction and did not reach its end.
    PartiallyApplied(Failure),
    /// Its down file ran outside a transaction and did not reach its end.
    PartiallyReverted(Failure),
}

impl Phase {
    /// Whether nothing of the migration is in the database.
    pub fn is_absent(&self) -> bool {
        *self == Phase::Absent
    }
}

/// How far a file got that ran outside a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// How many statements took effect.
    pub done: usize,
    /// Whether the next statement was under way when the program ended, so that its outcome is unknown.
    pub in_flight: bool,
    /// SHA-384 of the file up to the end of the last statement that took effect.
    pub prefix_checksum: Option<String>,
}

/// What the journal says about one migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MigrationState {
    /// The migration as it was applied last; its down checksum is that of the stored down SQL.
    #[serde(flatten)]
    pub migration: MigrationRef,
    /// Where it stands.
    pub phase: Phase,
    /// The event that decided the phase.
    pub last: EventRow,
    /// Whether a run in a transaction was interrupted, and so rolled back, since anything else happened.
    pub interrupted: bool,
}

/// The journal's events and what follows from them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct History {
    /// All events, oldest first.
    pub events: Vec<EventRow>,
    /// What follows from them, for each version that ever had one.
    pub versions: BTreeMap<i64, MigrationState>,
    /// The transfer of data that has begun and has not ended, if there is one.
    pub open_transfer: Option<OpenTransfer>,
}

impl History {
    /// Derives the state from the events, which must be in the order of their ids.
    pub fn derive(events: Vec<EventRow>) -> Self {
        let mut versions: BTreeMap<i64, MigrationState> = BTreeMap::new();
        for event in events.iter().filter(|event| event.event != Event::Unknown) {
            let entry = versions.entry(event.migration.version).or_insert_with(|| MigrationState::new(event));
            entry.apply(event);
        }
        History { events, versions, open_transfer: None }
    }

    /// The newest version of which something is in the database.
    pub fn newest_applied(&self) -> Option<i64> {
        self.versions.iter().rev().find(|(_, entry)| !entry.phase.is_absent()).map(|(version, _)| *version)
    }

    /// The phase of a version.
    pub fn phase(&self, version: i64) -> &Phase {
        self.versions.get(&version).map_or(&Phase::Absent, |entry| &entry.phase)
    }
}

impl MigrationState {
    fn new(event: &EventRow) -> Self {
        MigrationState {
            migration: event.migration.clone(),
            phase: Phase::Absent,
            last: event.clone(),
            interrupted: false,
        }
    }

    fn apply(&mut self, event: &EventRow) {
        let failure = |in_flight| Failure {
            done: event.statements_done,
            in_flight,
            prefix_checksum: event.prefix_checksum.clone(),
        };
        let next = match event.event {
            Event::Finished | Event::Baseline => Phase::Applied,
            Event::Reverted => Phase::Absent,
            // A transaction that did not commit left nothing.
            Event::Started | Event::Failed | Event::RevertStarted | Event::RevertFailed
                if event.transactional =>
            {
                self.phase.clone()
            }
            Event::Started | Event::Progress => Phase::PartiallyApplied(failure(true)),
            Event::Failed => Phase::PartiallyApplied(failure(false)),
            Event::RevertStarted | Event::RevertProgress => Phase::PartiallyReverted(failure(true)),
            Event::RevertFailed => Phase::PartiallyReverted(failure(false)),
            Event::Repaired => match &self.phase {
                Phase::PartiallyApplied(_) => Phase::PartiallyApplied(failure(false)),
                Phase::PartiallyReverted(_) => Phase::PartiallyReverted(failure(false)),
                other => other.clone(),
            },
            Event::Unknown => return,
        };
        self.interrupted =
            event.transactional && matches!(event.event, Event::Started | Event::RevertStarted);
        if matches!(event.event, Event::Started | Event::Finished | Event::Baseline | Event::Repaired) {
            // A `started` in a transaction must not change what is known of an applied migration; it cannot
            // happen either, since only absent ones are started.
            self.migration.clone_from(&event.migration);
        }
        self.phase = next;
        self.last = event.clone();
    }
}
