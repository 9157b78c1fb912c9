//! Recording what the database does not tell: a baseline, and the outcome of an interrupted statement.

use sqlx::{PgConnection, PgPool};
use whimbrel_schema::chain::Checksum;

use super::Migrator;
use super::execute::Ran;
use super::plan::{Applied, Outcome};
use crate::error::Error;
use crate::journal::{self, Event, MigrationRef, MigrationState, Phase, Progress};
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
        let mut guard = Guard::acquire(pool, self.options.lock_wait).await?;
        let result = self.baseline_locked(guard.connection(), to).await;
        guard.release().await;
        result
    }

    async fn baseline_locked(&self, conn: &mut PgConnection, to: i64) -> Result<Outcome, Error> {
        journal::ensure(conn).await?;
        let history = journal::read(conn).await?.unwrap_or_default();
        let mut outcome = Outcome::default();
        for migration in self.pending(&history, Some(to))? {
            if let Some(entry) = history.versions.get(&migration.version).filter(|one| !one.phase.is_absent())
            {
                return Err(super::partly(entry));
            }
            let statements = Script::parse(&migration.up_sql).statements.len();
            let progress = Progress { transactional: true, statements, ..Progress::default() };
            append(conn, migration, Event::Baseline, &progress).await?;
            let identity = MigrationRef::from(migration);
            outcome.done.push(Applied::new(Direction::Up, &identity, Ran::default()));
        }
        Ok(outcome)
    }

    /// Records what the journal and the catalog do not tell about a migration.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToRepair`] if the migration does not stand as the repair supposes.
    pub async fn repair(&self, pool: &PgPool, version: i64, repair: Repair) -> Result<(), Error> {
        let mut guard = Guard::acquire(pool, self.options.lock_wait).await?;
        let result = self.repair_locked(guard.connection(), version, repair).await;
        guard.release().await;
        result
    }

    async fn repair_locked(
        &self,
        conn: &mut PgConnection,
        version: i64,
        repair: Repair,
    ) -> Result<(), Error> {
        let history = journal::read(conn).await?.unwrap_or_default();
        let known = || history.versions.keys().copied().collect();
        let Some(entry) = history.versions.get(&version) else {
            return Err(Error::UnknownVersion { version, place: "in the journal", known: known() });
        };
        match repair {
            Repair::AcceptFiles => self.accept_files(conn, entry).await,
            Repair::StatementApplied => self.record_outcome(conn, entry, true).await,
            Repair::StatementNotApplied => self.record_outcome(conn, entry, false).await,
        }
    }

    async fn accept_files(&self, conn: &mut PgConnection, entry: &MigrationState) -> Result<(), Error> {
        if entry.phase != Phase::Applied {
            return Err(nothing(entry, "it is not applied"));
        }
        let migration = self.available(entry.migration.version)?;
        let statements = Script::parse(&migration.up_sql).statements.len();
        let note = format!("files accepted; the up file was {} before", entry.migration.up_checksum);
        let progress = Progress {
            transactional: true,
            statements,
            done: statements,
            error: Some(note),
            ..Progress::default()
        };
        append(conn, migration, Event::Repaired, &progress).await
    }

    async fn record_outcome(
        &self,
        conn: &mut PgConnection,
        entry: &MigrationState,
        applied: bool,
    ) -> Result<(), Error> {
        let version = entry.migration.version;
        let (failure, direction) = match &entry.phase {
            Phase::PartiallyApplied(failure) => (failure, Direction::Up),
            Phase::PartiallyReverted(failure) => (failure, Direction::Down),
            _ => return Err(nothing(entry, "it is not partially applied or reverted")),
        };
        let (stored, current);
        let (migration, sql, down_sql) = if direction == Direction::Up {
            let files = self.available(version)?;
            current = MigrationRef::from(files);
            (&current, &*files.up_sql, Some(&*files.down_sql))
        } else {
            let found = journal::stored_down_sql(conn, &[version]).await?.remove(&version);
            stored = found
                .or_else(|| self.local_down_sql(&entry.migration))
                .ok_or_else(|| Error::NoDownSql { file: entry.migration.file(direction) })?;
            (&entry.migration, stored.as_str(), None)
        };
        let script = Script::parse(sql);
        let done = failure.done + usize::from(applied);
        let known = Checksum::of(script.prefix(failure.done)).to_string();
        if failure.prefix_checksum.as_ref().is_some_and(|recorded| *recorded != known)
            || done > script.statements.len()
        {
            return Err(Error::AppliedPartChanged { file: migration.file(direction), done: failure.done });
        }
        let outcome = if applied { "applied" } else { "not applied" };
        let progress = Progress {
            transactional: false,
            statements: script.statements.len(),
            done,
            prefix_checksum: Some(Checksum::of(script.prefix(done)).to_string()),
            duration: None,
            error: Some(format!("statement {} recorded as {outcome}", failure.done + 1)),
        };
        journal::append(conn, migration, Event::Repaired, &progress, down_sql).await
    }

    fn available(&self, version: i64) -> Result<&Migration, Error> {
        self.migrations.iter().find(|one| one.version == version).ok_or_else(|| Error::UnknownVersion {
            version,
            place: "among the available migrations",
            known: self.migrations.iter().map(|one| one.version).collect(),
        })
    }
}

async fn append(
    conn: &mut PgConnection,
    migration: &Migration,
    event: Event,
    progress: &Progress,
) -> Result<(), Error> {
    let down_sql = Some(&*migration.down_sql);
    journal::append(conn, &MigrationRef::from(migration), event, progress, down_sql).await
}

fn nothing(entry: &MigrationState, why: &'static str) -> Error {
    Error::NothingToRepair { migration: entry.migration.to_string(), why }
}
