//! Where a database stands. Reads only.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use whimbrel_syntax::chain;

use super::Migrator;
use super::verify::{Divergence, applicable, applied};
use crate::error::Error;
use crate::journal::{self, Event, History, MigrationRef, MigrationState, OpenTransfer, Phase};
use crate::lock::connect;
use crate::migration::{Direction, Migration};

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Whether the database has a journal at all.
    pub journal: bool,
    /// All available migrations and all that are in the database, in the order of versions.
    pub migrations: Vec<MigrationStatus>,
    /// What the journal and the available migrations disagree on.
    pub divergences: Vec<Divergence>,
    /// The transfer of data that has begun and has not ended, if there is one.
    pub open_transfer: Option<OpenTransfer>,
}

/// Where one migration stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// Whether its files are available.
    pub local: bool,
    /// Whether the available down file differs from the stored one, which is the one that would run.
    pub down_changed: bool,
    /// What undoing it loses, as its available down file says.
    pub data_loss: Vec<String>,
    /// When the last event happened.
    pub at: Option<DateTime<Utc>>,
    /// How long it took; in JSON, `seconds`.
    #[serde(rename = "seconds", serialize_with = "super::plan::seconds")]
    pub duration: Option<Duration>,
    /// The database role that did it.
    pub role: Option<String>,
    /// The host it was done from.
    pub host: Option<String>,
    /// The version of Whimbrel that did it.
    pub tool_version: Option<String>,
    /// The error of the last attempt, if that is the last event.
    pub error: Option<String>,
    /// Hash of the schema after it; empty if unknown.
    pub schema_hash: String,
}

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It was never applied.
    Pending,
    /// It is applied.
    Applied,
    /// It counts as applied without having run.
    Baseline,
    /// It was applied and undone again.
    Reverted,
    /// It failed; nothing of it is in the database.
    Failed,
    /// It was interrupted; nothing of it is in the database.
    Interrupted,
    /// It ran outside a transaction and did not reach its end: it is applied in part. The next run goes on.
    PartiallyApplied,
    /// Undoing it did not reach its end: it is undone in part. The next rollback goes on.
    PartiallyReverted,
}

impl State {
    /// Whether the next run has something to do for it.
    pub fn is_pending(self) -> bool {
        !matches!(self, State::Applied | State::Baseline)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            State::Pending => "pending",
            State::Applied => "applied",
            State::Baseline => "baseline",
            State::Reverted => "reverted",
            State::Failed => "failed",
            State::Interrupted => "interrupted",
            State::PartiallyApplied => "partially applied",
            State::PartiallyReverted => "partially reverted",
        })
    }
}

impl Status {
    /// Whether everything is applied, nothing disagrees, and no transfer is open.
    pub fn is_current(&self) -> bool {
        self.open_transfer.is_none()
            && self.divergences.is_empty()
            && !self.migrations.iter().any(|one| one.state.is_pending())
    }
}

impl Migrator {
    /// Where the database stands. Writes nothing, creates nothing, takes no lock; works without a journal, too.
    pub async fn status(&self, pool: &PgPool) -> Result<Status, Error> {
        let mut connection = connect(pool).await?;
        let history = journal::find(&mut connection).await?;
        let mut status = self.status_of(history);
        if !status.journal {
            status.open_transfer = journal::read_open_transfer(&mut connection).await?;
        }
        Ok(status)
    }

    /// The migrations that lead to where the database stands, of those that are available.
    #[doc(hidden)]
    pub async fn applied(&self, pool: &PgPool) -> Result<Vec<Migration>, Error> {
        let history = journal::find(&mut *connect(pool).await?).await?.unwrap_or_default();
        Ok(applied(&self.migrations, &history).into_iter().cloned().collect())
    }

    fn status_of(&self, history: Option<History>) -> Status {
        let journal = history.is_some();
        let history = history.unwrap_or_default();
        let applicable = applicable(&self.migrations, &history);
        let local = applicable.iter().map(|one| one.version);
        let versions: BTreeSet<_> = local.chain(history.present().map(|(version, _)| version)).collect();
        let status = |version| {
            let migration = applicable.iter().copied().find(|one| one.version == version);
            migration_status(version, migration, history.versions.get(&version))
        };
        Status {
            journal,
            migrations: versions.into_iter().map(status).collect(),
            divergences: self.divergences(&history),
            open_transfer: history.open_transfer.clone(),
        }
    }
}

fn migration_status(
    version: i64,
    migration: Option<&Migration>,
    entry: Option<&MigrationState>,
) -> MigrationStatus {
    let last = entry.map(|entry| &entry.last);
    let stored = entry.map(|entry| &entry.migration);
    let local = migration.map(MigrationRef::from);
    let changed = local.as_ref().map(|one| &one.down_checksum) != stored.map(|one| &one.down_checksum);
    let in_database = entry.is_some_and(|entry| entry.phase != Phase::Absent);
    let MigrationRef { name, schema_hash, .. } = local.or_else(|| stored.cloned()).unwrap_or_default();
    MigrationStatus {
        version,
        name,
        state: state(entry),
        local: migration.is_some(),
        down_changed: migration.is_some() && in_database && changed,
        data_loss: migration.map(|one| chain::data_loss(&one.down_sql)).unwrap_or_default(),
        at: last.map(|last| last.at),
        duration: last.and_then(|last| last.duration_us).map(Duration::from_micros),
        role: last.map(|last| last.role.clone()),
        host: last.and_then(|last| last.host.clone()),
        tool_version: last.map(|last| last.tool_version.clone()),
        error: last
            .filter(|last| matches!(last.event, Event::Failed | Event::RevertFailed))
            .and_then(|last| last.error.clone()),
        schema_hash,
    }
}

fn state(entry: Option<&MigrationState>) -> State {
    let Some(entry) = entry else { return State::Pending };
    match (&entry.phase, entry.last.event) {
        (Phase::Applied, Event::Baseline) => State::Baseline,
        (Phase::Applied, _) => State::Applied,
        (Phase::Partial(Direction::Up, _), _) => State::PartiallyApplied,
        (Phase::Partial(Direction::Down, _), _) => State::PartiallyReverted,
        (Phase::Absent, Event::Failed) => State::Failed,
        (Phase::Absent, _) if entry.interrupted => State::Interrupted,
        (Phase::Absent, Event::Reverted) => State::Reverted,
        (Phase::Absent, _) => State::Pending,
    }
}
