//! Recording what the database does not tell: a baseline, and the outcome of an interrupted statement.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};

use super::Migrator;
use super::execute::{File, Run};
use super::plan::{Applied, Outcome};
use super::verify::applicable;
use crate::error::Error;
use crate::journal::{self, Entry, Event, History, MigrationRef, MigrationState, Phase};
use crate::lock::Guard;
use crate::migration::{Direction, Migration};
use crate::script::Script;

/// What is to be recorded about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repair {
    /// The statement that was under way when a run outside a transaction was cut off did take effect.
    StatementApplied,
    /// That statement did not take effect, and nothing of it is left: it can run again.
    StatementNotApplied,
    /// The available files stand for what was applied, though their text differs: comments or layout were changed. Their
    /// down SQL becomes the stored one.
    AcceptFiles,
}

impl Migrator {
    /// Records that the migrations up to and including this version need not run, since the database is already as
    /// they would make it. Their down SQL is stored.
    ///
    /// Whether that is true is the caller's business: compare the database with the
    /// schema of the migrations.
    pub async fn baseline(&self, pool: &PgPool, to: i64) -> Result<Outcome, Error> {
        let guard = Guard::acquire(pool, self.options.lock_wait).await?;
        guard.run(async |conn| self.baseline_locked(conn, to).await).await
    }

    async fn baseline_locked(&self, conn: &mut PgConnection, to: i64) -> Result<Outcome, Error> {
        journal::FORMAT.upgrade(conn).await?;
        let history = journal::read(conn).await?.unwrap_or_default();
        let mut outcome = Outcome::default();
        for File { migration, sql, down_sql, .. } in self.pending(&history, Some(to))? {
            if let Some(state) = history.versions.get(&migration.version) {
                super::refuse_partial(state, Direction::Up)?;
            }
            let statements = Script::parse(&sql).statements.len();
            outcome.done.push(Applied::new(Direction::Up, &migration, 0, Duration::ZERO));
            journal::append(conn, Entry::new(migration, Event::Baseline, statements), down_sql).await?;
        }
        Ok(outcome)
    }

    /// Records what the journal and the catalog do not tell about a migration.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToRepair`] if the migration does not stand as the repair supposes.
    pub async fn repair(&self, pool: &PgPool, version: i64, repair: Repair) -> Result<(), Error> {
        let guard = Guard::acquire(pool, self.options.lock_wait).await?;
        guard.run(async |conn| self.repair_locked(conn, version, repair).await).await
    }

    async fn repair_locked(
        &self,
        conn: &mut PgConnection,
        version: i64,
        repair: Repair,
    ) -> Result<(), Error> {
        let history = journal::read(conn).await?.unwrap_or_default();
        let Some(entry) = history.versions.get(&version) else {
            let known = history.versions.keys().copied().collect();
            return Err(Error::UnknownVersion { version, place: "in the journal", known });
        };
        match repair {
            Repair::AcceptFiles => self.accept_files(conn, &history, entry).await,
            Repair::StatementApplied => self.record_outcome(conn, &history, entry, true).await,
            Repair::StatementNotApplied => self.record_outcome(conn, &history, entry, false).await,
        }
    }

    async fn accept_files(
        &self,
        conn: &mut PgConnection,
        history: &History,
        entry: &MigrationState,
    ) -> Result<(), Error> {
        if entry.phase != Phase::Applied {
            return Err(nothing(entry, "it is not applied"));
        }
        let migration = self.available(history, entry.migration.version)?;
        let statements = Script::parse(&migration.up_sql).statements.len();
        let note = format!("files accepted; the up file was {} before", entry.migration.up_checksum);
        let accepted = Entry {
            statements_done: statements,
            error: Some(note),
            ..Entry::new(MigrationRef::from(migration), Event::Repaired, statements)
        };
        journal::append(conn, accepted, Some(&migration.down_sql)).await
    }

    async fn record_outcome(
        &self,
        conn: &mut PgConnection,
        history: &History,
        entry: &MigrationState,
        applied: bool,
    ) -> Result<(), Error> {
        let Phase::Partial(direction, failure) = &entry.phase else {
            return Err(nothing(entry, "it is not partially applied or reverted"));
        };
        let file = match direction {
            Direction::Up => File::up(self.available(history, entry.migration.version)?, &entry.phase),
            Direction::Down => self.down_file(conn, entry).await?,
        };
        let run = Run::of(&file);
        run.check_prefix(failure)?;
        let (done, statements) = (failure.done + usize::from(applied), run.script.statements.len());
        if done > statements {
            return Err(Error::AppliedPartChanged { file: run.name(), done: failure.done });
        }
        let outcome = if applied { "applied" } else { "not applied" };
        let recorded = Entry {
            transactional: false,
            statements_done: done,
            prefix_checksum: Some(run.prefix_checksum(done)),
            error: Some(format!("statement {} recorded as {outcome}", failure.done + 1)),
            ..Entry::new(file.migration.clone(), Event::Repaired, statements)
        };
        journal::append(conn, recorded, file.down_sql).await
    }

    pub(super) fn available(&self, history: &History, version: i64) -> Result<&Migration, Error> {
        let all = applicable(&self.migrations, history);
        all.iter().copied().find(|one| one.version == version).ok_or_else(|| Error::UnknownVersion {
            version,
            place: "among the available migrations",
            known: all.iter().map(|one| one.version).collect(),
        })
    }
}

fn nothing(entry: &MigrationState, why: &'static str) -> Error {
    Error::NothingToRepair { migration: entry.migration.to_string(), why }
}
