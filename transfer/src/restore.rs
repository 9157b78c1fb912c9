//! Constraints and indexes that are dropped, and triggers that are disabled, while rows are loaded.
//!
//! The statements that restore them are made of what the catalog says, and recorded in `whimbrel.dropped_objects` in the
//! transaction that drops them; each is restored in the transaction that marks it. Where the server refuses that, what stands as
//! recorded is done, what stands otherwise is left alone and named.
//! Kept in place are: NOT NULL, exclusion constraints, what a replica identity or CLUSTER uses, everything on
//! partitioned or inherited tables, and what something else depends on (a view grouped by a primary key).

mod catalog;
pub(crate) mod run;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use whimbrel_syntax::model::QName;

use crate::error::{Doing, TransferError, message, sqlstate};
use crate::statements::execute;
use catalog::Object;

/// Kinds of dropped objects, in the order in which they are restored: each may need those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `PRIMARY KEY`.
    PrimaryKey,
    /// `UNIQUE`.
    Unique,
    /// `CHECK`.
    Check,
    /// An index that belongs to no constraint. Before foreign keys, which may refer to a unique one.
    Index,
    /// `FOREIGN KEY`.
    ForeignKey,
    /// A trigger of the user's, disabled. Last: rows that are quarantined fire none.
    Trigger,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Kind::PrimaryKey => "primary_key",
            Kind::Unique => "unique",
            Kind::Check => "check",
            Kind::Index => "index",
            Kind::ForeignKey => "foreign_key",
            Kind::Trigger => "trigger",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        use Kind::{Check, ForeignKey, Index, PrimaryKey, Trigger, Unique};
        [PrimaryKey, Unique, Check, Index, ForeignKey, Trigger].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::PrimaryKey => "primary key",
            Kind::Unique => "unique constraint",
            Kind::Check => "check constraint",
            Kind::Index => "index",
            Kind::ForeignKey => "foreign key",
            Kind::Trigger => "trigger",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// No two rows have equal keys.
    Unique {
        keys: Vec<String>,
        predicate: Option<String>,
        /// `NULLS NOT DISTINCT`.
        nulls_equal: bool,
    },
    /// The expression is not false.
    Check { expr: String },
    Reference {
        columns: Vec<String>,
        table: QName,
        referenced: Vec<String>,
        /// `MATCH FULL`: all columns are NULL or none.
        full: bool,
    },
}

#[derive(Debug, Clone)]
pub struct DroppedObject {
    /// Its number in `whimbrel.dropped_objects`.
    pub id: i64,
    pub kind: Kind,
    pub table: QName,
    pub name: String,
    /// The statements that restore it; the first one makes it, the others set its properties.
    pub restore: Vec<String>,
    pub rule: Option<Rule>,
}

impl std::fmt::Display for DroppedObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} of {}", self.kind, self.name, self.table)
    }
}

pub(crate) const DROPPING: &str = "dropping constraints and indexes";

/// Other sessions are not blocked for longer by a lock that is waited for.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '10s'";

/// Records the tables' objects of these kinds and drops them; gives those that stayed because something depends on
/// them. To be called in a transaction. What an abandoned transfer dropped and did not restore now belongs to this one.
pub async fn drop_objects(
    connection: &mut PgConnection,
    transfer: i64,
    tables: &[&QName],
    kinds: impl Fn(Kind) -> bool,
) -> Result<Vec<String>, TransferError> {
    execute(connection, LOCK_TIMEOUT, || DROPPING).await?;
    sqlx::query(TAKE_OVER).bind(transfer).execute(&mut *connection).await.doing(|| DROPPING)?;
    let mut objects = catalog::objects(connection, tables).await?;
    objects.retain(|object| kinds(object.kind));
    // In the opposite order: foreign keys before the keys they refer to.
    objects.sort_by_key(|object| std::cmp::Reverse(object.kind));
    let mut kept = Vec::new();
    for object in objects {
        if drop_object(connection, &object).await? {
            record(connection, transfer, &object).await?;
        } else {
            kept.push(format!("{} {} of {}", object.kind, object.name, object.table));
        }
    }
    Ok(kept)
}

