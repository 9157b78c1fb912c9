//! Forwards: finds what is to do, does it under the lock.

use sqlx::{PgConnection, PgPool};

use super::execute::Run;
use super::plan::{Applied, Outcome, Plan, Step};
use super::session::Session;
use super::verify::{Divergence, divergences};
use super::{Migrator, recover};
use crate::error::Error;
use crate::journal::{self, History, MigrationRef, Phase};
use crate::lock::Guard;
use crate::migration::{Direction, Migration};

impl Migrator {
    /// Applies all migrations that are not applied yet, each in one transaction with its journal event (unless its
    /// first line is `-- no-transaction`).
    ///
    /// Many programs may do so at once: one migrates, the others wait for it. If there is nothing to do, it costs one
    /// round trip and takes no lock.
    ///
    /// # Errors
    ///
    /// Nothing is applied when the journal and the migrations disagree ([`Error::Diverged`]). A migration that fails
    /// leaves those before it applied.
    pub async fn run(&self, pool: &PgPool) -> Result<Outcome, Error> {
        self.up(pool, None).await
    }

    /// Like [`run`](Self::run), up to and including this version.
    pub async fn run_to(&self, pool: &PgPool, version: i64) -> Result<Outcome, Error> {
        self.up(pool, Some(version)).await
    }

    /// What [`run`](Self::run) (or [`run_to`](Self::run_to)) would do. Writes nothing and takes no lock.
    ///
    /// # Errors
    ///
    /// The same that would keep `run` from beginning.
    pub async fn plan(&self, pool: &PgPool, to: Option<i64>) -> Result<Plan, Error> {
        let mut connection = pool.acquire().await.map_err(|error| Error::query("connecting", error))?;
        let history = read(&mut connection).await?.unwrap_or_default();
        let steps: Vec<_> = self.pending(&history, to)?.into_iter().map(step).collect();
        refuse_under_transfer(&history, steps.is_empty())?;
        Ok(Plan { steps })
    }

    async fn up(&self, pool: &PgPool, to: Option<i64>) -> Result<Outcome, Error> {
        let mut connection = pool.acquire().await.map_err(|error| Error::query("connecting", error))?;
        // The one round trip. With no journal there is something to do: at least, to make one.
        if let Some(history) = journal::read(&mut connection).await? {
            if self.pending(&history, to)?.is_empty() {
                return Ok(nothing_to_do(history));
            }
        } else {
            self.pending(&History::default(), to)?;
        }
        let mut guard = Guard::acquire_on(connection, self.options.lock_wait).await?;
        let result = self.up_locked(guard.connection(), to).await;
        guard.release().await;
        result
    }

    async fn up_locked(&self, conn: &mut PgConnection, to: Option<i64>) -> Result<Outcome, Error> {
        journal::ensure(conn).await?;
        // Another program may have done it all while this one waited for the lock.
        let history = journal::read(conn).await?.unwrap_or_default();
        let pending = self.pending(&history, to)?;
        if pending.is_empty() {
            return Ok(nothing_to_do(history));
        }
        refuse_under_transfer(&history, false)?;
        let mut outcome = Outcome::default();
        let mut session = Session::new(conn, self.options).await?;
        for migration in pending {
            let identity = MigrationRef::from(migration);
            let run = Run::up(&identity, migration);
            let from = match history.phase(migration.version) {
                Phase::PartiallyApplied(failure) => recover::resume(&mut session, &run, failure).await?,
                _ => 0,
            };
            let ran = run.run(&mut session, from).await?;
            outcome.done.push(Applied::new(Direction::Up, &identity, ran));
        }
        Ok(outcome)
    }

    /// The migrations to apply, checked as far as that is possible without applying them.
    pub(super) fn pending(&self, history: &History, to: Option<i64>) -> Result<Vec<&Migration>, Error> {
        if let Some(version) = to.filter(|to| !self.migrations.iter().any(|one| one.version == *to)) {
            let known = self.migrations.iter().map(|one| one.version).collect();
            return Err(Error::UnknownVersion { version, place: "among the available migrations", known });
        }
        let divergences = self.divergences(history);
        if !divergences.is_empty() {
            return Err(Error::Diverged { divergences });
        }
        if let Some(entry) =
            history.versions.values().find(|entry| matches!(entry.phase, Phase::PartiallyReverted(_)))
        {
            return Err(super::partly(entry));
        }
        let pending: Vec<_> = self
            .migrations
            .iter()
            .filter(|one| {
                to.is_none_or(|to| one.version <= to) && *history.phase(one.version) != Phase::Applied
            })
            .collect();
        for migration in &pending {
            Run::up(&MigrationRef::from(*migration), migration).check()?;
        }
        Ok(pending)
    }

    /// All that the journal and the migrations disagree on.
    pub(super) fn divergences(&self, history: &History) -> Vec<Divergence> {
        let mut found = divergences(&self.migrations, history);
        if self.options.allow_newer {
            found.retain(|one| !matches!(one, Divergence::Newer { .. }));
        }
        found
    }
}

/// Reads the journal without leaving an error in the server's log when there is none.
pub(super) async fn read(conn: &mut PgConnection) -> Result<Option<History>, Error> {
    if journal::exists(conn).await? { journal::read(conn).await } else { Ok(None) }
}

fn nothing_to_do(history: History) -> Outcome {
    if let Some(transfer) = &history.open_transfer {
        tracing::warn!("{transfer}");
    }
    Outcome { open_transfer: history.open_transfer, ..Outcome::default() }
}

/// Tables are not changed while a transfer fills them or waits to be resumed.
pub(super) fn refuse_under_transfer(history: &History, nothing_to_do: bool) -> Result<(), Error> {
    match &history.open_transfer {
        Some(transfer) if !nothing_to_do => Err(Error::OpenTransfer(Box::new(transfer.clone()))),
        _ => Ok(()),
    }
}

fn step(migration: &Migration) -> Step {
    Step::new(Direction::Up, migration.version, &migration.name, &migration.up_sql)
}
