//! Back: undoes migrations with the SQL that the journal stored when they were applied.

use sqlx::{PgConnection, PgPool};

use super::execute::Run;
use super::plan::{Applied, Outcome, Plan, Step};
use super::session::Session;
use super::{Migrator, recover, up};
use crate::error::Error;
use crate::journal::{self, History, MigrationRef, Phase};
use crate::lock::Guard;
use crate::migration::{Direction, Migration};

/// Which migrations to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revert {
    target: Target,
    allow_data_loss: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Steps(usize),
    To(i64),
}

impl Revert {
    /// The newest so many.
    pub const fn steps(count: usize) -> Self {
        Revert { target: Target::Steps(count), allow_data_loss: false }
    }

    /// All that are newer than this version, which stays applied; 0 undoes everything.
    pub const fn to(version: i64) -> Self {
        Revert { target: Target::To(version), allow_data_loss: false }
    }

    /// Whether migrations may be undone whose down file says that data is lost. Off unless set.
    #[must_use]
    pub const fn with_allow_data_loss(mut self, allow: bool) -> Self {
        self.allow_data_loss = allow;
        self
    }
}

struct Undo {
    migration: MigrationRef,
    phase: Phase,
    sql: String,
}

impl Migrator {
    /// Undoes migrations, newest first, with the down SQL that the journal stored when they were applied: the files
    /// need not be there any more.
    ///
    /// # Errors
    ///
    /// Nothing is undone when one of them loses data and that is not allowed ([`Error::DataLoss`]).
    pub async fn revert(&self, pool: &PgPool, revert: Revert) -> Result<Outcome, Error> {
        let mut guard = Guard::acquire(pool, self.options.lock_wait).await?;
        let result = self.down_locked(guard.connection(), revert).await;
        guard.release().await;
        result
    }

    /// What [`revert`](Self::revert) would do, whether or not it loses data. Writes nothing and takes no lock.
    pub async fn plan_revert(&self, pool: &PgPool, revert: Revert) -> Result<Plan, Error> {
        let mut connection = pool.acquire().await.map_err(|error| Error::query("connecting", error))?;
        let undos = self.undos(&mut connection, revert.with_allow_data_loss(true)).await?;
        let step =
            |undo: &Undo| Step::new(Direction::Down, undo.migration.version, &undo.migration.name, &undo.sql);
        Ok(Plan { steps: undos.iter().map(step).collect() })
    }

    async fn down_locked(&self, conn: &mut PgConnection, revert: Revert) -> Result<Outcome, Error> {
        let undos = self.undos(conn, revert).await?;
        let mut outcome = Outcome::default();
        if undos.is_empty() {
            return Ok(outcome);
        }
        let mut session = Session::new(conn, self.options).await?;
        for undo in &undos {
            let run = Run::down(&undo.migration, &undo.sql);
            let from = match &undo.phase {
                Phase::PartiallyReverted(failure) => recover::resume(&mut session, &run, failure).await?,
                _ => 0,
            };
            let ran = run.run(&mut session, from).await?;
            outcome.done.push(Applied::new(Direction::Down, &undo.migration, ran));
        }
        Ok(outcome)
    }

    /// What to undo, newest first, with everything checked that can be checked before.
    async fn undos(&self, conn: &mut PgConnection, revert: Revert) -> Result<Vec<Undo>, Error> {
        let history = up::read(conn).await?.unwrap_or_default();
        let versions = versions(&history, revert.target)?;
        up::refuse_under_transfer(&history, versions.is_empty())?;
        let mut stored = if versions.is_empty() {
            std::collections::BTreeMap::new()
        } else {
            journal::stored_down_sql(conn, &versions).await?
        };
        let mut undos = Vec::new();
        for version in versions {
            let Some(entry) = history.versions.get(&version) else { continue };
            if matches!(entry.phase, Phase::PartiallyApplied(_)) {
                return Err(super::partly(entry));
            }
            let Some(sql) = stored.remove(&version).or_else(|| self.local_down_sql(&entry.migration)) else {
                return Err(Error::NoDownSql { file: entry.migration.file(Direction::Down) });
            };
            Run::down(&entry.migration, &sql).check()?;
            let losses = whimbrel_schema::chain::data_loss(&sql);
            if !revert.allow_data_loss && !losses.is_empty() {
                return Err(Error::DataLoss { migration: entry.migration.to_string(), losses });
            }
            undos.push(Undo { migration: entry.migration.clone(), phase: entry.phase.clone(), sql });
        }
        Ok(undos)
    }

    /// The file's text, if it is the one that belonged to the migration when it was applied.
    pub(super) fn local_down_sql(&self, migration: &MigrationRef) -> Option<String> {
        let same = |one: &&Migration| {
            one.version == migration.version && one.down_checksum.to_string() == migration.down_checksum
        };
        self.migrations.iter().find(same).map(|one| one.down_sql.to_string())
    }
}

fn versions(history: &History, target: Target) -> Result<Vec<i64>, Error> {
    let present = || {
        history
            .versions
            .iter()
            .rev()
            .filter(|(_, entry)| !entry.phase.is_absent())
            .map(|(version, _)| *version)
    };
    match target {
        Target::Steps(count) => Ok(present().take(count).collect()),
        Target::To(to) if to == 0 || present().any(|version| version == to) => {
            Ok(present().take_while(|version| *version > to).collect())
        }
        Target::To(version) => {
            let mut known: Vec<_> = present().collect();
            known.reverse();
            Err(Error::UnknownVersion { version, place: "applied to this database", known })
        }
    }
}
