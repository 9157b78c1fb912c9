//! How far a transfer has come: transfers, their parts, and each part's checkpoint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};
use whimbrel::__private::transform::FieldCounts;

use crate::error::{Doing, TransferError};
use crate::route::Route;
use crate::source::{CollectionInfo, Position, Range};

/// What must not change between interruption and resumption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Which tables and columns each collection fills.
    collections: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The states of collections, where a source can tell them apart.
    versions: BTreeMap<String, String>,
}

impl Plan {
    /// The plan of these routes. Two models of one table get one entry each.
    pub fn of(routes: &[Route], collections: &[CollectionInfo]) -> Self {
        let entry = |route: &Route| {
            let targets = route.targets.iter().map(|target| {
                let columns = target.spec.columns.iter().map(|&column| column.to_owned()).collect();
                (format!("{} ({})", target.table, target.spec.model), columns)
            });
            (route.collection.to_owned(), targets.collect())
        };
        let versions = collections.iter().filter_map(|info| Some((info.name.clone(), info.version.clone()?)));
        Plan { collections: routes.iter().map(entry).collect(), versions: versions.collect() }
    }

    /// Tables, with their models, that this plan fills and another one does not.
    pub fn beyond(&self, other: &Plan) -> Vec<String> {
        let tables = self
            .collections
            .iter()
            .flat_map(|(collection, tables)| tables.keys().map(move |table| (collection, table)));
        let filled = |collection: &str, table: &str| {
            other.collections.get(collection).is_some_and(|tables| tables.contains_key(table))
        };
        tables
            .filter(|(collection, table)| !filled(collection, table))
            .map(|(_, table)| table.clone())
            .collect()
    }

    /// A collection that is not what it was, with its states then and now.
    pub fn changed(&self, now: &Plan) -> Option<(String, String, String)> {
        let pair = |(name, before): (&String, &String)| {
            Some((name.clone(), before.clone(), now.versions.get(name)?.clone()))
        };
        self.versions.iter().filter_map(pair).find(|(_, before, now)| before != now)
    }