/// Drops the tables' objects of these kinds for as long as the transaction lasts; gives the statements that restore
/// them before its end.
pub async fn drop_briefly(
    connection: &mut PgConnection,
    tables: &[&QName],
    kinds: impl Fn(Kind) -> bool,
) -> Result<Vec<String>, TransferError> {
    execute(connection, LOCK_TIMEOUT, || DROPPING).await?;
    let mut restore = Vec::new();
    for object in catalog::objects(connection, tables).await?.into_iter().filter(|object| kinds(object.kind))
    {
        execute(connection, object.drop, || DROPPING).await?;
        restore.extend(object.restore);
    }
    Ok(restore)
}

const TAKE_OVER: &str = "UPDATE whimbrel.dropped_objects SET transfer = $1 WHERE restored_at IS NULL \
    AND transfer IN (SELECT id FROM whimbrel.transfers WHERE phase = 'abandoned')";

/// Drops an object; `false` if something depends on it, and then it stays.
async fn drop_object(connection: &mut PgConnection, object: &Object) -> Result<bool, TransferError> {
    execute(connection, "SAVEPOINT whimbrel_drop", || DROPPING).await?;
    let result = sqlx::raw_sql(AssertSqlSafe(object.drop.clone())).execute(&mut *connection).await;
    match result {
        Ok(_) => {
            execute(connection, "RELEASE SAVEPOINT whimbrel_drop", || DROPPING).await?;
            Ok(true)
        }
        // dependent_objects_still_exist
        Err(error) if sqlstate(&error).as_deref() == Some("2BP01") => {
            execute(connection, "ROLLBACK TO SAVEPOINT whimbrel_drop", || DROPPING).await?;
            Ok(false)
        }
        Err(error) => Err(TransferError::from_sqlx(
            format!("dropping {} {} of {}", object.kind, object.name, object.table),
            error,
        )),
    }
}

/// An earlier record of the same object gives way to this one, which is how it stood last; of the same definition it stays
/// as it was: what was restored by hand may lack the comment.
const RECORD: &str = "WITH earlier AS (DELETE FROM whimbrel.dropped_objects \
        WHERE transfer = $1 AND kind = $2 AND schema = $3 AND \"table\" = $4 AND name = $5 RETURNING restore) \
    INSERT INTO whimbrel.dropped_objects (transfer, kind, schema, \"table\", name, restore, rule) \
    VALUES ($1, $2, $3, $4, $5, \
        coalesce((SELECT restore FROM earlier WHERE restore[1] = ($6::text[])[1] LIMIT 1), $6), $7::jsonb)";

async fn record(connection: &mut PgConnection, transfer: i64, object: &Object) -> Result<(), TransferError> {
    let rule = object.rule.as_ref().map(serde_json::to_string).transpose().map_err(|error| {
        TransferError::Bookkeeping {
            what: format!("{} {}", object.kind, object.name),
            reason: error.to_string(),
        }
    })?;
    sqlx::query(RECORD)
        .bind(transfer)
        .bind(object.kind.as_str())
        .bind(&object.table.schema)
        .bind(&object.table.name)
        .bind(&object.name)
        .bind(&object.restore)
        .bind(rule)
        .execute(connection)
        .await
        .doing(|| "recording what is dropped")?;
    Ok(())
}

/// What is not restored yet, in the order in which it has to be.
pub async fn pending(
    connection: &mut PgConnection,
    transfer: i64,
) -> Result<Vec<DroppedObject>, TransferError> {
    let rows = sqlx::query(
        "SELECT id, kind, schema, \"table\", name, restore, rule::text AS rule FROM whimbrel.dropped_objects \
         WHERE transfer = $1 AND restored_at IS NULL",
    )
    .bind(transfer)
    .fetch_all(connection)
    .await
    .doing(|| "reading whimbrel.dropped_objects")?;
    let mut pending = rows.iter().map(read).collect::<Result<Vec<DroppedObject>, _>>()?;
    pending.sort_by(|a, b| (a.kind, &a.table, &a.name).cmp(&(b.kind, &b.table, &b.name)));
    Ok(pending)
}

