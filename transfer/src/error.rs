//! Why a transfer could not run, and what to do about it.

use whimbrel_schema::model::QName;

use crate::shape::ShapeProblem;
use crate::source::SourceError;

/// What is being done before anything else.
pub(crate) const CONNECTING: &str = "connecting";

/// What ended a transfer. No text holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The builder was not told everything.
    #[error("no {what} was given")]
    Missing {
        /// What is missing: `source`, `target database`.
        what: &'static str,
    },
    /// There is no connection to the target database, or it was lost.
    #[error("{doing}: no connection to the database: {}", message(source))]
    Connection {
        /// What was being done.
        doing: String,
        /// Why.
        source: sqlx::Error,
    },
    /// The target database refused a statement.
    #[error("{doing}: {}", message(source))]
    Database {
        /// What was being done.
        doing: String,
        /// Why.
        source: sqlx::Error,
    },
    /// The place for Whimbrel's own tables could not be made.
    #[error(transparent)]
    Own(#[from] whimbrel::error::Error),
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Some collections could not be read to their end; everything before the damage is in the database.
    #[error("{} could not be read to the end:\n{}", if parts.len() == 1 { "a part of the source" } else { "parts of the source" }, lines(parts))]
    Damaged {
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
    #[error("the target tables do not fit the transforms:\n{}", lines(problems))]
    Shape {
        /// All that does not fit.
        problems: Vec<ShapeProblem>,
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
    /// Somebody else is at work on this database.
    #[error("another transfer or migration is at work on this database{}", holder.as_ref().map(|who| format!(" ({who})")).unwrap_or_default())]
    Locked {
        /// Who, as far as the server says.
        holder: Option<String>,
    },
    /// A checkpoint is not where this transfer left it.
    #[error(
        "{collection}: the checkpoint of part {part} was moved by somebody else; nothing of this batch was kept"
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

impl TransferError {
    /// What to do about it, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { .. } | Self::Task(_) => return None,
            Self::Connection { doing, .. } if doing == CONNECTING => {
                "check the URL, and that the server is running and reachable".into()
            }
            Self::Connection { .. } => {
                "what has arrived is kept: when the server is back, continue with --resume".into()
            }
            Self::Database { source, .. } => return database_hint(source),
            Self::Own(error) => return error.hint(),
            Self::Source(error) => return error.hint(),
            Self::Damaged { .. } => {
                "repair or replace the source and continue with --resume; everything before the damage is in the database"
                    .into()
            }
            Self::NoTransforms => {
                "derive Transform for the models and link their crate: `use my_models as _;`".into()
            }
            Self::NothingInCommon { available, wanted, .. } => {
                format!("it has {}; the transforms read {}", list(available), list(wanted))
            }
            Self::Shape { .. } => {
                "bring the database up to date with `whimbrel migrate`; an unfinished transfer must be aborted before"
                    .into()
            }
            Self::NotEmpty { .. } => {
                "--resume continues an interrupted transfer; --clean empties these tables and starts anew".into()
            }
            Self::Unfinished { .. } => {
                "resume it, abort it, or empty the tables and begin again".into()
            }
            Self::RowsGone { .. } => "empty the tables and begin again, or abort the transfer".into(),
            Self::OtherSource { .. } => {
                "give the same source again with --from, or start anew with --clean".into()
            }
            Self::OtherTransforms { .. } => {
                "resume it with the program that began it; or abort it, migrate, and begin again".into()
            }
            Self::Locked { .. } => "wait until it has ended".into(),
            Self::CheckpointMoved { .. } => "continue with --resume".into(),
            Self::NotFoundAgain { .. } => {
                "did the source change since it was read? Bring it back and continue with --resume, or remove the rows by hand"
                    .into()
            }
            Self::Bookkeeping { .. } => {
                "was it written by another version of Whimbrel? Finish with that one, or start anew with --clean".into()
            }
        })
    }

    /// Sorts an error of sqlx: lost connections from refused statements.
    pub(crate) fn from_sqlx(doing: impl Into<String>, source: sqlx::Error) -> Self {
        let doing = doing.into();
        match source {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed => Self::Connection { doing, source },
            source => Self::Database { doing, source },
        }
    }
}

/// Says what was being done when sqlx failed.
pub(crate) trait Doing<T> {
    /// Names the action; the closure runs only on failure.
    fn doing<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, TransferError>;
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, TransferError> {
        self.map_err(|source| TransferError::from_sqlx(doing(), source))
    }
}

/// An error's text, with the server's detail.
pub(crate) fn message(error: &sqlx::Error) -> String {
    let text = match error {
        sqlx::Error::Database(inner) => {
            let mut text = format!("{} (SQLSTATE {})", inner.message(), inner.code().unwrap_or("?".into()));
            if let Some(detail) =
                inner.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().and_then(|error| error.detail())
            {
                text.push_str(": ");
                text.push_str(detail);
            }
            text
        }
        other => other.to_string(),
    };
    whimbrel::redact::redact(&text)
}

/// The SQLSTATE of a refused statement.
pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

fn database_hint(error: &sqlx::Error) -> Option<String> {
    let hint = match sqlstate(error)?.as_str() {
        "42501" => "the role needs to own the target tables and the right to create the schema whimbrel",
        "55P03" => "another session holds a lock on a target table; end it and try again",
        "53100" => "make room on the server's disk and continue with --resume",
        "53300" => "the server has no connection left; try again with fewer --jobs",
        "57P01" | "57P02" | "57P03" => "the server went away; when it is back, continue with --resume",
        _ => return None,
    };
    Some(hint.to_owned())
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
