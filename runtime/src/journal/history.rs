//! From events to state. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What can happen to a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
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
    Adopted,
    /// A person decided what the database could not tell.
    Repaired,
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
    (Event::Adopted, "adopted"),
    (Event::Repaired, "repaired"),
];

impl Event {
    /// Whether something went wrong.
    pub fn is_failure(self) -> bool {
        matches!(self, Event::Failed | Event::RevertFailed)
    }

    /// The word in the journal.
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(event, _)| *event == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Event {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(event, _)| *event)
            .ok_or_else(|| format!("the event {word:?} is not known to this version of Whimbrel"))
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
pub struct Recorded {
    /// Its number: events of one database are in this order.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Which migration.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// What happened.
    pub event: Event,
    /// Hash of the migration and of all before it; empty if unknown.
    pub link: String,
    /// SHA-384 of the up file.
    pub up_checksum: String,
    /// SHA-384 of the down file.
    pub down_checksum: String,
    /// Hash of the schema after it; empty if unknown.
    pub schema_hash: String,
    /// Whether the file that ran, ran in one transaction.
    pub transactional: bool,
    /// How many statements that file has.
    pub statements: i32,
    /// How many of them had taken effect.
    pub statements_done: i32,
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
    /// The error, or what a person decided.
    pub error: Option<String>,
}

/// Where a migration stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing of it is in the database.
    Absent,
    /// It is applied.
    Applied,
    /// Its up file ran outside a transaction and did not reach its end.
    UpPartly(Failure),
    /// Its down file ran outside a transaction and did not reach its end.
    DownPartly(Failure),
}

impl Phase {
    /// Whether nothing of the migration is in the database.
    pub fn is_absent(&self) -> bool {
        *self == Phase::Absent
    }
}

/// How far a file got that ran outside a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub phase: Phase,
    /// Hash of the migration and of all before it, when it was applied; empty if unknown.
    pub link: String,
    /// SHA-384 of the up file that was applied.
    pub up_checksum: String,
    /// SHA-384 of the down file that is stored.
    pub down_checksum: String,
    /// Hash of the schema after it.
    pub schema_hash: String,
    /// The event that decided the phase.
    pub last: Recorded,
    /// Whether a run in a transaction was cut off, and so rolled back, since anything else happened.
    pub cut_off: bool,
}

/// The journal's events and what follows from them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct History {
    /// All events, oldest first.
    pub events: Vec<Recorded>,
    /// What follows from them, for each version that ever had one.
    pub versions: BTreeMap<i64, Entry>,
}

impl History {
    /// Derives the state from the events, which must be in the order of their ids.
    pub fn derive(events: Vec<Recorded>) -> Self {
        let mut versions: BTreeMap<i64, Entry> = BTreeMap::new();
        for event in &events {
            let entry = versions.entry(event.version).or_insert_with(|| Entry::new(event));
            entry.take(event);
        }
        History { events, versions }
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

impl Entry {
    fn new(event: &Recorded) -> Self {
        Entry {
            name: event.name.clone(),
            phase: Phase::Absent,
            link: event.link.clone(),
            up_checksum: event.up_checksum.clone(),
            down_checksum: event.down_checksum.clone(),
            schema_hash: event.schema_hash.clone(),
            last: event.clone(),
            cut_off: false,
        }
    }

    fn take(&mut self, event: &Recorded) {
        let failure = |in_flight| Failure {
            done: usize::try_from(event.statements_done).unwrap_or(0),
            in_flight,
            prefix_checksum: event.prefix_checksum.clone(),
        };
        let next = match event.event {
            Event::Finished | Event::Adopted => Phase::Applied,
            Event::Reverted => Phase::Absent,
            // A transaction that did not commit left nothing behind.
            Event::Started | Event::Failed | Event::RevertStarted | Event::RevertFailed
                if event.transactional =>
            {
                self.phase.clone()
            }
            Event::Started | Event::Progress => Phase::UpPartly(failure(true)),
            Event::Failed => Phase::UpPartly(failure(false)),
            Event::RevertStarted | Event::RevertProgress => Phase::DownPartly(failure(true)),
            Event::RevertFailed => Phase::DownPartly(failure(false)),
            Event::Repaired => match &self.phase {
                Phase::UpPartly(_) => Phase::UpPartly(failure(false)),
                Phase::DownPartly(_) => Phase::DownPartly(failure(false)),
                other => other.clone(),
            },
        };
        self.cut_off = event.transactional && matches!(event.event, Event::Started | Event::RevertStarted);
        if matches!(event.event, Event::Started | Event::Finished | Event::Adopted | Event::Repaired) {
            // A `started` in a transaction must not change what is known of an applied migration; it cannot
            // happen either, since only absent ones are started.
            self.name.clone_from(&event.name);
            self.link.clone_from(&event.link);
            self.up_checksum.clone_from(&event.up_checksum);
            self.down_checksum.clone_from(&event.down_checksum);
            self.schema_hash.clone_from(&event.schema_hash);
        }
        self.phase = next;
        self.last = event.clone();
    }
}