    /// The first difference from another plan, in words.
    pub fn difference(&self, now: &Plan) -> Option<String> {
        let mut names: Vec<&String> = self.collections.keys().chain(now.collections.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let name =
            names.into_iter().find(|name| self.collections.get(*name) != now.collections.get(*name))?;
        Some(match (self.collections.get(name), now.collections.get(name)) {
            (Some(_), None) => format!("collection {name} is no longer read"),
            (None, _) => format!("collection {name} was not read then"),
            (Some(before), Some(now)) => {
                let table =
                    before.keys().chain(now.keys()).find(|table| before.get(*table) != now.get(*table));
                let table = table.map_or("?", String::as_str);
                match (before.get(table), now.get(table)) {
                    (Some(_), None) => format!("collection {name} no longer fills {table}"),
                    (None, _) => format!("collection {name} did not fill {table}"),
                    (Some(before), Some(now)) => format!(
                        "the columns of {table} were {}, they are {}",
                        before.join(", "),
                        now.join(", ")
                    ),
                }
            }
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Load,
    Restore,
    Done,
    Aborted,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Phase::Load => "load",
            Phase::Restore => "restore",
            Phase::Done => "done",
            Phase::Aborted => "aborted",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Recorded {
    pub id: i64,
    pub source: String,
    pub started: String,
    pub phase: Phase,
    pub plan: Plan,
}

/// A stretch of a collection that one worker reads from its beginning to its end.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its number within the transfer, from 0.
    pub number: i32,
    pub collection: String,
    pub range: Range,
    pub state: PartState,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartState {
    pub position: Option<Position>,
    /// Documents read, malformed ones counted.
    pub documents: u64,
    pub bytes: u64,
    /// Entries made in `whimbrel.rejects`.
    pub rejects: u64,
    pub rows: BTreeMap<String, u64>,
    pub fields: FieldCounts,
    pub done: bool,
}

impl Part {
    pub fn rest(&self) -> Range {
        self.range.from_position(self.state.position.clone())
    }
}

const LATEST: &str = "SELECT id, source, plan::text AS plan, phase, to_char(started_at AT TIME ZONE 'UTC', \
    'YYYY-MM-DD HH24:MI:SS UTC') AS started FROM (SELECT * FROM whimbrel.transfers ORDER BY id DESC LIMIT 1) AS t WHERE phase <> 'aborted'";

/// The newest transfer, unless it was aborted.
pub async fn latest(connection: &mut PgConnection) -> Result<Option<Recorded>, TransferError> {
    let row = sqlx::query(LATEST).fetch_optional(connection).await.doing(|| "reading whimbrel.transfers")?;
    let Some(row) = row else { return Ok(None) };
    let id: i64 = row.get("id");
    let phase: &str = row.get("phase");
    let phase = match phase {
        "load" => Phase::Load,
        "restore" => Phase::Restore,
        "done" => Phase::Done,
        other => return Err(unknown(id, format!("phase {other:?}"))),
    };
    let plan = serde_json::from_str(row.get("plan")).map_err(|error| unknown(id, error.to_string()))?;
    Ok(Some(Recorded { id, source: row.get("source"), started: row.get("started"), phase, plan }))
}

/// The newest transfer, if it has not ended.
pub async fn unfinished(connection: &mut PgConnection) -> Result<Option<Recorded>, TransferError> {
    Ok(latest(connection).await?.filter(|latest| latest.phase != Phase::Done))
}

impl From<Recorded> for TransferError {
    fn from(Recorded { id, source, started, .. }: Recorded) -> Self {
        TransferError::Unfinished { id, source_name: source, started }
    }
}

fn unknown(id: i64, reason: String) -> TransferError {
    TransferError::Bookkeeping { what: format!("transfer {id}"), reason }
}

/// Whether a transfer came to its end since this moment of the server's clock.
pub async fn ended_since(
    connection: &mut PgConnection,
    transfer: i64,
    moment: &str,
) -> Result<bool, TransferError> {
    let query =
        "SELECT coalesce(finished_at >= $2::timestamptz, false) FROM whimbrel.transfers WHERE id = $1";
    let ended = sqlx::query_scalar(query).bind(transfer).bind(moment).fetch_one(connection).await;
    ended.doing(|| "reading whimbrel.transfers")
}

/// Records a new transfer and its parts; gives its number. To be called in a transaction.
pub async fn begin(
    connection: &mut PgConnection,
    source: &str,
    plan: &Plan,
    parts: &[Part],
) -> Result<i64, TransferError> {
    let plan = serde_json::to_string(plan).map_err(|error| unknown(0, error.to_string()))?;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO whimbrel.transfers (source, plan, phase, tool_version) VALUES ($1, $2::jsonb, 'load', $3) RETURNING id",
    )
    .bind(source)
    .bind(plan)
    .bind(env!("CARGO_PKG_VERSION"))
    .fetch_one(&mut *connection)
    .await
    .doing(|| "recording the transfer")?;
    let numbers: Vec<i32> = parts.iter().map(|part| part.number).collect();
    let collections: Vec<&str> = parts.iter().map(|part| part.collection.as_str()).collect();
    let text = |position: &Option<Position>| position.as_ref().map(|position| position.as_str().to_owned());
    let after: Vec<Option<String>> = parts.iter().map(|part| text(&part.range.after)).collect();
    let until: Vec<Option<String>> = parts.iter().map(|part| text(&part.range.until)).collect();
    sqlx::query(
        "INSERT INTO whimbrel.parts (transfer, part, collection, range_after, range_until) \
         SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::text[])",
    )
    .bind(id)
    .bind(&numbers)
    .bind(&collections)
    .bind(&after)
    .bind(&until)
    .execute(&mut *connection)
    .await
    .doing(|| "recording the transfer's parts")?;
    sqlx::query("INSERT INTO whimbrel.checkpoints (transfer, part) SELECT $1, unnest($2::int[])")
        .bind(id)
        .bind(&numbers)
        .execute(connection)
        .await
        .doing(|| "recording the transfer's checkpoints")?;
    Ok(id)
}

/// Marks all unfinished transfers as abandoned, and forgets the rejects of these collections for these tables: the
/// rows they belong to are gone. To be called in a transaction.
pub async fn abandon(
    connection: &mut PgConnection,
    collections: &[&str],
    tables: &[String],
) -> Result<(), TransferError> {
    sqlx::query(
        "UPDATE whimbrel.transfers SET phase = 'abandoned', finished_at = clock_timestamp() \
         WHERE phase IN ('load', 'restore')",
    )
    .execute(&mut *connection)
    .await
    .doing(|| "abandoning an unfinished transfer")?;
    sqlx::query(
        "DELETE FROM whimbrel.rejects WHERE collection = ANY($1) AND (\"table\" IS NULL OR \"table\" = ANY($2))",
    )
        .bind(collections)
        .bind(tables)
        .execute(connection)
        .await
        .doing(|| "forgetting the rejects of an earlier transfer")?;
    Ok(())
}

pub fn rows_by_table(parts: &[Part]) -> BTreeMap<String, u64> {
    let mut rows = BTreeMap::new();
    for (table, count) in parts.iter().flat_map(|part| &part.state.rows) {
        *rows.entry(table.clone()).or_default() += count;
    }
    rows
}

pub async fn enter(connection: &mut PgConnection, transfer: i64, phase: Phase) -> Result<(), TransferError> {
    sqlx::query(
        "UPDATE whimbrel.transfers SET phase = $2, \
         finished_at = CASE WHEN $2 IN ('done', 'aborted') THEN clock_timestamp() END WHERE id = $1",
    )
    .bind(transfer)
    .bind(phase.as_str())
    .execute(connection)
    .await
    .doing(|| "recording the transfer's phase")?;
    Ok(())
}

/// All parts of a transfer with their checkpoints, in the order of their numbers.
pub async fn parts(connection: &mut PgConnection, transfer: i64) -> Result<Vec<Part>, TransferError> {
    let rows = sqlx::query(
        "SELECT part, collection, range_after, range_until, position, documents, bytes, rejects, rows::text AS rows, \
         fields::text AS fields, done \
         FROM whimbrel.parts JOIN whimbrel.checkpoints USING (transfer, part) WHERE transfer = $1 ORDER BY part",
    )
    .bind(transfer)
    .fetch_all(connection)
    .await
    .doing(|| "reading whimbrel.checkpoints")?;
    let count = |row: &sqlx::postgres::PgRow, column: &str| {
        let count: i64 = row.get(column);
        u64::try_from(count).map_err(|_| unknown(transfer, format!("{column} is {count}")))
    };
    rows.iter()
        .map(|row| {
            let position = |column: &str| row.get::<Option<String>, _>(column).map(Position::new);
            let (rows, fields): (&str, &str) = (row.get("rows"), row.get("fields"));
            let broken = |error: serde_json::Error| unknown(transfer, error.to_string());
            Ok(Part {
                number: row.get("part"),
                collection: row.get("collection"),
                range: Range { after: position("range_after"), until: position("range_until") },
                state: PartState {
                    position: position("position"),
                    documents: count(row, "documents")?,
                    bytes: count(row, "bytes")?,
                    rejects: count(row, "rejects")?,
                    rows: serde_json::from_str(rows).map_err(broken)?,
                    fields: serde_json::from_str(fields).map_err(broken)?,
                    done: row.get("done"),
                },
            })
        })
        .collect()
}

/// Moves a part's checkpoint from one state to the next, if it still stands where this worker left it. To be
/// called in the transaction of the rows.
pub async fn advance(
    connection: &mut PgConnection,
    transfer: i64,
    part: &Part,
    next: &PartState,
) -> Result<(), TransferError> {
    let broken = |error: serde_json::Error| unknown(transfer, error.to_string());
    let rows = serde_json::to_string(&next.rows).map_err(broken)?;
    let fields = serde_json::to_string(&next.fields).map_err(broken)?;
    let moved = sqlx::query(
        "UPDATE whimbrel.checkpoints SET position = $4, documents = $5, bytes = $6, rejects = $7, rows = $8::jsonb, \
         done = $9, fields = $10::jsonb, updated_at = clock_timestamp() \
         WHERE transfer = $1 AND part = $2 AND position IS NOT DISTINCT FROM $3 AND NOT done",
    )
    .bind(transfer)
    .bind(part.number)
    .bind(part.state.position.as_ref().map(Position::as_str))
    .bind(next.position.as_ref().map(Position::as_str))
    .bind(next.documents as i64)
    .bind(next.bytes as i64)
    .bind(next.rejects as i64)
    .bind(rows)
    .bind(next.done)
    .bind(fields)
    .execute(connection)
    .await
    .doing(|| format!("moving the checkpoint of {}", part.collection))?;
    if moved.rows_affected() == 1 {
        return Ok(());
    }
    Err(TransferError::CheckpointMoved { collection: part.collection.clone(), part: part.number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(entries: &[(&str, &str, &[&str])]) -> Plan {
        let mut plan = Plan { collections: BTreeMap::new(), versions: BTreeMap::new() };
        for (collection, table, columns) in entries {
            let columns = columns.iter().map(|&column| column.to_owned()).collect();
            plan.collections
                .entry((*collection).to_owned())
                .or_default()
                .insert((*table).to_owned(), columns);
        }
        plan
    }

    #[test]
    fn a_changed_plan_says_what_changed() {
        let before = plan(&[("a", "t", &["x", "y"]), ("b", "u", &["z"])]);
        assert_eq!(before.difference(&before), None);
        let check =
            |now: &Plan, expected: &str| assert_eq!(before.difference(now).as_deref(), Some(expected));
        check(&plan(&[("a", "t", &["x", "y"])]), "collection b is no longer read");
        check(&plan(&[("a", "t", &["x"]), ("b", "u", &["z"])]), "the columns of t were x, y, they are x");
        check(
            &plan(&[("a", "t", &["x", "y"]), ("b", "u", &["z"]), ("c", "v", &[])]),
            "collection c was not read then",
        );
        check(
            &plan(&[("a", "t", &["x", "y"]), ("b", "u", &["z"]), ("b", "w", &[])]),
            "collection b did not fill w",
        );
    }
}
