//! Why a transfer could not run, and what to do about it.

use whimbrel::DatabaseError;
use whimbrel::Hint;
use whimbrel_syntax::model::QName;

use crate::shape::TableFinding;
use crate::source::SourceError;

/// What ended a transfer. No text holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A name selects nothing.
    #[error(transparent)]
    Selection(#[from] crate::route::NothingSelected),
    /// The target database cannot be reached, or refuses the connection.
    #[error("cannot connect to the database: {0}")]
    Connect(DatabaseError),
    /// The connection to the target database was lost.
    #[error("{doing}: the connection to the database was lost: {cause}")]
    Connection {
        /// What was being done.
        doing: String,
        /// Why.
        cause: DatabaseError,
    },
    /// The target database refused a statement.
    #[error("{doing}: {cause}")]
    Database {
        /// What was being done.
        doing: String,
        /// Why.
        cause: DatabaseError,
    },
    /// The place for Whimbrel's own tables could not be made.
    #[error(transparent)]
    Own(#[from] whimbrel::Error),
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Some collections could not be read to their end; everything before the damage is in the database.
    #[error("{} could not be read to the end:\n{}", if parts.len() == 1 { "a part of the source" } else { "parts of the source" }, lines(parts))]
    Corrupt {
        /// Which, and why.
        parts: Vec<String>,
    },
    /// This program links no transform.
    #[error("this program knows no transform: there is nothing to transfer")]
    NoTransforms,
    /// The source has none of the collections that the transforms read.
    #[error("{source_name} has none of the collections that the transforms read")]
    NothingInCommon {
        /// The source.
        source_name: String,
        /// What it has.
        available: Vec<String>,
        /// What the transforms read.
        wanted: Vec<String>,
    },
    /// The tables are not what the transforms write.
    #[error("the target tables do not fit the transforms:\n{}", lines(findings))]
    Shape {
        /// All that does not fit.
        findings: Vec<TableFinding>,
    },
    /// There are rows in tables that must be empty.
    #[error("the target tables must be empty before a transfer:\n{}", occupied(tables))]
    NotEmpty {
        /// Which, and how many rows they have.
        tables: Vec<(QName, i64)>,
    },
    /// An earlier transfer did not end.
    #[error("transfer {id} of {source_name}, begun {started}, has not ended")]
    Unfinished {
        /// Its number.
        id: i64,
        /// What it read.
        source_name: String,
        /// When it began.
        started: String,
    },
    /// An earlier transfer did not end, and it fills more than what is selected now.
    #[error("transfer {id} has not ended, and it also fills {}: they would be left half loaded", tables.join(", "))]
    MoreUnfinished {
        /// Its number.
        id: i64,
        /// Tables and models that are not selected.
        tables: Vec<String>,
    },
    /// There are no such entries of `whimbrel.rejects`.
    #[error("whimbrel.rejects has no entry {}", ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "))]
    NoSuchReject {
        /// Their numbers.
        ids: Vec<i64>,
    },
    /// The interrupted transfer read something else.
    #[error("transfer {id} read {before}; this is {now}")]
    OtherSource {
        /// Its number.
        id: i64,
        /// What it read.
        before: String,
        /// What is given now.
        now: String,
    },
    /// A collection is not what it was when the interrupted transfer began: its rows could be lost or doubled.
    #[error("{collection} has changed since transfer {id} began: it had {before}, it has {now}")]
    SourceChanged {
        /// Its number.
        id: i64,
        /// The collection.
        collection: String,
        /// Its size and time of change then.
        before: String,
        /// Its size and time of change now.
        now: String,
    },
    /// The models changed since the interrupted transfer began.
    #[error("the transforms are no longer those that transfer {id} began with: {difference}")]
    OtherTransforms {
        /// Its number.
        id: i64,
        /// What differs first.
        difference: String,
    },
    /// Rows that were loaded are no longer there.
    #[error("transfer {id} has written rows into {}, and they are gone: was it emptied, or dropped and created again?", tables.join(", "))]
    RowsGone {
        /// Its number.
        id: i64,
        /// The empty tables.
        tables: Vec<String>,
    },
    /// Another transfer or migration is running on this database.
    #[error("another transfer or migration is running on this database{}; waited {:.1} s for it", holder.as_ref().map(|who| format!(": {who}")).unwrap_or_default(), waited.as_secs_f64())]
    Locked {
        /// For how long it was waited.
        waited: std::time::Duration,
        /// Who, as far as the server says.
        holder: Option<String>,
    },
    /// Another transfer loaded the tables that were to be emptied.
    #[error("transfer {id} of {source_name} ended while this one waited for it: its rows are not deleted")]
    LoadedMeanwhile {
        /// Its number.
        id: i64,
        /// What it read.
        source_name: String,
    },
    /// A checkpoint is not where this transfer left it.
    #[error(
        "{collection}: the checkpoint of part {part} was moved by another process; nothing of this batch was committed"
    )]
    CheckpointMoved {
        /// The collection.
        collection: String,
        /// The part's number.
        part: i32,
    },
    /// Rows that violate a constraint were not found again in the source.
    #[error(
        "{missing} of {removed} rows that violate constraints were not found again in the source; they were left where they are"
    )]
    NotFoundAgain {
        /// How many could not be traced back.
        missing: usize,
        /// How many violate.
        removed: usize,
    },
    /// What the database keeps about transfers cannot be understood.
    #[error("cannot understand {what} in the database: {reason}")]
    Bookkeeping {
        /// Which entry.
        what: String,
        /// Why not.
        reason: String,
    },
    /// A thread ended unexpectedly.
    #[error("an internal task ended unexpectedly: {0}")]
    Task(String),
}

