//! Finding the transfer to continue, or beginning a new one.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel_syntax::model::QName;

use super::{Mode, Run, blocking};
use crate::checkpoint::{self, Part, PartState, Phase, Plan, Recorded};
use crate::error::{Doing, TransferError};
use crate::statements;
use crate::{restore, shape};

/// Collections below this size are not worth splitting, in bytes.
const WORTH_SPLITTING: u64 = 8 << 20;

/// What [`Run::open`] found or made.
pub(super) struct Opened {
    pub(super) id: i64,
    pub(super) phase: Phase,
    pub(super) parts: Vec<Part>,
    pub(super) not_dropped: Vec<String>,
    pub(super) resumed: bool,
}

impl Run {
    pub(super) async fn open(&self, connection: &mut PgConnection) -> Result<Opened, TransferError> {
        let latest = checkpoint::latest(connection).await?;
        let plan = Plan::of(&self.matched.routes, &self.matched.collections);
        match (self.transfer.mode, latest) {
            (Mode::Resume, Some(latest)) => {
                if let Some(opened) = self.resume(connection, latest, &plan).await? {
                    return Ok(opened);
                }
            }
            (Mode::Fresh, Some(latest)) if latest.phase != Phase::Done => {
                return Err(latest.into());
            }
            (Mode::Clean, Some(latest)) => {
                let part = !self.transfer.selection.only.is_empty() || self.transfer.source.is_part();
                let tables = latest.plan.beyond(&plan);
                if part && latest.phase != Phase::Done && !tables.is_empty() {
                    return Err(TransferError::MoreUnfinished { id: latest.id, tables });
                }
                if let Some(since) = &self.waited_since
                    && checkpoint::ended_since(connection, latest.id, since).await?
                {
                    return Err(TransferError::LoadedMeanwhile { id: latest.id, source_name: latest.source });
                }
            }
            _ => {}
        }
        if self.transfer.mode != Mode::Clean {
            let tables = occupied(connection, &shape::tables(&self.matched.routes)).await?;
            if !tables.is_empty() {
                return Err(TransferError::NotEmpty { tables });
            }
        }
        self.begin(connection, &plan).await
    }

    /// Continues a transfer; `None` if it had ended and its tables have been emptied since, so that a new one may
    /// begin.
    async fn resume(
        &self,
        connection: &mut PgConnection,
        latest: Recorded,
        plan: &Plan,
    ) -> Result<Option<Opened>, TransferError> {
        let tables = shape::tables(&self.matched.routes);
        let parts = checkpoint::parts(connection, latest.id).await?;
        let mut written = checkpoint::rows_by_table(&parts);
        written.retain(|_, rows| *rows > 0);
        let occupied = occupied(connection, &tables).await?;
        if latest.phase == Phase::Done && occupied.is_empty() && !written.is_empty() {
            return Ok(None);
        }
        let now = self.transfer.source.describe();
        if latest.source != now {
            return Err(TransferError::OtherSource { id: latest.id, before: latest.source, now });
        }
        if latest.phase != Phase::Done
            && let Some((collection, before, now)) = latest.plan.changed(plan)
        {
            return Err(TransferError::SourceChanged { id: latest.id, collection, before, now });
        }
        if let Some(difference) = latest.plan.difference(plan) {
            return Err(TransferError::OtherTransforms { id: latest.id, difference });
        }
        for (table, _) in &occupied {
            written.remove(&table.to_string());
        }
        // Once constraints are being restored, all rows of a table may have been quarantined.
        let gone = latest.phase == Phase::Load || latest.phase == Phase::Restore && occupied.is_empty();
        if gone && !written.is_empty() {
            let tables = written.into_keys().collect();
            return Err(TransferError::RowsGone { id: latest.id, tables });
        }
        let not_dropped = match latest.phase {
            // What was restored by hand meanwhile is dropped again: rows would be refused one by one.
            Phase::Load => {
                let mut transaction = connection.begin().await.doing(|| restore::DROPPING)?;
                let names: Vec<&QName> = tables.iter().collect();
                let not_dropped =
                    restore::drop_objects(&mut transaction, latest.id, &names, |_| true).await?;
                transaction.commit().await.doing(|| restore::DROPPING)?;
                not_dropped
            }
            Phase::Restore | Phase::Done | Phase::Aborted => Vec::new(),
        };
        Ok(Some(Opened { id: latest.id, phase: latest.phase, parts, not_dropped, resumed: true }))
    }

    /// Begins: the transfer's record, its parts, and everything that is dropped, in one transaction.
    async fn begin(&self, connection: &mut PgConnection, plan: &Plan) -> Result<Opened, TransferError> {
        let parts = self.split().await?;
        self.transfer.progress.step(restore::DROPPING);
        let tables = shape::tables(&self.matched.routes);
        let collections: Vec<&str> = self.matched.routes.iter().map(|route| route.collection).collect();
        let doing = || "beginning the transfer";
        let mut transaction = connection.begin().await.doing(doing)?;
        let names: Vec<String> = tables.iter().map(QName::to_string).collect();
        checkpoint::abandon(&mut transaction, &collections, &names).await?;
        let id = checkpoint::begin(&mut transaction, &self.transfer.source.describe(), plan, &parts).await?;
        let names: Vec<&QName> = tables.iter().collect();
        let not_dropped = restore::drop_objects(&mut transaction, id, &names, |_| true).await?;
        if self.transfer.mode == Mode::Clean {
            let statement = statements::truncate(&tables);
            statements::execute(&mut transaction, statement, || "emptying the target tables").await?;
        }
        transaction.commit().await.doing(doing)?;
        Ok(Opened { id, phase: Phase::Load, parts, not_dropped, resumed: false })
    }

    /// Cuts large collections so that every worker has something to do.
    async fn split(&self) -> Result<Vec<Part>, TransferError> {
        let source = Arc::clone(&self.transfer.source);
        let jobs = self.transfer.jobs;
        let collections = self.matched.collections.clone();
        let ranges = blocking(move || {
            let mut ranges = Vec::new();
            for info in &collections {
                let small = info.bytes.is_some_and(|bytes| bytes < WORTH_SPLITTING);
                let wanted = if jobs == 1 || small { 1 } else { jobs };
                for range in source.split(&info.name, wanted)? {
                    ranges.push((info.name.clone(), range));
                }
            }
            Ok(ranges)
        });
        let parts = ranges.await?.into_iter().enumerate();
        // There are as many parts as collections times jobs, far below 2³¹.
        Ok(parts
            .map(|(number, (collection, range))| Part {
                number: number as i32,
                collection,
                range,
                state: PartState::default(),
            })
            .collect())
    }
}

/// The tables that are not empty, with their number of rows.
async fn occupied(
    connection: &mut PgConnection,
    tables: &BTreeSet<QName>,
) -> Result<Vec<(QName, i64)>, TransferError> {
    let mut occupied = Vec::new();
    for table in tables {
        let doing = || format!("looking into {table}");
        let any: bool = sqlx::query_scalar(AssertSqlSafe(statements::has_rows(table)))
            .fetch_one(&mut *connection)
            .await
            .doing(doing)?;
        if any {
            let count = sqlx::query_scalar(AssertSqlSafe(statements::count(table)))
                .fetch_one(&mut *connection)
                .await
                .doing(doing)?;
            occupied.push((table.clone(), count));
        }
    }
    Ok(occupied)
}
