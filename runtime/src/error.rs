//! What can go wrong while migrations are read, checked, applied or undone, and what to do about it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use whimbrel_syntax::chain::ChainError;

use crate::journal::OpenTransfer;
use crate::migration::Direction;
use crate::migrator::Divergence;

mod database;

pub use database::DatabaseError;

/// An error that knows what to do about it.
pub trait Hint {
    /// What to do, if there is something to say. A library names no command-line flags.
    fn hint(&self) -> Option<String>;
}

/// An error of the migrator, the journal, the lock or the introspection. Its texts hold no passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    /// The files of a folder do not form one chain of migrations.
    #[error("the migrations in {} do not fit together:\n{}", folder.display(), list(errors))]
    Chain { folder: PathBuf, errors: Vec<ChainError> },
    /// There is no connection to the database, or it was lost.
    #[error("{doing}: no connection to the database: {cause}")]
    Connection { doing: &'static str, cause: DatabaseError },
    /// A query of Whimbrel's own failed, perhaps because the role lacks a privilege.
    #[error("{doing}: {cause}")]
    Query { doing: &'static str, creates: bool, cause: DatabaseError },
    /// The server describes an object in a way that is not known.
    #[error(transparent)]
    Catalog(#[from] whimbrel_schema::catalog::CatalogError),
    /// A statement of a migration failed.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// A statement of a migration cannot be run by a migrator.
    #[error("{file}:{line}: {reason}")]
    UnsupportedStatement { file: String, line: usize, reason: String, hint: &'static str },
    /// Another process held the lock for too long.
    #[error("waited {:.1} s for the lock that another migration or transfer holds{}", waited.as_secs_f64(), holder.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default())]
    Locked { waited: Duration, holder: Option<String> },
    /// The journal and the available migrations disagree.
    #[error("the database's journal and the available migrations disagree:\n{}", list(divergences))]
    Diverged { divergences: Vec<Divergence> },
    /// An earlier run was interrupted, and the catalog does not tell what it did.
    #[error(
        "{file}: an earlier run was interrupted in statement {statement} (line {line}), outside a transaction; the catalog does not tell whether it took effect:\n    {sql}"
    )]
    Interrupted { file: String, version: i64, statement: usize, line: usize, sql: String },
    /// What an interrupted statement may have built has another definition than it asks for.
    #[error(
        "{file}: statement {statement} (line {line}) creates index {index}, but there is an index of that name with \
         another definition:\n    {definition}"
    )]
    OtherIndex {
        file: String,
        version: i64,
        statement: usize,
        line: usize,
        index: String,
        definition: String,
    },
    /// A migration that is applied in part was changed in its applied part.
    #[error("{file}: its first {done} statements are applied, and they have been changed since")]
    AppliedPartChanged { file: String, done: usize },
    /// A partially applied migration must be finished first.
    #[error("{file} stopped after {done} statements: it is partially applied")]
    PartiallyApplied { file: String, done: usize, direction: Direction },
    /// A repair that does not fit.
    #[error("{migration} cannot be repaired like that: {why}")]
    NothingToRepair { migration: String, why: &'static str },
    /// Going back would lose data.
    #[error("undoing {migration} loses data:\n{}", list(losses))]
    DataLoss { migration: String, losses: Vec<String> },
    /// The journal does not hold the down SQL, since it contains a secret, and neither do the migrations.
    #[error(
        "{file} is needed to undo the migration: it contains a secret, so that the journal does not store it"
    )]
    NoDownSql { file: String },
    /// No such migration.
    #[error("there is no migration {version} {place}")]
    UnknownVersion { version: i64, place: &'static str, known: Vec<i64> },
    /// A transfer of data has begun and has not ended: the tables it fills are not changed.
    #[error("{0}: no migration runs under it")]
    OpenTransfer(Box<OpenTransfer>),
    /// The server is too old.
    #[error("PostgreSQL {found} is too old")]
    ServerVersion { found: String },
    /// Whimbrel's own tables were upgraded by a newer program in a way that this one does not understand.
    #[error(
        "Whimbrel's own tables ({component}) have version {found}, which a program must know from version {needed} on; \
         this one knows version {known}"
    )]
    Format { component: &'static str, found: i32, needed: i32, known: i32 },
    /// The journal holds something that this version of Whimbrel does not understand.
    #[error("the journal whimbrel.journal cannot be understood: {reason}")]
    Journal { reason: String },
}

