//! After the load: constraints and indexes come back, violating rows go out, sequences move on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{AssertSqlSafe, PgConnection, Row};
use whimbrel_schema::model::QName;
use whimbrel_schema::name::quote;

use crate::copy::table_sql;
use crate::deferred::{self, Deferred, Kind};
use crate::error::{Doing, TransferError, message};
use crate::progress::Progress;
use crate::shape;
use crate::sweep::{Sweep, Swept};

/// What came of it.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// Rows that were taken out because they violate a constraint.
    pub swept: Swept,
    /// Objects that could not be brought back, and why.
    pub problems: Vec<String>,
    /// Whether everything was tried: not when it was asked to stop.
    pub complete: bool,
}

/// Rebuilds with all connections at hand.
pub struct Rebuild {
    /// How violating rows are found and traced.
    pub sweep: Sweep,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
}

impl Rebuild {
    /// Brings everything back. The first connection also does what cannot be done side by side.
    pub async fn run(&self, connections: &mut Vec<PgConnection>) -> Result<Rebuilt, TransferError> {
        let mut rebuilt = Rebuilt::default();
        let mut hopeless: BTreeSet<i64> = BTreeSet::new();
        while !self.sweep.stop.is_requested() {
            let mut pending = deferred::pending(main(connections)?, self.sweep.transfer).await?;
            pending.retain(|object| !hopeless.contains(&object.id));
            let failed = self.restore_all(connections, pending).await?;
            if self.sweep.stop.is_requested() {
                break;
            }
            if failed.is_empty() {
                rebuilt.complete = true;
                break;
            }
            let violated = self.violated(main(connections)?, &failed).await?;
            self.progress.step(&format!("taking out rows that violate {}", names(&violated)));
            let swept = self.sweep.run(main(connections)?, &violated).await?;
            if swept.is_empty() && !self.sweep.stop.is_requested() {
                // No row of ours is to blame: the server's own words say what is.
                for (object, error) in failed {
                    rebuilt.problems.push(format!("{object}: {error}"));
                    hopeless.insert(object.id);
                }
            }
            for (table, count) in swept {
                *rebuilt.swept.entry(table).or_default() += count;
            }
        }
        Ok(rebuilt)
    }

    /// What to sweep for: what failed, and when a foreign key did, all foreign keys between the target tables,
    /// since rows that go out take the ground from others.
    async fn violated(
        &self,
        connection: &mut PgConnection,
        failed: &[(Deferred, String)],
    ) -> Result<Vec<Deferred>, TransferError> {
        if !failed.iter().any(|(object, _)| object.kind == Kind::ForeignKey) {
            return Ok(failed.iter().map(|(object, _)| object.clone()).collect());
        }
        deferred::withdraw(connection, self.sweep.transfer).await?;
        let mut pending = deferred::pending(connection, self.sweep.transfer).await?;
        let tables = shape::tables(&self.sweep.routes);
        pending.retain(|object| object.kind == Kind::ForeignKey && tables.contains(&object.table));
        Ok(pending)
    }

