//! What a person decides: adopting a database that was there before, and telling what the catalog cannot.

use sqlx::{PgConnection, PgPool};
use whimbrel_schema::chain::Checksum;

use super::Migrator;
use super::plan::{Applied, Outcome};
use super::subject::{Progress, Subject};
use crate::error::Error;
use crate::journal::{self, Entry, Event, Phase};
use crate::lock::Guard;
use crate::migration::{Direction, Migration};
use crate::script::Script;

/// What a person found out about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The statement that was under way when a run outside a transaction was cut off did take effect.
    StatementApplied,
    /// That statement did not take effect, and nothing of it is left: it can run again.
    StatementNotApplied,
    /// The files at hand stand for what was applied, though their text differs: comments or layout were changed. The
    /// down SQL at hand becomes the stored one.
    AcceptFiles,
}

impl Migrator {
    /// Records that the migrations up to and including this version need not run, since the database is already as
    /// they would make it. Their down SQL is stored.
    ///
    /// Whether that is true is the caller's business: compare [`introspect`](crate::introspect::introspect) with the
    /// schema of the migrations.
    pub async fn adopt(&self, pool: &PgPool, to: i64) -> Result<Outcome, Error> {
        let mut guard = Guard::acquire(pool, self.options.lock_wait).await?;
        let result = self.adopt_locked(guard.connection(), to).await;
        guard.release().await;
        result
    }

    async fn adopt_locked(&self, conn: &mut PgConnection, to: i64) -> Result<Outcome, Error> {
        journal::ensure(conn).await?;
        let history = journal::read(conn).await?.unwrap_or_default();
        let mut outcome = Outcome::default();
        for migration in self.pending(&history, Some(to))? {
            if let Some(entry) = history.versions.get(&migration.version).filter(|one| !one.phase.is_absent())
            {
                return Err(super::partly(migration.version, entry));
            }
            let statements = Script::parse(&migration.up_sql).statements.len();
            let progress = Progress { transactional: true, statements, ..Progress::default() };
            append(conn, migration, Event::Adopted, &progress).await?;
            outcome.done.push(Applied {
                direction: Direction::Up,
                version: migration.version,
                name: migration.name.to_string(),
                statements: 0,
                duration: std::time::Duration::ZERO,
            });
        }
        Ok(outcome)
    }

    /// Records what a person found out about a migration that the journal and the catalog cannot tell about.
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
            Repair::AcceptFiles => self.accept_files(conn, version, entry).await,
            Repair::StatementApplied => self.settle(conn, version, entry, true).await,
            Repair::StatementNotApplied => self.settle(conn, version, entry, false).await,
        }
    }

    async fn accept_files(&self, conn: &mut PgConnection, version: i64, entry: &Entry) -> Result<(), Error> {
        if entry.phase != Phase::Applied {
            return Err(nothing(version, entry, "it is not applied"));
        }
        let migration = self.at_hand(version)?;
        let statements = Script::parse(&migration.up_sql).statements.len();
        let note = format!("files accepted; the up file was {} before", entry.up_checksum);
        let progress = Progress {
            transactional: true,
            statements,
            done: statements,
            error: Some(note),
            ..Progress::default()
        };
        append(conn, migration, Event::Repaired, &progress).await
    }

    async fn settle(
        &self,
        conn: &mut PgConnection,
        version: i64,
        entry: &Entry,
        applied: bool,
    ) -> Result<(), Error> {
        let (failure, direction) = match &entry.phase {
            Phase::UpPartly(failure) => (failure, Direction::Up),
            Phase::DownPartly(failure) => (failure, Direction::Down),
            _ => return Err(nothing(version, entry, "it is not applied or undone in part")),
        };
        let stored;
        let (subject, sql) = if direction == Direction::Up {
            let migration = self.at_hand(version)?;
            (Subject::of_migration(migration), &*migration.up_sql)
        } else {
            stored = journal::stored_down_sql(conn, &[version]).await?.remove(&version).unwrap_or_default();
            (Subject::of_entry(version, entry), stored.as_str())
        };
        let script = Script::parse(sql);
        let done = failure.done + usize::from(applied);
        let known = Checksum::of(script.prefix(failure.done)).to_string();
        if failure.prefix_checksum.as_ref().is_some_and(|recorded| *recorded != known)
            || done > script.statements.len()
        {
            return Err(Error::PartlyAppliedChanged { file: subject.file(direction), done: failure.done });
        }
        let said = if applied { "took effect" } else { "did not take effect" };
        let progress = Progress {
            transactional: false,
            statements: script.statements.len(),
            done,
            prefix_checksum: Some(Checksum::of(script.prefix(done)).to_string()),
            duration: None,
            error: Some(format!("a person said: statement {} {said}", failure.done + 1)),
        };
        journal::append(conn, &subject.event(Event::Repaired, &progress)).await.map_err(unwritten)
    }

    fn at_hand(&self, version: i64) -> Result<&Migration, Error> {
        self.migrations.iter().find(|one| one.version == version).ok_or_else(|| Error::UnknownVersion {
            version,
            place: "among the migrations at hand",
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
    let subject = Subject::of_migration(migration);
    journal::append(conn, &subject.event(event, progress)).await.map_err(unwritten)
}

fn unwritten(error: sqlx::Error) -> Error {
    Error::query("writing to the journal whimbrel.journal", error)
}

fn nothing(version: i64, entry: &Entry, why: &'static str) -> Error {
    Error::NothingToRepair { migration: format!("{version}_{}", entry.name), why }
}