/// How many objects the transfer dropped, and how many of them are restored.
pub async fn counts(connection: &mut PgConnection, transfer: i64) -> Result<(i64, i64), TransferError> {
    sqlx::query_as("SELECT count(*), count(restored_at) FROM whimbrel.dropped_objects WHERE transfer = $1")
        .bind(transfer)
        .fetch_one(connection)
        .await
        .doing(|| "reading whimbrel.dropped_objects")
}

/// The tables that have lost an object to the transfer.
pub async fn tables(connection: &mut PgConnection, transfer: i64) -> Result<BTreeSet<QName>, TransferError> {
    let query = "SELECT DISTINCT schema, \"table\" FROM whimbrel.dropped_objects WHERE transfer = $1";
    let rows: Vec<(String, String)> = sqlx::query_as(query)
        .bind(transfer)
        .fetch_all(connection)
        .await
        .doing(|| "reading whimbrel.dropped_objects")?;
    Ok(rows.into_iter().map(|(schema, name)| QName::new(schema, name)).collect())
}

fn read(row: &sqlx::postgres::PgRow) -> Result<DroppedObject, TransferError> {
    let name: String = row.get("name");
    let unknown =
        |reason: String| TransferError::Bookkeeping { what: format!("the dropped object {name}"), reason };
    let kind: &str = row.get("kind");
    let rule = row.get::<Option<&str>, _>("rule").map(serde_json::from_str).transpose();
    Ok(DroppedObject {
        id: row.get("id"),
        kind: Kind::parse(kind).ok_or_else(|| unknown(format!("kind {kind:?}")))?,
        table: QName::new(row.get::<&str, _>("schema"), row.get::<&str, _>("table")),
        restore: row.get("restore"),
        rule: rule.map_err(|error| unknown(error.to_string()))?,
        name,
    })
}

/// Why an object is not restored. Then nothing has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    Rows(String),
    /// Something else stands there, or what it belongs to is gone: no row is to blame.
    Catalog(String),
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Obstacle::Rows(text) | Obstacle::Catalog(text)) = self;
        f.write_str(text)
    }
}

/// Restores one object and marks it, in one transaction; gives what is in the way. What stands already, as somebody restored
/// it by hand, only gets its properties.
pub async fn restore(
    connection: &mut PgConnection,
    object: &DroppedObject,
) -> Result<Option<Obstacle>, TransferError> {
    match run_statements(connection, object, 0).await? {
        Some(Obstacle::Catalog(_)) if catalog::stands(connection, object).await? => {
            run_statements(connection, object, 1).await
        }
        outcome => Ok(outcome),
    }
}

async fn run_statements(
    connection: &mut PgConnection,
    object: &DroppedObject,
    done: usize,
) -> Result<Option<Obstacle>, TransferError> {
    let doing = || format!("restoring {object}");
    let mut transaction = connection.begin().await.doing(doing)?;
    for statement in object.restore.iter().skip(done) {
        let result = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await;
        if let Err(error) = result {
            transaction.rollback().await.doing(doing)?;
            return match sqlstate(&error).as_deref() {
                Some(code) if code.starts_with("23") => Ok(Some(Obstacle::Rows(message(&error)))),
                // A missing right can be granted: that is for the next run. 54: a value is too large for an index.
                Some(code) if code.starts_with("54") || code.starts_with("42") && code != "42501" => {
                    Ok(Some(Obstacle::Catalog(message(&error))))
                }
                _ => Err(TransferError::from_sqlx(doing(), error)),
            };
        }
    }
    sqlx::query("UPDATE whimbrel.dropped_objects SET restored_at = clock_timestamp() WHERE id = $1")
        .bind(object.id)
        .execute(&mut *transaction)
        .await
        .doing(doing)?;
    transaction.commit().await.doing(doing)?;
    Ok(None)
}
