//! Constraints, indexes and triggers that are away while rows are loaded.
//!
//! What is taken away is read from the catalog, as the server itself defines it, and recorded in
//! `whimbrel.deferred` in the transaction that takes it away; each comes back in the transaction that marks it.
//! Kept in place are: NOT NULL, exclusion constraints, what a replica identity or CLUSTER uses, everything on
//! partitioned or inherited tables, and what something else depends on (a view grouped by a primary key).

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, Row};
use whimbrel_schema::model::QName;
use whimbrel_schema::name::{literal, quote};

use crate::copy::table_sql;
use crate::error::{Doing, TransferError, sqlstate};

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

/// The tables by their object identifiers. Partitioned, inheriting and inherited ones are left out.
const PLAIN: &str = "\
SELECT c.oid::int8 FROM unnest($1::text[], $2::text[]) AS w(nsp, rel) \
JOIN pg_catalog.pg_namespace n ON n.nspname = w.nsp \
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.rel \
WHERE c.relkind = 'r' AND NOT c.relispartition AND NOT c.relhassubclass \
AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)";

const CONSTRAINTS: &str = "\
SELECT con.contype::text AS contype, n.nspname::text AS nsp, c.relname::text AS rel, con.conname::text AS name, \
       pg_catalog.pg_get_constraintdef(con.oid) AS definition, \
       pg_catalog.obj_description(con.oid, 'pg_constraint') AS comment, \
       pg_catalog.pg_get_expr(con.conbin, con.conrelid) AS expr, con.confmatchtype = 'f' AS match_full, \
       fn.nspname::text AS fnsp, fc.relname::text AS frel, \
       ARRAY(SELECT a.attname::text FROM unnest(con.conkey) WITH ORDINALITY AS k(num, ord) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num ORDER BY k.ord) AS columns, \
       ARRAY(SELECT a.attname::text FROM unnest(con.confkey) WITH ORDINALITY AS k(num, ord) \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.num ORDER BY k.ord) AS referenced, \
       coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal, \
       ic.reloptions AS options, ts.spcname::text AS tablespace \
FROM pg_catalog.pg_constraint con \
JOIN pg_catalog.pg_class c ON c.oid = con.conrelid \
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
LEFT JOIN pg_catalog.pg_class fc ON fc.oid = con.confrelid \
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace \
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = con.conindid AND con.contype IN ('p', 'u') \
LEFT JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid \
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace \
WHERE con.contype IN ('p', 'u', 'c', 'f') AND con.conparentid = 0 \
AND (con.conrelid::int8 = ANY($1) OR (con.contype = 'f' AND con.confrelid::int8 = ANY($1) AND c.relkind = 'r' AND NOT c.relispartition)) \
AND NOT coalesce(i.indisreplident OR i.indisclustered, false) \
ORDER BY n.nspname, c.relname, con.conname";

const INDEXES: &str = "\
SELECT n.nspname::text AS nsp, c.relname::text AS rel, inn.nspname::text AS inn, ic.relname::text AS name, \
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition, i.indisunique AS is_unique, \
       pg_catalog.obj_description(i.indexrelid, 'pg_class') AS comment, \
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS keys, \
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate, \
       coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal, \
       ts.spcname::text AS tablespace \
FROM pg_catalog.pg_index i \
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid \
JOIN pg_catalog.pg_namespace inn ON inn.oid = ic.relnamespace \
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid \
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace \
WHERE i.indrelid::int8 = ANY($1) AND i.indisvalid AND NOT i.indisreplident AND NOT i.indisclustered \
AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint con WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')) \
ORDER BY n.nspname, c.relname, ic.relname";

const TRIGGERS: &str = "\
SELECT n.nspname::text AS nsp, c.relname::text AS rel, t.tgname::text AS name, t.tgenabled::text AS enabled \
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
WHERE t.tgrelid::int8 = ANY($1) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') \
ORDER BY n.nspname, c.relname, t.tgname";