/// What a caller can do, by the names it has for that.
pub(crate) struct Remedies {
    pub resume: &'static str,
    pub clean: &'static str,
    pub abort: &'static str,
    pub wait: &'static str,
    /// What to do after a refused statement or a lost connection.
    pub again: &'static str,
}

const OF_THE_LIBRARY: Remedies = Remedies {
    resume: "Mode::Resume",
    clean: "Mode::Clean",
    abort: "Abort",
    wait: "Transfer::wait",
    again: "Mode::Resume continues",
};

impl Hint for TransferError {
    fn hint(&self) -> Option<String> {
        self.remedy(&OF_THE_LIBRARY)
    }
}

impl TransferError {
    pub(crate) fn remedy(&self, remedies: &Remedies) -> Option<String> {
        let Remedies { resume, clean, abort, wait, again } = remedies;
        Some(match self {
            Self::Task(_) => return None,
            Self::Selection(error) => return error.hint(),
            Self::Connect(cause) => return cause.hint(),
            Self::Connection { .. } => format!("committed rows are kept: when the server is back, {again}"),
            Self::Database { cause, .. } => return cause.hint().map(|hint| format!("{hint}; then {again}")),
            Self::Own(error) => return error.hint(),
            Self::Source(error) => return error.hint(),
            Self::Corrupt { .. } => format!(
                "repair or replace the source, and start again with {clean}; {resume} is for the source as it was"
            ),
            Self::NoTransforms => {
                "derive Transform for the models and link their crate: `use my_models as _;`".into()
            }
            Self::NothingInCommon { available, wanted, .. } => {
                format!("it has {}; the transforms read {}", list(available), list(wanted))
            }
            Self::Shape { .. } => {
                "apply what is pending; what was changed by hand belongs into a migration, or back".into()
            }
            Self::NotEmpty { .. } => format!(
                "{resume} continues an interrupted transfer; {clean} empties these tables and starts again"
            ),
            Self::Unfinished { .. } => format!(
                "{resume} continues it; {abort} restores what it dropped and closes it; {clean} starts again"
            ),
            Self::MoreUnfinished { .. } => format!(
                "{resume} continues it with all that it fills; {abort} closes it; or use {clean} without selecting a part"
            ),
            Self::RowsGone { .. } => format!("start again with {clean}, or close it with {abort}"),
            Self::SourceChanged { .. } => format!(
                "resuming needs the very files that it began with: restore them with their times, or start again with {clean}"
            ),
            Self::OtherSource { .. } => format!("give the same source again, or start again with {clean}"),
            Self::OtherTransforms { .. } => format!(
                "resume it with the program that began it; or close it with {abort}, migrate, and start again"
            ),
            Self::Locked { .. } => format!(
                "let it end, or end its session with pg_terminate_backend; or wait for longer with {wait}"
            ),
            Self::LoadedMeanwhile { .. } => "start again to delete its rows".into(),
            Self::NoSuchReject { .. } => "list them without numbers to see what there is".into(),
            Self::CheckpointMoved { .. } => again.to_string(),
            Self::NotFoundAgain { .. } => format!(
                "did the source change since it was read? Restore it, and {again}; or remove the rows by hand"
            ),
            Self::Bookkeeping { .. } => format!(
                "was it written by another version of Whimbrel? Finish with that one, or start again with {clean}"
            ),
        })
    }
}

impl TransferError {
    pub(crate) fn connect(error: sqlx::Error) -> Self {
        Self::Connect(error.into())
    }

    /// Sorts an error of sqlx: lost connections from refused statements.
    pub(crate) fn from_sqlx(doing: impl Into<String>, source: sqlx::Error) -> Self {
        let (doing, cause) = (doing.into(), DatabaseError::from(source));
        if cause.is_connection() {
            Self::Connection { doing, cause }
        } else {
            Self::Database { doing, cause }
        }
    }
}

pub(crate) trait Doing<T> {
    /// Names the action; the closure runs only on failure.
    fn doing<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, TransferError>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, TransferError> {
        self.map_err(|source| TransferError::from_sqlx(doing(), source))
    }
}

pub(crate) fn message(error: &sqlx::Error) -> String {
    DatabaseError::from(error).to_string()
}

pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("  {item}")).collect::<Vec<_>>().join("\n")
}

fn occupied(tables: &[(QName, i64)]) -> String {
    let rows = |count: i64| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    tables.iter().map(|(table, count)| format!("  {table}: {}", rows(*count))).collect::<Vec<_>>().join("\n")
}

fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names if names.len() > 20 => format!("{} and {} more", names[..20].join(", "), names.len() - 20),
        names => names.join(", "),
    }
}
