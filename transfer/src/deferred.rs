//! Constraints, indexes and triggers that are away while rows are loaded.
//!
//! What is taken away is read from the catalog, as the server itself defines it, and recorded in
//! `whimbrel.deferred` in the transaction that takes it away; each comes back in the transaction that marks it.
//! Kept in place are: NOT NULL, exclusion constraints, what a replica identity or CLUSTER uses, everything on
//! partitioned or inherited tables, and what something else depends on (a view grouped by a primary key).

mod catalog;

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use whimbrel_schema::model::QName;
use whimbrel_schema::name::quote;

use crate::copy::table_sql;
use crate::error::{Doing, TransferError, sqlstate};
use catalog::{Found, constraints, indexes, plain_tables, triggers};

/// Kinds of deferred objects, in the order in which they come back: each may need those before it.
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
    /// A trigger of the user's. Last: rows that are swept out fire none.
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

/// What rows must hold to: how violating rows are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// No two rows have equal keys.
    Unique {
        /// SQL of each key.
        keys: Vec<String>,
        /// SQL of the condition under which a row counts.
        predicate: Option<String>,
        /// `NULLS NOT DISTINCT`.
        nulls_equal: bool,
    },
    /// The expression is not false.
    Check {
        /// SQL of it.
        expr: String,
    },
    /// The referenced row exists.
    Reference {
        /// The referencing columns.
        columns: Vec<String>,
        /// The referenced table.
        table: QName,
        /// The referenced columns.
        referenced: Vec<String>,
        /// `MATCH FULL`: all columns are NULL or none.
        full: bool,
    },
}

/// One object that is away.
#[derive(Debug, Clone)]
pub struct Deferred {
    /// Its number in `whimbrel.deferred`.
    pub id: i64,
    /// What it is.
    pub kind: Kind,
    /// Its table.
    pub table: QName,
    /// Its name.
    pub name: String,
    /// The statements that bring it back.
    pub restore: Vec<String>,
    /// What rows must hold to, where it is a matter of rows.
    pub rule: Option<Rule>,
}

impl std::fmt::Display for Deferred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} of {}", self.kind, self.name, self.table)
    }
}

/// What [`defer`] did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many objects are away.
    pub deferred: usize,
    /// What had to stay because something depends on it.
    pub kept: Vec<String>,
}

/// Records the tables' constraints, indexes and triggers and takes them away. To be called in a transaction.
/// What an earlier transfer took away and did not bring back now belongs to this one.
pub async fn defer(
    connection: &mut PgConnection,
    transfer: i64,
    tables: &[&QName],
) -> Result<Outcome, TransferError> {
    // With an empty search path the server prints every name in full.
    run(connection, "SET LOCAL search_path = ''", "preparing to defer constraints").await?;
    run(connection, "SET LOCAL lock_timeout = '10s'", "preparing to defer constraints").await?;
    sqlx::query("UPDATE whimbrel.deferred SET transfer = $1 WHERE rebuilt_at IS NULL")
        .bind(transfer)
        .execute(&mut *connection)
        .await
        .doing(|| "taking over what an earlier transfer deferred")?;
    let oids = plain_tables(connection, tables).await?;
    let mut found = constraints(connection, &oids).await?;
    found.extend(indexes(connection, &oids).await?);
    found.extend(triggers(connection, &oids).await?);
    // Away in the opposite order: foreign keys before the keys they refer to.
    found.sort_by_key(|object| std::cmp::Reverse(object.kind));
    let mut outcome = Outcome::default();
    for object in found {
        if remove(connection, &object).await? {
            record(connection, transfer, &object).await?;
            outcome.deferred += 1;
        } else {
            outcome.kept.push(format!("{} {} of {}", object.kind, object.name, object.table));
        }
    }
    run(connection, "RESET search_path", "deferring constraints").await?;
    Ok(outcome)
}

/// Takes an object away; `false` if something depends on it, and then it stays.
async fn remove(connection: &mut PgConnection, object: &Found) -> Result<bool, TransferError> {
    run(connection, "SAVEPOINT whimbrel_defer", "deferring constraints").await?;
    let result = sqlx::raw_sql(AssertSqlSafe(object.remove.clone())).execute(&mut *connection).await;
    match result {
        Ok(_) => {
            run(connection, "RELEASE SAVEPOINT whimbrel_defer", "deferring constraints").await?;
            Ok(true)
        }
        // dependent_objects_still_exist
        Err(error) if sqlstate(&error).as_deref() == Some("2BP01") => {
            run(connection, "ROLLBACK TO SAVEPOINT whimbrel_defer", "deferring constraints").await?;
            Ok(false)
        }
        Err(error) => Err(TransferError::from_sqlx(
            format!("deferring {} {} of {}", object.kind, object.name, object.table),
            error,
        )),
    }
}

