//! After the load: constraints and indexes are restored, violating rows quarantined, sequences moved on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::PgConnection;
use whimbrel::__private::introspect;
use whimbrel_schema::Definition;
use whimbrel_syntax::model::QName;
use whimbrel_syntax::name::quote;

use crate::error::TransferError;
use crate::progress::Progress;
use crate::quarantine::{Quarantine, RowCounts};
use crate::restore::{self, DroppedObject, Kind, Obstacle};
use crate::run::{first, on_all};
use crate::shape;
use crate::statements::execute;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Default)]
pub struct RestoreOutcome {
    /// Rows that were moved to `whimbrel.rejects` because they violate a constraint.
    pub quarantined: RowCounts,
    /// Objects that could not be restored, and why.
    pub not_restored: Vec<String>,
    /// Whether everything was tried: not when it was asked to stop.
    pub complete: bool,
}

/// What stayed dropped, and why.
type Failed = Vec<(DroppedObject, Obstacle)>;

pub struct Restore {
    pub quarantine: Quarantine,
    pub progress: Arc<dyn Progress>,
}

impl Restore {
    /// Restores everything. The first connection also does what cannot be done side by side.
    pub async fn run(&self, connections: &mut Vec<PgConnection>) -> Result<RestoreOutcome, TransferError> {
        let mut outcome = RestoreOutcome::default();
        let mut hopeless = BTreeSet::new();
        while !self.quarantine.stop.is_cancelled() {
            let mut pending = restore::pending(first(connections)?, self.quarantine.transfer).await?;
            pending.retain(|object| !hopeless.contains(&object.id));
            let failed = self.restore_all(connections, pending).await?;
            if self.quarantine.stop.is_cancelled() {
                break;
            }
            if failed.is_empty() {
                outcome.complete = true;
                break;
            }
            let (violated, mut given_up): (Failed, Failed) =
                failed.into_iter().partition(|(_, obstacle)| matches!(obstacle, Obstacle::Rows(_)));
            if !violated.is_empty() {
                let objects = self.violated(first(connections)?, &violated).await?;
                self.progress.step(&format!("quarantining rows that violate {}", names(&objects)));
                let quarantined = self.quarantine.run(first(connections)?, &objects).await?;
                if quarantined.is_empty() && !self.quarantine.stop.is_cancelled() {
                    // None of the transferred rows is to blame: the server's own message says what is.
                    given_up.extend(violated);
                }
                for (table, count) in quarantined {
                    *outcome.quarantined.entry(table).or_default() += count;
                }
            }
            for (object, obstacle) in given_up {
                outcome.not_restored.push(format!("{object}: {obstacle}"));
                hopeless.insert(object.id);
            }
        }
        Ok(outcome)
    }

    /// What to look for: what failed, and when a foreign key did, all foreign keys between the target tables, since
    /// a row that is quarantined may be referenced by others.
    async fn violated(
        &self,
        connection: &mut PgConnection,
        failed: &Failed,
    ) -> Result<Vec<DroppedObject>, TransferError> {
        if !failed.iter().any(|(object, _)| object.kind == Kind::ForeignKey) {
            return Ok(failed.iter().map(|(object, _)| object.clone()).collect());
        }
        self.quarantine.drop_references(connection).await?;
        let mut pending = restore::pending(connection, self.quarantine.transfer).await?;
        let tables = shape::tables(&self.quarantine.routes);
        pending.retain(|object| object.kind == Kind::ForeignKey && tables.contains(&object.table));
        Ok(pending)
    }

