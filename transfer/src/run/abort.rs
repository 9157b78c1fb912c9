//! Giving up an unfinished transfer: what it dropped is restored, the rows stay.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::{WAIT, connect};
use crate::checkpoint::{self, Phase};
use crate::connect::close;
use crate::error::{Doing, TransferError};
use crate::quarantine::statement::count_sql;
use crate::restore::run::move_sequences;
use crate::restore::{self, DroppedObject, Obstacle};
use tokio_util::sync::CancellationToken;

use crate::{exclusive, progress::Progress, store};

/// Restores what an unfinished transfer dropped, and closes it. It needs neither the source nor the models.
#[derive(Debug, Clone)]
pub struct Abort {
    target: PgConnectOptions,
    wait: Duration,
}

/// What became of a transfer that was to be aborted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AbortReport {
    /// Its number in `whimbrel.transfers`.
    pub transfer: i64,
    /// What it read, described without passwords.
    pub source: String,
    /// Whether it is closed; not while rows are in the way of a constraint.
    pub closed: bool,
    /// How many constraints, indexes and triggers were restored.
    pub restored: usize,
    /// Constraints and unique indexes that rows violate.
    pub violated: Vec<Violation>,
    /// What was not restored because something else stands in its place or its table is gone, and why.
    pub left: Vec<String>,
}

/// A constraint or unique index that could not be restored because of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// What it is: `foreign key people_team_fkey of people`.
    pub object: String,
    /// How many rows violate it. Of rows with equal keys the first does not count.
    pub rows: i64,
    /// Some of them, described.
    pub examples: Vec<String>,
    /// What the server said.
    pub error: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.rows == 1 {
            "1 row violates it".to_owned()
        } else {
            format!("{} rows violate it", self.rows)
        };
        write!(f, "{}: {rows}", self.object)?;
        if self.examples.is_empty() {
            write!(f, ": {}", self.error)
        } else {
            write!(f, ", for example {}", self.examples.join("; "))
        }
    }
}

impl AbortReport {
    /// 0 when everything is restored, 1 when something is not.
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.closed || !self.left.is_empty())
    }
}

impl Abort {
    /// For the newest transfer of this database.
    pub fn new(target: PgConnectOptions) -> Self {
        Abort { target, wait: WAIT }
    }

    /// How long to wait when a transfer or a migration is at work; 15 seconds unless set.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Does it; `None` if no transfer is open.
    ///
    /// # Errors
    /// The database cannot be reached or is in use. What was restored stays, and another attempt goes on.
    pub async fn run(self, progress: &dyn Progress) -> Result<Option<AbortReport>, TransferError> {
        let mut connection = connect(&self.target).await?;
        exclusive::acquire(&mut connection, self.wait, &CancellationToken::new(), progress).await?;
        let report = abort(&mut connection, progress).await;
        progress.end();
        close(connection).await;
        report
    }
}

async fn abort(
    connection: &mut PgConnection,
    progress: &dyn Progress,
) -> Result<Option<AbortReport>, TransferError> {
    if !store::exists(connection).await? {
        return Ok(None);
    }
    let Some(open) = checkpoint::unfinished(connection).await? else { return Ok(None) };
    let mut report = AbortReport {
        transfer: open.id,
        source: open.source,
        closed: false,
        restored: 0,
        violated: Vec::new(),
        left: Vec::new(),
    };
    for object in restore::pending(connection, open.id).await? {
        progress.step(&format!("restoring {object}"));
        match restore::restore(connection, &object).await? {
            None => report.restored += 1,
            Some(Obstacle::Rows(error)) => report.violated.push(violation(connection, &object, error).await?),
            Some(Obstacle::Catalog(why)) => report.left.push(format!("{object}: {why}")),
        }
    }
    if report.violated.is_empty() {
        let tables = restore::tables(connection, open.id).await?;
        move_sequences(connection, &tables).await?;
        checkpoint::enter(connection, open.id, Phase::Aborted).await?;
        report.closed = true;
    }
    Ok(Some(report))
}

async fn violation(
    connection: &mut PgConnection,
    object: &DroppedObject,
    error: String,
) -> Result<Violation, TransferError> {
    let rows = match &object.rule {
        Some(rule) => sqlx::query(AssertSqlSafe(count_sql(&object.table, rule)))
            .fetch_all(connection)
            .await
            .doing(|| format!("counting the rows that violate {object}"))?,
        None => Vec::new(),
    };
    Ok(Violation {
        object: object.to_string(),
        rows: rows.first().map_or(0, |row| row.get(0)),
        examples: rows.iter().map(|row| row.get(1)).collect(),
        error,
    })
}
