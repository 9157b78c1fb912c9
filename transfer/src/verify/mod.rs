//! Verification: both sides are read completely and compared value by value.
//!
//! 1. The source is read again and every document encoded again, by the same code that loaded it. Each row goes
//!    into a digest per key range (`ranges`).
//! 2. PostgreSQL is read in one read-only snapshot with `COPY … TO STDOUT (FORMAT binary)`, which gives the very
//!    bytes the encoder writes, into digests of the same ranges.
//! 3. Where a range differs, its rows are read once more from both sides and compared by key, column by column
//!    (`drill_down`).
//! 4. Rows and documents that were not transferred must be in `whimbrel.rejects`, byte for byte, and every reject
//!    there must be explained by the source.
//! 5. Every foreign key, declared or in the catalog, is checked row by row, also where its constraint is missing.
//! 6. Columns must exist with the types the models say, and what was dropped for the load must be restored.
//!
//! Nothing is skipped silently: a collection that no transform reads, or a table that is not there, is in the
//! report. Nothing is written.

mod compare;
mod drill_down;
mod print;
mod ranges;
mod recorded;
mod report;
mod scan;
mod second_pass;
mod sql;
mod structure;
mod sums;
mod table;
mod target;
mod truncated;

use std::sync::Arc;

use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;
use whimbrel::__private::session::{self, SessionSettings};
use whimbrel::__private::transform::TransformSpec;
use whimbrel::DatabaseError;
use whimbrel::Hint;

pub use report::{
    Counts, Difference, ForeignKeyReport, RejectsReport, StructureFinding, TableReport, UnreadCollection,
    VerifyReport,
};

use crate::connect;
use crate::copy_out::CopyOutError;
use crate::error::TransferError;
use crate::progress::{Progress, Silent};
use crate::route::Selection;
use crate::source::{Source, SourceError};
use compare::Comparison;

/// A verification: compares a source with the database it was transferred into.
pub struct Verify {
    source: Arc<dyn Source>,
    target: PgConnectOptions,
    transforms: Vec<&'static TransformSpec>,
    selection: Selection,
    jobs: usize,
    differences: usize,
    max_rejects: Option<u64>,
    progress: Arc<dyn Progress>,
}

impl Verify {
    /// A verification with all transforms that this program links, one reader, and 20 differences a table.
    pub fn new(source: Arc<dyn Source>, target: PgConnectOptions) -> Self {
        Verify {
            source,
            target,
            transforms: whimbrel::__private::registry::transforms(),
            selection: Selection::default(),
            jobs: 1,
            differences: 20,
            max_rejects: Some(0),
            progress: Arc::new(Silent),
        }
    }

    /// These transforms instead of all that are linked.
    #[must_use]
    pub fn transforms(mut self, transforms: Vec<&'static TransformSpec>) -> Self {
        self.transforms = transforms;
        self
    }

    /// Compares only what these names select: models, tables or collections; all of it if there are none.
    #[must_use]
    pub fn only(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.only.extend(names.into_iter().map(Into::into));
        self
    }

    /// Fields that may be left out in any collection, besides what the models declare, like `__v` or `meta.tmp`.
    #[must_use]
    pub fn ignore(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.ignored.extend(paths.into_iter().map(Into::into));
        self
    }

    /// How many threads read the source, at least 1.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// How many differences of each table are described.
    #[must_use]
    pub fn differences(mut self, differences: usize) -> Self {
        self.differences = differences;
        self
    }

    /// How many rejects are acceptable: with more, the report's `ok` is false. None unless set; `None` accepts any
    /// number.
    #[must_use]
    pub fn max_rejects(mut self, count: Option<u64>) -> Self {
        self.max_rejects = count;
        self
    }

    /// Receives how far it is.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Compares both sides.
    ///
    /// # Errors
    /// When one of the sides cannot be read at all. A source that breaks off, and everything that differs, is in the
    /// report, whose `ok` is then false.
    pub async fn run(self) -> Result<VerifyReport, VerifyError> {
        let target = self.target.clone().application_name("whimbrel verify");
        let comparison = Comparison::prepare(self).await?;
        let mut connection = connect::open(&target).await.map_err(TransferError::connect)?;
        session::configure(&mut connection, SessionSettings::UNLIMITED).await?;
        session::watch_client(&mut connection).await?;
        let mut snapshot = connection.begin_with(sql::BEGIN).await?;
        let report = comparison.run(&mut snapshot).await;
        snapshot.rollback().await?;
        connection.close().await?;
        report
    }

    /// The target for a report: nothing of it is secret.
    fn describe_target(&self) -> String {
        let target = &self.target;
        let database = target.get_database().unwrap_or("the role's own database");
        let socket = target.get_socket().map(|socket| socket.to_string_lossy());
        format!("{database} on {}", socket.unwrap_or_else(|| target.get_host().into()))
    }
}

/// Why a verification could not be carried out. Differences are not an error: they are in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The target database refused a statement, or the connection was lost.
    #[error("cannot read the target database: {0}")]
    Database(DatabaseError),
    /// The source could not be opened or listed.
    #[error("cannot read the source: {0}")]
    Source(SourceError),
    /// What a transfer would end with, too: nothing is selected, say, or the source has nothing that a model reads.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The server's COPY stream is broken.
    #[error(transparent)]
    Copy(#[from] CopyOutError),
    /// Rows of a selected table come from a collection that is not selected, too.
    #[error("{table} is also filled from {collection}, which is not selected")]
    PartOfTable {
        /// The table.
        table: String,
        /// The collection.
        collection: String,
    },
}

impl From<sqlx::Error> for VerifyError {
    fn from(error: sqlx::Error) -> Self {
        VerifyError::Database(error.into())
    }
}

impl From<SourceError> for VerifyError {
    fn from(error: SourceError) -> Self {
        VerifyError::Source(error)
    }
}

impl From<tokio::task::JoinError> for VerifyError {
    fn from(error: tokio::task::JoinError) -> Self {
        VerifyError::Transfer(TransferError::Task(error.to_string()))
    }
}

impl Hint for VerifyError {
    fn hint(&self) -> Option<String> {
        match self {
            VerifyError::Database(error) => error.hint(),
            VerifyError::Source(error) => error.hint(),
            VerifyError::Transfer(error) => error.hint(),
            VerifyError::PartOfTable { table, .. } => {
                Some(format!("a table is compared as a whole: select all collections of {table}, or none"))
            }
            VerifyError::Copy(_) => None,
        }
    }
}