    /// Tries to restore everything; gives what failed. Foreign keys are not tried while rows violate anything else,
    /// and one that they violate ends the attempt: others will have to be dropped again anyway.
    async fn restore_all(
        &self,
        connections: &mut Vec<PgConnection>,
        pending: Vec<DroppedObject>,
    ) -> Result<Failed, TransferError> {
        let (local, rest): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|object| object.kind < Kind::ForeignKey);
        let failed = self.side_by_side(connections, local).await?;
        if !failed.is_empty() {
            return Ok(failed);
        }
        for object in rest {
            if self.quarantine.stop.is_cancelled() {
                break;
            }
            self.progress.step(&format!("restoring {object}"));
            if let Some(obstacle) = restore::restore(first(connections)?, &object).await? {
                return Ok(vec![(object, obstacle)]);
            }
        }
        Ok(Vec::new())
    }

    /// Restores what concerns one table alone, several tables at a time.
    async fn side_by_side(
        &self,
        connections: &mut Vec<PgConnection>,
        pending: Vec<DroppedObject>,
    ) -> Result<Failed, TransferError> {
        let mut by_table: BTreeMap<QName, Vec<DroppedObject>> = BTreeMap::new();
        for object in pending {
            by_table.entry(object.table.clone()).or_default().push(object);
        }
        let queue: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(by_table.into_values().collect()));
        let (progress, stop) = (Arc::clone(&self.progress), self.quarantine.stop.clone());
        let mut failed: Failed = on_all(connections, move |mut connection| {
            let (queue, progress, stop) = (Arc::clone(&queue), Arc::clone(&progress), stop.clone());
            async move {
                let result = restore_tables(&mut connection, &queue, progress.as_ref(), &stop).await;
                (connection, result)
            }
        })
        .await?
        .into_iter()
        .flatten()
        .collect();
        failed.sort_by(|(a, _), (b, _)| (a.kind, &a.table, &a.name).cmp(&(b.kind, &b.table, &b.name)));
        Ok(failed)
    }
}

async fn restore_tables(
    connection: &mut PgConnection,
    queue: &Mutex<VecDeque<Vec<DroppedObject>>>,
    progress: &dyn Progress,
    stop: &CancellationToken,
) -> Result<Failed, TransferError> {
    let mut failed = Vec::new();
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(objects) = next else { return Ok(failed) };
        for object in objects {
            if stop.is_cancelled() {
                return Ok(failed);
            }
            progress.step(&format!("restoring {object}"));
            if let Some(obstacle) = restore::restore(connection, &object).await? {
                failed.push((object, obstacle));
            }
        }
    }
}

fn names(objects: &[DroppedObject]) -> String {
    let names: Vec<&str> = objects.iter().take(3).map(|object| object.name.as_str()).collect();
    let more = objects.len().saturating_sub(names.len());
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// Moves the sequences of the tables' columns past the greatest loaded value. The planner's statistics are left
/// to autovacuum, which notices how the tables have grown.
pub async fn move_sequences(
    connection: &mut PgConnection,
    tables: &BTreeSet<QName>,
) -> Result<(), TransferError> {
    let schemas: Vec<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
    let kinds = [whimbrel_schema::Kind::Sequence, whimbrel_schema::Kind::IdentitySequence];
    let catalog = introspect::objects(connection, &schemas, &kinds).await?;
    let owned = catalog.objects.values().filter_map(|entry| match &entry.definition {
        Definition::Sequence(sequence) => Some((sequence.owned_by.as_ref()?, &sequence.name)),
        Definition::IdentitySequence(sequence) => Some((&sequence.of, &sequence.name)),
        _ => None,
    });
    for (column, sequence) in owned {
        let table = column.qname();
        if !tables.contains(&table) {
            continue;
        }
        let (table, sequence) = (table.full(), sequence.full());
        let statement = format!(
            "SELECT setval({}::regclass, m.top) FROM (SELECT max({})::bigint AS top FROM {table}) AS m, {sequence} AS s \
             WHERE m.top > s.last_value OR (m.top = s.last_value AND NOT s.is_called)",
            whimbrel_syntax::name::literal(&sequence),
            quote(column.name()),
        );
        execute(connection, statement, || format!("moving the sequence {sequence} on")).await?;
    }
    Ok(())
}
