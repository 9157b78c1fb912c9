//! The migrator: checks the available migrations against the journal, applies them, reverts them, and reports where a
//! database stands.

mod down;
mod execute;
mod plan;
mod recover;
mod repair;
mod session;
mod status;
mod up;
mod verify;

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

pub use crate::journal::OpenTransfer;
pub use down::Revert;
pub use plan::{Applied, Outcome, Plan, Step};
pub use repair::Repair;
pub use status::{MigrationStatus, State, Status};
pub use verify::Divergence;

use crate::error::Error;
use crate::journal::MigrationState;
use crate::migration::{self, Direction, Migration};

/// Migrations and how to run them.
///
/// ```ignore
/// static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("migrations");
///
/// MIGRATOR.run(&pool).await?;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrator {
    migrations: Cow<'static, [Migration]>,
    options: Options,
}

/// How a [`Migrator`] behaves; set with its `with_…` methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) lock_wait: Duration,
    pub(crate) lock_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) allow_newer: bool,
}

impl Options {
    const DEFAULT: Options = Options {
        lock_wait: Duration::from_secs(600),
        lock_timeout: Duration::from_secs(5),
        statement_timeout: Duration::ZERO,
        retries: 10,
        allow_newer: false,
    };
}

impl Migrator {
    /// A migrator over migrations that are compiled into the program, in ascending order of versions: what
    /// `embed!` expands to.
    pub const fn embedded(migrations: &'static [Migration]) -> Self {
        Migrator { migrations: Cow::Borrowed(migrations), options: Options::DEFAULT }
    }

    /// A migrator over migrations made at run time. They are sorted by version.
    pub fn new(mut migrations: Vec<Migration>) -> Self {
        migrations.sort_by_key(|migration| migration.version);
        Migrator { migrations: Cow::Owned(migrations), options: Options::DEFAULT }
    }

    /// A migrator over a folder of migrations (`<version>_<name>.up.sql`, `.down.sql` and `meta/<version>.json`), whose
    /// chain is checked: all that is wrong with it is said at once. An empty one is a chain, too.
    pub fn from_dir(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let files = migration::read_files(folder.as_ref())?;
        Ok(Migrator::new(migration::check_files(folder.as_ref(), &files)?.migrations))
    }

    /// The migrations in ascending order of versions.
    pub fn migrations(&self) -> &[Migration] {
        &self.migrations
    }

    /// How long to wait for another process that migrates the same database (10 minutes unless set).
    #[must_use]
    pub const fn with_lock_wait(mut self, wait: Duration) -> Self {
        self.options.lock_wait = wait;
        self
    }

    /// For how long a statement may wait for a table lock before the migration is rolled back and tried again
    /// (`lock_timeout`; 5 seconds unless set, zero for ever). While a statement waits, every later request for the table waits.
    #[must_use]
    pub const fn with_lock_timeout(mut self, timeout: Duration) -> Self {
        self.options.lock_timeout = timeout;
        self
    }

    /// How long one statement may run (`statement_timeout`; zero, which is for ever, unless set). The role's own
    /// setting does not hold for migrations: it is made for queries.
    #[must_use]
    pub const fn with_statement_timeout(mut self, timeout: Duration) -> Self {
        self.options.statement_timeout = timeout;
        self
    }

    /// How often a migration is tried again after a lock timeout, a deadlock or a serialisation failure (10 times
    /// unless set).
    #[must_use]
    pub const fn with_retries(mut self, retries: u32) -> Self {
        self.options.retries = retries;
        self
    }

    /// Lets a program start whose migrations are older than the database's: an old replica during a rolling
    /// deployment. Off unless set, since the old program may not fit the new schema.
    #[must_use]
    pub const fn with_allow_newer(mut self, allow: bool) -> Self {
        self.options.allow_newer = allow;
        self
    }
}

/// Refuses a migration whose file of this direction did not reach its end.
fn refuse_partial(state: &MigrationState, direction: Direction) -> Result<(), Error> {
    let Some(failure) = state.phase.failure(direction) else { return Ok(()) };
    Err(Error::PartiallyApplied { file: state.migration.file(direction), done: failure.done, direction })
}