/// An object to be taken away, and how.
struct Found {
    kind: Kind,
    table: QName,
    name: String,
    remove: String,
    restore: Vec<String>,
    rule: Option<Rule>,
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

async fn plain_tables(connection: &mut PgConnection, tables: &[&QName]) -> Result<Vec<i64>, TransferError> {
    let schemas: Vec<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    sqlx::query_scalar(PLAIN)
        .bind(&schemas)
        .bind(&names)
        .fetch_all(connection)
        .await
        .doing(|| "looking up the target tables")
}

async fn constraints(connection: &mut PgConnection, oids: &[i64]) -> Result<Vec<Found>, TransferError> {
    let rows =
        sqlx::query(CONSTRAINTS).bind(oids).fetch_all(connection).await.doing(|| "reading constraints")?;
    Ok(rows.iter().filter_map(constraint).collect())
}

fn constraint(row: &sqlx::postgres::PgRow) -> Option<Found> {
    let table = QName::in_schema(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel"));
    let name: String = row.get("name");
    let columns: Vec<String> = row.get("columns");
    let quoted = || columns.iter().map(|column| quote(column).into_owned()).collect();
    let (kind, rule) = match row.get("contype") {
        kind @ ("p" | "u") => {
            let kind = if kind == "p" { Kind::PrimaryKey } else { Kind::Unique };
            (kind, Rule::Unique { keys: quoted(), predicate: None, nulls_equal: row.get("nulls_equal") })
        }
        "c" => (Kind::Check, Rule::Check { expr: row.get::<Option<String>, _>("expr")? }),
        "f" => {
            let referenced = QName::in_schema(
                row.get::<Option<String>, _>("fnsp")?,
                row.get::<Option<String>, _>("frel")?,
            );
            let rule = Rule::Reference {
                columns: columns.clone(),
                table: referenced,
                referenced: row.get("referenced"),
                full: row.get("match_full"),
            };
            (Kind::ForeignKey, rule)
        }
        _ => return None,
    };
    let (on, quoted_name) = (table_sql(&table), quote(&name).into_owned());
    let definition: &str = row.get("definition");
    let mut restore = vec![format!("ALTER TABLE {on} ADD CONSTRAINT {quoted_name} {definition}")];
    let index = format!("{}.{quoted_name}", quote(&table.schema));
    if let Some(options) = row.get::<Option<Vec<String>>, _>("options") {
        restore.push(format!("ALTER INDEX {index} SET ({})", options.join(", ")));
    }
    if let Some(space) = row.get::<Option<String>, _>("tablespace") {
        restore.push(format!("ALTER INDEX {index} SET TABLESPACE {}", quote(&space)));
    }
    if let Some(comment) = row.get::<Option<String>, _>("comment") {
        restore.push(format!("COMMENT ON CONSTRAINT {quoted_name} ON {on} IS {}", literal(&comment)));
    }
    let remove = format!("ALTER TABLE {on} DROP CONSTRAINT {quoted_name}");
    Some(Found { kind, table, name, remove, restore, rule: Some(rule) })
}

async fn indexes(connection: &mut PgConnection, oids: &[i64]) -> Result<Vec<Found>, TransferError> {
    let rows = sqlx::query(INDEXES).bind(oids).fetch_all(connection).await.doing(|| "reading indexes")?;
    let found = rows.iter().map(|row| {
        let name: String = row.get("name");
        let index = format!("{}.{}", quote(row.get("inn")), quote(&name));
        let mut restore = vec![row.get::<String, _>("definition")];
        if let Some(space) = row.get::<Option<String>, _>("tablespace") {
            restore.push(format!("ALTER INDEX {index} SET TABLESPACE {}", quote(&space)));
        }
        if let Some(comment) = row.get::<Option<String>, _>("comment") {
            restore.push(format!("COMMENT ON INDEX {index} IS {}", literal(&comment)));
        }
        let rule = row.get::<bool, _>("is_unique").then(|| Rule::Unique {
            keys: row.get("keys"),
            predicate: row.get("predicate"),
            nulls_equal: row.get("nulls_equal"),
        });
        Found {
            kind: Kind::Index,
            table: QName::in_schema(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel")),
            remove: format!("DROP INDEX {index}"),
            name,
            restore,
            rule,
        }
    });
    Ok(found.collect())
}

async fn triggers(connection: &mut PgConnection, oids: &[i64]) -> Result<Vec<Found>, TransferError> {
    let rows = sqlx::query(TRIGGERS).bind(oids).fetch_all(connection).await.doing(|| "reading triggers")?;
    let found = rows.iter().map(|row| {
        let table = QName::in_schema(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel"));
        let name: String = row.get("name");
        let always = if row.get::<&str, _>("enabled") == "A" { "ALWAYS " } else { "" };
        let (on, quoted) = (table_sql(&table), quote(&name).into_owned());
        Found {
            kind: Kind::Trigger,
            remove: format!("ALTER TABLE {on} DISABLE TRIGGER {quoted}"),
            restore: vec![format!("ALTER TABLE {on} ENABLE {always}TRIGGER {quoted}")],
            table,
            name,
            rule: None,
        }
    });
    Ok(found.collect())
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
