//! Forwards: finds what is to do, does it under the lock.

use sqlx::{PgConnection, PgPool};

use super::Migrator;
use super::execute::{self, File, Run};
use super::plan::{Outcome, Plan};
use super::verify::{Divergence, applicable, divergences};
use crate::error::Error;
use crate::journal::{self, History, Phase};
use crate::lock::{Guard, connect};
use crate::migration::Direction;

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
        let mut connection = connect(pool).await?;
        let history = journal::find(&mut connection).await?.unwrap_or_default();
        let pending = self.pending(&history, to)?;
        refuse_under_transfer(&history, pending.is_empty())?;
        Ok(Plan::of(&pending))
    }

    async fn up(&self, pool: &PgPool, to: Option<i64>) -> Result<Outcome, Error> {
        let mut connection = connect(pool).await?;
        // The one round trip. With no journal there is something to do: at least, to make one.
        let journal = journal::read(&mut connection).await?;
        let (is_there, history) = (journal.is_some(), journal.unwrap_or_default());
        if self.pending(&history, to)?.is_empty() && is_there {
            return Ok(nothing_to_do(history));
        }
        let guard = Guard::acquire_on(connection, self.options.lock_wait).await?;
        guard.run(async |conn| self.up_locked(conn, to).await).await
    }

    async fn up_locked(&self, conn: &mut PgConnection, to: Option<i64>) -> Result<Outcome, Error> {
        journal::FORMAT.upgrade(conn).await?;
        // Another program may have done it all while this one waited for the lock.
        let history = journal::read(conn).await?.unwrap_or_default();
        let pending = self.pending(&history, to)?;
        if pending.is_empty() {
            return Ok(nothing_to_do(history));
        }
        refuse_under_transfer(&history, false)?;
        execute::run(conn, self.options, &pending).await
    }

    /// The migrations to apply, checked as far as that is possible without applying them.
    pub(super) fn pending(&self, history: &History, to: Option<i64>) -> Result<Vec<File<'_>>, Error> {
        if let Some(version) = to {
            self.available(history, version)?;
        }
        let divergences = self.divergences(history);
        if !divergences.is_empty() {
            return Err(Error::Diverged { divergences });
        }
        history.present().try_for_each(|(_, state)| super::refuse_partial(state, Direction::Down))?;
        let files =
            applicable(&self.migrations, history).into_iter().map(|one| (one, history.phase(one.version)));
        let files =
            files.filter(|(one, phase)| to.is_none_or(|to| one.version <= to) && **phase != Phase::Applied);
        let pending: Vec<_> = files.map(|(one, phase)| File::up(one, phase)).collect();
        pending.iter().try_for_each(|file| Run::of(file).check())?;
        Ok(pending)
    }

    /// All that the journal and the migrations disagree on.
    pub(super) fn divergences(&self, history: &History) -> Vec<Divergence> {
        let mut found = divergences(&applicable(&self.migrations, history), history);
        if self.options.allow_newer {
            found.retain(|one| !matches!(one, Divergence::Newer { .. }));
        }
        found
    }
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
