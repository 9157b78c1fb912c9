//! Back: undoes migrations with the SQL that the journal stored when they were applied.

use sqlx::{PgConnection, PgPool};

use super::execute::{self, File, Run};
use super::plan::{Outcome, Plan};
use super::{Migrator, up};
use crate::error::Error;
use crate::journal::{self, History, MigrationRef, MigrationState};
use crate::lock::{Guard, connect};
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

impl Migrator {
    /// Undoes migrations, newest first, with the down SQL that the journal stored when they were applied: the files
    /// need not be there any more.
    ///
    /// # Errors
    ///
    /// Nothing is undone when one of them loses data and that is not allowed ([`Error::DataLoss`]).
    pub async fn revert(&self, pool: &PgPool, revert: Revert) -> Result<Outcome, Error> {
        let guard = Guard::acquire(pool, self.options.lock_wait).await?;
        let undo = async |conn: &mut PgConnection| {
            let undos = self.undos(conn, revert).await?;
            execute::run(conn, self.options, &undos).await
        };
        guard.run(undo).await
    }

    /// What [`revert`](Self::revert) would do, whether or not it loses data. Writes nothing and takes no lock.
    pub async fn plan_revert(&self, pool: &PgPool, revert: Revert) -> Result<Plan, Error> {
        let mut connection = connect(pool).await?;
        Ok(Plan::of(&self.undos(&mut connection, revert.with_allow_data_loss(true)).await?))
    }

    /// What to undo, newest first, with everything checked that can be checked before.
    async fn undos(&self, conn: &mut PgConnection, revert: Revert) -> Result<Vec<File<'static>>, Error> {
        let history = journal::find(conn).await?.unwrap_or_default();
        let states = states(&history, revert.target)?;
        up::refuse_under_transfer(&history, states.is_empty())?;
        let mut undos = Vec::new();
        for state in states {
            super::refuse_partial(state, Direction::Up)?;
            let file = self.down_file(conn, state).await?;
            Run::of(&file).check()?;
            let losses = whimbrel_syntax::chain::data_loss(&file.sql);
            if !revert.allow_data_loss && !losses.is_empty() {
                return Err(Error::DataLoss { migration: state.migration.to_string(), losses });
            }
            undos.push(file);
        }
        Ok(undos)
    }

    /// The down file as the journal stored it, or else the available one, if it is the one that belonged to the
    /// migration when it was applied.
    pub(super) async fn down_file(
        &self,
        conn: &mut PgConnection,
        state: &MigrationState,
    ) -> Result<File<'static>, Error> {
        let MigrationRef { version, down_checksum, .. } = &state.migration;
        let same =
            |one: &&Migration| one.version == *version && one.down_checksum.to_string() == *down_checksum;
        let all = self.migrations.iter().flat_map(|one| [one].into_iter().chain(&*one.replaces));
        let local = || all.into_iter().find(same).map(|one| one.down_sql.to_string());
        match journal::stored_down_sql(conn, *version).await?.or_else(local) {
            Some(sql) => Ok(File::down(state, sql)),
            None => Err(Error::NoDownSql { file: state.migration.file(Direction::Down) }),
        }
    }
}

fn states(history: &History, target: Target) -> Result<Vec<&MigrationState>, Error> {
    let present = || history.present().rev();
    match target {
        Target::Steps(count) => Ok(present().take(count).map(|(_, state)| state).collect()),
        Target::To(to) if to == 0 || present().any(|(version, _)| version == to) => {
            Ok(present().take_while(|(version, _)| *version > to).map(|(_, state)| state).collect())
        }
        Target::To(version) => {
            let known = history.present().map(|(version, _)| version).collect();
            Err(Error::UnknownVersion { version, place: "applied to this database", known })
        }
    }
}
