//! What can go wrong while migrations are read, checked, applied or undone, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::migration::Direction;
use crate::migrator::Divergence;
use crate::redact::redact;

/// An error of the migrator, the journal, the lock or the introspection. Its texts hold no passwords.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The files of a folder do not form one chain of migrations.
    #[error("the migrations in {} do not fit together:\n{}", folder.display(), list(problems))]
    Chain {
        /// The folder.
        folder: PathBuf,
        /// Everything that is wrong with it.
        problems: Vec<String>,
        /// What to do about it.
        hint: String,
    },
    /// There is no connection to the database, or it was lost.
    #[error("{doing}: no connection to the database: {}", redact(&source.to_string()))]
    Connection {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// The role lacks a right.
    #[error("{doing}: {message}")]
    Permission {
        /// What was being done.
        doing: &'static str,
        /// What the server said.
        message: String,
    },
    /// A query of Whimbrel's own failed.
    #[error("{doing}: {}", redact(&source.to_string()))]
    Query {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A statement of a migration failed.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// A statement of a migration cannot be run by a migrator.
    #[error("{file}:{line}: {reason}")]
    Unrunnable {
        /// The migration's file.
        file: String,
        /// The line at which the statement begins, from 1.
        line: usize,
        /// What stands there, and why it cannot run.
        reason: String,
        /// What to do instead.
        hint: &'static str,
    },
    /// Another process held the lock for too long.
    #[error("waited {} for the lock that another migration or transfer holds{}", seconds(*waited), holder.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default())]
    Locked {
        /// For how long.
        waited: Duration,
        /// Who holds it, as `pg_stat_activity` knows.
        holder: Option<String>,
    },
    /// The journal and the migrations at hand tell different stories.
    #[error("the database's journal and the migrations at hand disagree:\n{}", list(divergences))]
    Diverged {
        /// All differences.
        divergences: Vec<Divergence>,
    },
    /// An earlier run was cut off, and what it left behind cannot be told from the catalog.
    #[error(
        "{file}: an earlier run {what} in statement {statement} (line {line}), outside a transaction; whether it took effect cannot be told from the catalog:\n    {sql}"
    )]
    Interrupted {
        /// The migration's file.
        file: String,
        /// Its version.
        version: i64,
        /// What happened: `was cut off`.
        what: &'static str,
        /// The statement's number, from 1.
        statement: usize,
        /// The line at which it begins, from 1.
        line: usize,
        /// Its beginning.
        sql: String,
    },
    /// A migration that is applied in part was changed in its applied part.
    #[error("{file}: its first {done} statements are applied, and they have been changed since")]
    PartlyAppliedChanged {
        /// The migration's file.
        file: String,
        /// How many statements are applied.
        done: usize,
    },
    /// A migration that is half in the database stands in the way.
    #[error("{file} stopped after {done} statements and is half in the database")]
    Partly {
        /// The migration's file.
        file: String,
        /// How many of its statements took effect.
        done: usize,
        /// Which way it went.
        direction: Direction,
    },
    /// A repair that does not fit.
    #[error("there is nothing of that kind to repair about {migration}: {why}")]
    NothingToRepair {
        /// The migration.
        migration: String,
        /// Why not.
        why: &'static str,
    },
    /// Going back would lose data.
    #[error("undoing {migration} loses data:\n{}", list(losses))]
    DataLoss {
        /// The migration.
        migration: String,
        /// What would be lost, as its down file says.
        losses: Vec<String>,
    },
    /// No such migration.
    #[error("there is no migration {version} {place}")]
    UnknownVersion {
        /// The version asked for.
        version: i64,
        /// Where it was looked for.
        place: &'static str,
        /// The versions that are there.
        known: Vec<i64>,
    },
    /// The server is too old.
    #[error("PostgreSQL {found} is too old")]
    ServerVersion {
        /// The server's version.
        found: String,
    },
    /// The journal holds something that this version of Whimbrel does not understand.
    #[error("the journal whimbrel.journal cannot be understood: {reason}")]
    Journal {
        /// What.
        reason: String,
    },
}

/// Which statement of which migration failed, where, and what the server said.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.render())]
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
    /// The server's message.
    pub message: String,
    /// SQLSTATE.
    pub code: Option<String>,
    /// The server's detail.
    pub detail: Option<String>,
    /// The server's hint.
    pub server_hint: Option<String>,
    /// The server's context (call stack of functions).
    pub context: Option<String>,
    /// Whether everything the migration did was rolled back; otherwise the statements before this one are applied.
    pub rolled_back: bool,
    /// The error itself.
    #[source]
    pub source: sqlx::Error,
}

