//! The proof: both sides are read completely and compared value by value.
//!
//! 1. The source is read again and every document encoded again, by the same code that loaded it. Each row goes
//!    into a digest per key range ([`ranges`]).
//! 2. PostgreSQL is read in one read-only snapshot with `COPY … TO STDOUT (FORMAT binary)`, which gives the very
//!    bytes the encoder writes, into digests of the same ranges.
//! 3. Where a range differs, its rows are read once more from both sides and compared by key, column by column
//!    (`narrow`).
//! 4. Rows and documents that were not transferred must be in `whimbrel.rejects`, byte for byte, and every reject
//!    there must be explained by the source.
//! 5. Every foreign key, declared or in the catalog, is checked row by row, also where its constraint is missing.
//! 6. Columns must exist with the types the models say, and what was dropped for the load must stand again.
//!
//! Nothing is skipped in silence: a collection that no transform reads, or a table that is not there, is in the
//! report. Nothing is written.

mod collect;
mod compare;
mod kept;
mod narrow;
pub mod ranges;
mod recorded;
mod render;
pub mod report;
mod scan;
mod sql;
mod structure;
mod subject;
mod sums;
mod target;

use std::sync::Arc;

use sqlx::{Connection as _, PgPool};
use whimbrel::__private::transform::TransformSpec;
use whimbrel::DatabaseError;
use whimbrel::Hint;

pub use report::VerifyReport;

use crate::copy_out::CopyOutError;
use crate::error::TransferError;
use crate::progress::{Progress, Silent};
use crate::route::NothingSelected;
pub use crate::route::Selection;
use crate::source::{Source, SourceError};
use compare::Comparison;

/// How a verification is carried out.
#[derive(Clone)]
pub struct VerifyOptions {
    /// How many threads read the source.
    pub jobs: usize,
    /// How many differences of each table are described; all that are looked at are counted.
    pub differences: usize,
    /// What takes part, and what may be left out besides what the models declare.
    pub selection: Selection,
    /// What the report calls the target; passwords are taken out.
    pub target: String,
    /// Who is told how far it is.
    pub progress: Arc<dyn Progress>,
}

impl std::fmt::Debug for VerifyOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyOptions")
            .field("jobs", &self.jobs)
            .field("differences", &self.differences)
            .finish_non_exhaustive()
    }
}

impl Default for VerifyOptions {
    fn default() -> Self {
        VerifyOptions {
            jobs: 1,
            differences: 20,
            selection: Selection::default(),
            target: String::new(),
            progress: Arc::new(Silent),
        }
    }
}

/// Why a verification could not be carried out. Differences are no error: they are in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// PostgreSQL said no.
    #[error("cannot read the target database: {0}")]
    Database(DatabaseError),
    /// The source could not be opened or listed.
    #[error("cannot read the source: {0}")]
    Source(SourceError),
    /// The target tables could not be looked at.
    #[error(transparent)]
    Shape(#[from] TransferError),
    /// The server's COPY stream is broken.
    #[error(transparent)]
    Copy(#[from] CopyOutError),
    /// A thread ended abnormally.
    #[error("a reading thread ended abnormally: {0}")]
    Thread(tokio::task::JoinError),
    /// A name selects nothing.
    #[error(transparent)]
    Selection(#[from] NothingSelected),
    /// Rows of a selected table come from a collection that is not selected, too.
    #[error("{table} is also filled from {collection}, which is not selected")]
    PartOfTable {
        /// The table.
        table: String,
        /// The collection.
        collection: String,
    },
    /// No transform is linked into this program.
    #[error("this program knows no transform, so there is nothing to compare")]
    NoTransforms,
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
        VerifyError::Thread(error)
    }
}

impl Hint for VerifyError {
    fn hint(&self) -> Option<String> {
        match self {
            VerifyError::Database(error) => error.hint(),
            VerifyError::Source(error) => error.hint(),
            VerifyError::Shape(error) => error.hint(),
            VerifyError::Selection(error) => error.hint(),
            VerifyError::PartOfTable { table, .. } => {
                Some(format!("a table is compared as a whole: select all collections of {table}, or none"))
            }
            VerifyError::NoTransforms => {
                Some("link the crate of your models: `use your_models as _;`, and derive Transform".into())
            }
            VerifyError::Copy(_) | VerifyError::Thread(_) => None,
        }
    }
}

/// Compares a source with the database it was transferred into.
///
/// # Errors
/// When one of the sides cannot be read at all. A source that breaks off, and everything that differs, is in the
/// report, whose `ok` is then false.
pub async fn verify(
    source: Arc<dyn Source>,
    pool: &PgPool,
    specs: &[&'static TransformSpec],
    options: &VerifyOptions,
) -> Result<VerifyReport, VerifyError> {
    let comparison = Comparison::prepare(source, specs, options).await?;
    let mut connection = pool.acquire().await?;
    let mut snapshot = connection.begin_with(sql::BEGIN).await?;
    sqlx::raw_sql(sql::NO_TIMEOUTS).execute(&mut *snapshot).await?;
    let report = comparison.run(&mut snapshot).await;
    snapshot.rollback().await?;
    report
}