    /// Tries to bring back everything; gives what the rows do not allow. Foreign keys are not tried while
    /// anything else is missing, and one that fails ends the attempt: others will have to go again anyway.
    async fn restore_all(
        &self,
        connections: &mut Vec<PgConnection>,
        pending: Vec<Deferred>,
    ) -> Result<Vec<(Deferred, String)>, TransferError> {
        let (local, rest): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|object| object.kind < Kind::ForeignKey);
        let failed = self.side_by_side(connections, local).await?;
        if !failed.is_empty() {
            return Ok(failed);
        }
        for object in rest {
            if self.sweep.stop.is_requested() {
                break;
            }
            self.progress.step(&format!("rebuilding {object}"));
            if let Err(error) = deferred::restore(main(connections)?, &object).await? {
                return Ok(vec![(object, message(&error))]);
            }
        }
        Ok(Vec::new())
    }

    /// Brings back what concerns one table alone, several tables at a time.
    async fn side_by_side(
        &self,
        connections: &mut Vec<PgConnection>,
        pending: Vec<Deferred>,
    ) -> Result<Vec<(Deferred, String)>, TransferError> {
        let mut by_table: BTreeMap<QName, Vec<Deferred>> = BTreeMap::new();
        for object in pending {
            by_table.entry(object.table.clone()).or_default().push(object);
        }
        let queue: Arc<Mutex<VecDeque<Vec<Deferred>>>> =
            Arc::new(Mutex::new(by_table.into_values().collect()));
        let mut tasks = tokio::task::JoinSet::new();
        for (at, mut connection) in connections.drain(..).enumerate() {
            let (queue, progress, stop) =
                (Arc::clone(&queue), Arc::clone(&self.progress), self.sweep.stop.clone());
            tasks.spawn(async move {
                let mut failed = Vec::new();
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(objects) = next else { return (at, connection, Ok(failed)) };
                    for object in objects {
                        if stop.is_requested() {
                            return (at, connection, Ok(failed));
                        }
                        progress.step(&format!("rebuilding {object}"));
                        match deferred::restore(&mut connection, &object).await {
                            Ok(Ok(())) => {}
                            Ok(Err(error)) => failed.push((object, message(&error))),
                            Err(error) => return (at, connection, Err(error)),
                        }
                    }
                }
            });
        }
        let (mut failed, mut first_error, mut returned) = (Vec::new(), None, Vec::new());
        while let Some(result) = tasks.join_next().await {
            let (at, connection, result) = result.map_err(|error| TransferError::Task(error.to_string()))?;
            returned.push((at, connection));
            match result {
                Ok(refused) => failed.extend(refused),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        // The first connection holds the lock and must stay the first.
        returned.sort_by_key(|(at, _)| *at);
        connections.extend(returned.into_iter().map(|(_, connection)| connection));
        if let Some(error) = first_error {
            return Err(error);
        }
        failed.sort_by(|(a, _), (b, _)| (a.kind, &a.table, &a.name).cmp(&(b.kind, &b.table, &b.name)));
        Ok(failed)
    }
}

fn main(connections: &mut [PgConnection]) -> Result<&mut PgConnection, TransferError> {
    connections.first_mut().ok_or_else(|| TransferError::Task("no connection is left".to_owned()))
}

fn names(objects: &[Deferred]) -> String {
    let names: Vec<&str> = objects.iter().take(3).map(|object| object.name.as_str()).collect();
    let more = objects.len().saturating_sub(names.len());
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

const SEQUENCES: &str = "\
SELECT n.nspname::text AS nsp, c.relname::text AS rel, a.attname::text AS col, \
       sn.nspname::text AS seq_nsp, s.relname::text AS seq \
FROM unnest($1::text[], $2::text[]) AS w(nsp, rel) \
JOIN pg_catalog.pg_namespace n ON n.nspname = w.nsp \
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.rel \
JOIN pg_catalog.pg_depend d ON d.refobjid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass \
     AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') \
JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' \
JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace \
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
ORDER BY 1, 2, 3";

/// Moves the sequences behind the tables' columns past the greatest loaded value. The planner's statistics are left
/// to autovacuum, which sees by itself how the tables have grown.
pub async fn finish(connection: &mut PgConnection, tables: &BTreeSet<QName>) -> Result<(), TransferError> {
    let schemas: Vec<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let rows = sqlx::query(SEQUENCES)
        .bind(&schemas)
        .bind(&names)
        .fetch_all(&mut *connection)
        .await
        .doing(|| "looking for sequences")?;
    for row in rows {
        let table = table_sql(&QName::in_schema(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel")));
        let sequence = table_sql(&QName::in_schema(row.get::<&str, _>("seq_nsp"), row.get::<&str, _>("seq")));
        let statement = format!(
            "SELECT setval({}::regclass, m.top) FROM (SELECT max({})::bigint AS top FROM {table}) AS m, {sequence} AS s \
             WHERE m.top > s.last_value OR (m.top = s.last_value AND NOT s.is_called)",
            whimbrel_schema::name::literal(&sequence),
            quote(row.get("col")),
        );
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await
            .doing(|| format!("moving the sequence {sequence} on"))?;
    }
    Ok(())
}