/// Which statement of which migration failed, where, and what the server said.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.render())]
#[non_exhaustive]
pub struct StatementError {
    /// The migration's file.
    pub file: String,
    /// Its version.
    pub version: i64,
    /// The statement's number in the file, from 1.
    pub statement: usize,
    /// How many statements the file has.
    pub statements: usize,
    /// The line the server points at, or at which the statement begins, from 1.
    pub line: usize,
    /// The column the server points at, from 1.
    pub column: Option<usize>,
    /// That line's text.
    pub source_line: String,
    /// What the server said.
    pub cause: DatabaseError,
    /// Whether everything the migration did was rolled back; otherwise the statements before this one are applied.
    pub rolled_back: bool,
}

impl StatementError {
    fn render(&self) -> String {
        let mut text = format!("{}:{}", self.file, self.line);
        if let Some(column) = self.column {
            text.push_str(&format!(":{column}"));
        }
        text.push_str(&format!(
            ": statement {} of {} failed: {}",
            self.statement, self.statements, self.cause.message
        ));
        if let Some(code) = &self.cause.code {
            text.push_str(&format!(" (SQLSTATE {code})"));
        }
        if !self.source_line.is_empty() {
            text.push_str(&format!("\n    {}", self.source_line));
            if let Some(column) = self.column {
                text.push_str(&format!("\n    {}^", " ".repeat(column.saturating_sub(1))));
            }
        }
        let DatabaseError { detail, server_hint, context, .. } = &self.cause;
        for (what, said) in [("detail", detail), ("server's hint", server_hint), ("in", context)] {
            if let Some(said) = said {
                text.push_str(&format!("\n{what}: {said}"));
            }
        }
        text.push_str(if self.rolled_back {
            "\nThe whole migration was rolled back."
        } else {
            "\nThe migration runs outside a transaction: the statements before this one stay applied."
        });
        text
    }
}

impl Hint for ChainError {
    fn hint(&self) -> Option<String> {
        Some(ChainError::hint(self).to_owned())
    }
}