async fn record(connection: &mut PgConnection, transfer: i64, object: &Found) -> Result<(), TransferError> {
    let rule = object.rule.as_ref().map(serde_json::to_string).transpose().map_err(|error| {
        TransferError::Bookkeeping {
            what: format!("{} {}", object.kind, object.name),
            reason: error.to_string(),
        }
    })?;
    sqlx::query(
        "INSERT INTO whimbrel.deferred (transfer, kind, schema, \"table\", name, restore, rule) \
         VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)",
    )
    .bind(transfer)
    .bind(object.kind.as_str())
    .bind(&object.table.schema)
    .bind(&object.table.name)
    .bind(&object.name)
    .bind(&object.restore)
    .bind(rule)
    .execute(connection)
    .await
    .doing(|| "recording what is deferred")?;
    Ok(())
}

/// What is still away, in the order in which it has to come back.
pub async fn pending(connection: &mut PgConnection, transfer: i64) -> Result<Vec<Deferred>, TransferError> {
    let rows = sqlx::query(
        "SELECT id, kind, schema, \"table\", name, restore, rule::text AS rule FROM whimbrel.deferred \
         WHERE transfer = $1 AND rebuilt_at IS NULL",
    )
    .bind(transfer)
    .fetch_all(connection)
    .await
    .doing(|| "reading whimbrel.deferred")?;
    let mut pending = rows.iter().map(read).collect::<Result<Vec<Deferred>, _>>()?;
    pending.sort_by(|a, b| (a.kind, &a.table, &a.name).cmp(&(b.kind, &b.table, &b.name)));
    Ok(pending)
}

/// How many objects the transfer took away, and how many of them are back.
pub async fn counts(connection: &mut PgConnection, transfer: i64) -> Result<(i64, i64), TransferError> {
    sqlx::query_as("SELECT count(*), count(rebuilt_at) FROM whimbrel.deferred WHERE transfer = $1")
        .bind(transfer)
        .fetch_one(connection)
        .await
        .doing(|| "reading whimbrel.deferred")
}

fn read(row: &sqlx::postgres::PgRow) -> Result<Deferred, TransferError> {
    let name: String = row.get("name");
    let unknown =
        |reason: String| TransferError::Bookkeeping { what: format!("the deferred object {name}"), reason };
    let kind: &str = row.get("kind");
    let rule = row.get::<Option<&str>, _>("rule").map(serde_json::from_str).transpose();
    Ok(Deferred {
        id: row.get("id"),
        kind: Kind::parse(kind).ok_or_else(|| unknown(format!("kind {kind:?}")))?,
        table: QName::in_schema(row.get::<&str, _>("schema"), row.get::<&str, _>("table")),
        restore: row.get("restore"),
        rule: rule.map_err(|error| unknown(error.to_string()))?,
        name,
    })
}

/// Brings one object back and marks it, in one transaction. The inner error is the server's refusal because of
/// the rows that are there; then nothing has happened.
pub async fn restore(
    connection: &mut PgConnection,
    object: &Deferred,
) -> Result<Result<(), sqlx::Error>, TransferError> {
    use sqlx::Connection;
    let doing = || format!("rebuilding {object}");
    let mut transaction = connection.begin().await.doing(doing)?;
    for statement in &object.restore {
        let result = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *transaction).await;
        if let Err(error) = result {
            transaction.rollback().await.doing(doing)?;
            let class = sqlstate(&error);
            let violated = class.as_deref().is_some_and(|code| code.starts_with("23"));
            return if violated { Ok(Err(error)) } else { Err(TransferError::from_sqlx(doing(), error)) };
        }
    }
    sqlx::query("UPDATE whimbrel.deferred SET rebuilt_at = clock_timestamp() WHERE id = $1")
        .bind(object.id)
        .execute(&mut *transaction)
        .await
        .doing(doing)?;
    transaction.commit().await.doing(doing)?;
    Ok(Ok(()))
}

/// Takes the transfer's foreign keys and triggers that are already back away again, in one transaction: rows are
/// about to be swept out, and they would act on that.
pub async fn withdraw(connection: &mut PgConnection, transfer: i64) -> Result<(), TransferError> {
    use sqlx::Connection;
    let doing = || "withdrawing foreign keys and triggers";
    let mut transaction = connection.begin().await.doing(doing)?;
    let rows = sqlx::query(
        "UPDATE whimbrel.deferred SET rebuilt_at = NULL \
         WHERE transfer = $1 AND kind IN ('foreign_key', 'trigger') AND rebuilt_at IS NOT NULL \
         RETURNING kind, schema, \"table\", name",
    )
    .bind(transfer)
    .fetch_all(&mut *transaction)
    .await
    .doing(doing)?;
    for row in rows {
        let table = QName::in_schema(row.get::<&str, _>("schema"), row.get::<&str, _>("table"));
        let name: &str = row.get("name");
        let verb =
            if row.get::<&str, _>("kind") == "trigger" { "DISABLE TRIGGER" } else { "DROP CONSTRAINT" };
        let statement = format!("ALTER TABLE {} {verb} {}", table_sql(&table), quote(name));
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *transaction)
            .await
            .doing(|| format!("withdrawing {name} of {table}"))?;
    }
    transaction.commit().await.doing(doing)
}

async fn run(
    connection: &mut PgConnection,
    sql: &'static str,
    doing: &'static str,
) -> Result<(), TransferError> {
    sqlx::raw_sql(sql).execute(connection).await.doing(|| doing)?;
    Ok(())
}