impl StatementError {
    fn render(&self) -> String {
        let mut text = format!("{}:{}", self.file, self.line);
        if let Some(column) = self.column {
            text.push_str(&format!(":{column}"));
        }
        text.push_str(&format!(
            ": statement {} of {} failed: {}",
            self.statement, self.statements, self.message
        ));
        if let Some(code) = &self.code {
            text.push_str(&format!(" (SQLSTATE {code})"));
        }
        if !self.source_line.is_empty() {
            text.push_str(&format!("\n    {}", self.source_line));
            if let Some(column) = self.column {
                text.push_str(&format!("\n    {}^", " ".repeat(column.saturating_sub(1))));
            }
        }
        for (what, said) in
            [("detail", &self.detail), ("server's hint", &self.server_hint), ("in", &self.context)]
        {
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

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Error::Read { .. } => "check the path and the rights on it".to_owned(),
            Error::Chain { hint, .. } => hint.clone(),
            Error::Connection { .. } => {
                "check the database URL and that the server accepts connections; what was cut off is \
                 established from the journal on the next run"
                    .to_owned()
            }
            Error::Permission { doing, .. } => permission_hint(doing),
            Error::Query { .. } | Error::Journal { .. } => return None,
            Error::Partly { direction: Direction::Up, .. } => "finish it first: run the migrations".to_owned(),
            Error::Partly { direction: Direction::Down, .. } => "finish undoing it first: roll back".to_owned(),
            Error::NothingToRepair { .. } => "look at the status".to_owned(),
            Error::Statement(error) if error.code.as_deref() == Some("25001") => {
                "PostgreSQL runs this statement only outside a transaction: write `-- no-transaction` into the \
                 file's first line"
                    .to_owned()
            }
            Error::Statement(error) if error.rolled_back => {
                "correct the migration and run again; nothing of it is in the database".to_owned()
            }
            Error::Statement(_) => "correct the failed statement or the data it stumbled on, leave the statements \
                 before it as they are, and run again: it goes on where it stopped"
                .to_owned(),
            Error::Unrunnable { hint, .. } => (*hint).to_owned(),
            Error::Locked { .. } => {
                "let the other one finish, or end its session with pg_terminate_backend; the wait can be \
                 set with Migrator::with_lock_wait"
                    .to_owned()
            }
            Error::Diverged { divergences } => {
                let mut hints: Vec<&str> = divergences.iter().map(Divergence::hint).collect();
                hints.dedup();
                hints.join("; ")
            }
            Error::Interrupted { version, statement, .. } => format!(
                "look whether statement {statement} took effect, then say so: `whimbrel repair {version} \
                 statement-applied` or `statement-not-applied` (Migrator::repair)"
            ),
            Error::PartlyAppliedChanged { .. } => {
                "bring the applied statements back as they were and change only what follows them".to_owned()
            }
            Error::DataLoss { .. } => {
                "make a backup, then allow it: `rollback --allow-data-loss`, or Revert::allow_data_loss".to_owned()
            }
            Error::UnknownVersion { known, .. } if known.is_empty() => "there are none".to_owned(),
            Error::UnknownVersion { known, .. } => {
                let known: Vec<_> = known.iter().map(i64::to_string).collect();
                format!("there are {}", known.join(", "))
            }
            Error::ServerVersion { .. } => "use PostgreSQL 14 or newer".to_owned(),
        };
        Some(text)
    }

    /// Sorts an error of one of Whimbrel's own queries.
    pub(crate) fn query(doing: &'static str, source: sqlx::Error) -> Self {
        if is_connection_error(&source) {
            return Error::Connection { doing, source };
        }
        match source.as_database_error() {
            Some(error) if error.code().as_deref() == Some("42501") => {
                Error::Permission { doing, message: redact(error.message()) }
            }
            _ => Error::Query { doing, source },
        }
    }
}

fn permission_hint(doing: &str) -> String {
    if doing.contains("creat") {
        "GRANT CREATE ON DATABASE … TO the role, or run the first migration as the database's owner"
            .to_owned()
    } else {
        "GRANT USAGE ON SCHEMA whimbrel, and SELECT, INSERT ON whimbrel.journal, to the role, or connect as the \
         role that created the journal"
            .to_owned()
    }
}

/// Whether the server cannot be talked to (any more), as opposed to having said no.
pub(crate) fn is_connection_error(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Configuration(_) => true,
        // Class 08 connection exception, 57P01-57P03 shutdowns, 28 authorisation, 3D000 no such database, 53300
        // too many connections.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08")
                || code.starts_with("28")
                || matches!(&*code, "57P01" | "57P02" | "57P03" | "3D000" | "53300")
        }),
        _ => false,
    }
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    let lines: Vec<_> = items.iter().map(|item| format!("  - {item}")).collect();
    lines.join("\n")
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