impl Hint for Error {
    fn hint(&self) -> Option<String> {
        let text: String = match self {
            Error::Read { .. } => "check the path and its permissions".into(),
            Error::Chain { errors, .. } => {
                let hints: BTreeSet<_> = errors.iter().map(ChainError::hint).collect();
                hints.into_iter().collect::<Vec<_>>().join("; ")
            }
            Error::Query { creates: true, cause, .. } if cause.has_code(&["42501"]) => {
                "GRANT CREATE ON DATABASE … TO the role, or run the first migration as the database's owner".into()
            }
            Error::Query { cause, .. } if cause.has_code(&["42501"]) => {
                "GRANT USAGE ON SCHEMA whimbrel, SELECT ON whimbrel.journal and, where they exist, on whimbrel.transfers \
                 and whimbrel.dropped_objects, to the role (to migrate, INSERT ON whimbrel.journal, too), or connect as \
                 the role that created them"
                    .into()
            }
            Error::Connection { cause, .. } | Error::Query { cause, .. } => return cause.hint(),
            Error::Journal { .. } => return None,
            Error::PartiallyApplied { direction: Direction::Up, .. } => {
                "finish it first: run the migrations".into()
            }
            Error::PartiallyApplied { direction: Direction::Down, .. } => {
                "finish undoing it first: roll back".into()
            }
            Error::NothingToRepair { .. } => "look at the status".into(),
            Error::Statement(error) => statement_hint(error),
            Error::UnsupportedStatement { hint, .. } => (*hint).into(),
            Error::Locked { .. } => {
                "let the other one finish, or end its session with pg_terminate_backend; \
                 Migrator::with_lock_wait sets how long to wait"
                    .into()
            }
            Error::Diverged { divergences } => {
                let mut hints: Vec<_> = divergences.iter().filter_map(Divergence::hint).collect();
                hints.dedup();
                hints.join("; ")
            }
            Error::Interrupted { statement, .. } => format!(
                "look whether statement {statement} took effect, then record it with Migrator::repair: \
                 Repair::StatementApplied or Repair::StatementNotApplied"
            ),
            Error::OtherIndex { .. } => {
                "drop or rename that index and run the migrations again; if it is the right one, record it with \
                 Migrator::repair: Repair::StatementApplied"
                    .into()
            }
            Error::AppliedPartChanged { .. } => {
                "restore the applied statements as they were and change only what follows them".into()
            }
            Error::DataLoss { .. } => "make a backup, then allow it: Revert::with_allow_data_loss".into(),
            Error::UnknownVersion { known, .. } if known.is_empty() => "there are none".into(),
            Error::UnknownVersion { known, .. } => {
                let known: Vec<_> = known.iter().map(i64::to_string).collect();
                format!("there are {}", known.join(", "))
            }
            Error::Format { .. } => {
                "use the version of Whimbrel that migrated this database last, or a newer one".into()
            }
            Error::NoDownSql { .. } => "restore the file as it was when the migration was applied".into(),
            Error::OpenTransfer(_) => {
                "resume the transfer to its end, or abort it: then what it dropped is restored".into()
            }
            Error::Catalog(_) => "use a version of Whimbrel that knows this version of PostgreSQL".into(),
            Error::ServerVersion { .. } => "use PostgreSQL 14 or newer".into(),
        };
        Some(text)
    }
}

/// Says what a query of Whimbrel's own was for, if it fails.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, Error>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str) -> Result<T, Error> {
        self.map_err(|error| Error::query(doing, error))
    }
}

impl Error {
    /// Sorts an error of one of Whimbrel's own queries.
    pub(crate) fn query(doing: &'static str, cause: impl Into<DatabaseError>) -> Self {
        let cause = cause.into();
        match cause.is_connection() {
            true => Error::Connection { doing, cause },
            false => Error::Query { doing, creates: false, cause },
        }
    }

    /// Sorts an error of a statement that creates Whimbrel's own schema or tables.
    pub(crate) fn creation(doing: &'static str, cause: impl Into<DatabaseError>) -> Self {
        match Error::query(doing, cause) {
            Error::Query { doing, cause, .. } => Error::Query { doing, creates: true, cause },
            other => other,
        }
    }
}

/// What the server lacks (a disk, a connection, a privilege) is not mended in the migration.
fn statement_hint(error: &StatementError) -> String {
    let after = if error.rolled_back {
        "nothing of the migration is in the database"
    } else {
        "leave the statements before it as they are: the next run continues at this one"
    };
    if error.cause.has_code(&["25001"]) {
        return "PostgreSQL runs this statement only outside a transaction: write `-- no-transaction` into the \
                file's first line"
            .to_owned();
    }
    let environment = |code: &String| {
        ["25006", "25P03", "40001", "40P01", "42501", "53", "55", "57", "58", "XX"]
            .iter()
            .any(|class| code.starts_with(class))
    };
    match error.cause.hint().filter(|_| error.cause.code.as_ref().is_some_and(environment)) {
        Some(hint) => format!("{hint}; {after}"),
        // duplicate_table, duplicate_object, duplicate_schema
        None if error.cause.has_code(&["42P07", "42710", "42P06"]) => format!(
            "if the database already has what this migration makes, mark it as applied (baseline); otherwise correct \
             the migration and run it again; {after}"
        ),
        None if error.rolled_back => format!("correct the migration and run it again; {after}"),
        None => format!("correct the statement or the data it failed on, and run it again; {after}"),
    }
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    let lines: Vec<_> = items.iter().map(|item| format!("  - {item}")).collect();
    lines.join("\n")
}
