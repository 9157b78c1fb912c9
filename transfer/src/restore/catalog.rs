//! What the server says about the tables' constraints, indexes and triggers.

use sqlx::{PgConnection, Row};
use whimbrel_syntax::model::QName;
use whimbrel_syntax::name::{literal, quote};

use super::{DroppedObject, Kind, Rule};
use crate::error::{Doing, TransferError};
use crate::statements::table_sql;

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

pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) table: QName,
    pub(super) name: String,
    pub(super) drop: String,
    pub(super) restore: Vec<String>,
    pub(super) rule: Option<Rule>,
}

/// The tables' objects, defined as the server prints them with an empty search path: every name in full. To be
/// called in a transaction.
pub(super) async fn objects(
    connection: &mut PgConnection,
    tables: &[&QName],
) -> Result<Vec<Object>, TransferError> {
    let search_path = set_search_path(connection, "").await?;
    let oids = plain_tables(connection, tables).await?;
    let mut objects = constraints(connection, &oids).await?;
    objects.extend(indexes(connection, &oids).await?);
    objects.extend(triggers(connection, &oids).await?);
    set_search_path(connection, &search_path).await?;
    Ok(objects)
}

async fn set_search_path(connection: &mut PgConnection, path: &str) -> Result<String, TransferError> {
    let query = "SELECT current_setting('search_path') AS before, set_config('search_path', $1, true)";
    let row = sqlx::query(query).bind(path).fetch_one(connection).await.doing(|| "setting search_path")?;
    Ok(row.get("before"))
}

pub(super) enum Standing {
    Missing,
    AsRecorded,
    /// Something else, or nothing that it could belong to; in words.
    Otherwise(String),
}

/// The table's relation kind, and what has the object's name: of constraints, indexes and other relations the
/// definition; of a primary key any primary key.
const STANDING: &str = "\
SELECT t.oid IS NOT NULL AS has_table, d.what, d.name, d.definition \
FROM (SELECT (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
              WHERE n.nspname = $1 AND c.relname = $2) AS oid) t \
LEFT JOIN LATERAL ( \
    SELECT 1 AS rank, 'constraint' AS what, con.conname::text AS name, pg_catalog.pg_get_constraintdef(con.oid) AS definition \
    FROM pg_catalog.pg_constraint con \
    WHERE con.conrelid = t.oid AND $3 <> 'index' AND (con.conname = $4 OR ($3 = 'primary_key' AND con.contype = 'p')) \
    UNION ALL \
    SELECT 2, CASE WHEN i.indisvalid THEN 'index' WHEN i.indisvalid IS NULL THEN 'relation' ELSE 'invalid index' END, \
           c.relname::text, coalesce(pg_catalog.pg_get_indexdef(i.indexrelid), 'not an index') \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
    WHERE n.nspname = $1 AND c.relname = $4 AND $3 IN ('index', 'primary_key', 'unique') \
) d ON true ORDER BY d.rank LIMIT 1";

pub(super) async fn standing(
    connection: &mut PgConnection,
    object: &DroppedObject,
) -> Result<Standing, TransferError> {
    if object.kind == Kind::Trigger {
        // To enable one that is enabled changes nothing.
        return Ok(Standing::Missing);
    }
    let search_path = set_search_path(connection, "").await?;
    let row = sqlx::query(STANDING)
        .bind(&object.table.schema)
        .bind(&object.table.name)
        .bind(object.kind.as_str())
        .bind(&object.name)
        .fetch_one(&mut *connection)
        .await
        .doing(|| format!("looking up {object}"))?;
    set_search_path(connection, &search_path).await?;
    if !row.get::<bool, _>("has_table") {
        return Ok(Standing::Otherwise(format!("the table {} does not exist any more", object.table)));
    }
    let Some(what) = row.get::<Option<&str>, _>("what") else { return Ok(Standing::Missing) };
    let (name, definition): (&str, &str) = (row.get("name"), row.get("definition"));
    let statement = match what {
        "constraint" => add_constraint(&object.table, name, definition),
        _ => definition.to_owned(),
    };
    if what != "invalid index" && object.restore.first() == Some(&statement) {
        return Ok(Standing::AsRecorded);
    }
    Ok(Standing::Otherwise(format!("there is another {what} {name}: {definition}")))
}

fn add_constraint(table: &QName, name: &str, definition: &str) -> String {
    format!("ALTER TABLE {} ADD CONSTRAINT {} {definition}", table_sql(table), quote(name))
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

async fn constraints(connection: &mut PgConnection, oids: &[i64]) -> Result<Vec<Object>, TransferError> {
    let rows =
        sqlx::query(CONSTRAINTS).bind(oids).fetch_all(connection).await.doing(|| "reading constraints")?;
    Ok(rows.iter().filter_map(constraint).collect())
}

fn constraint(row: &sqlx::postgres::PgRow) -> Option<Object> {
    let table = QName::new(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel"));
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
            let referenced =
                QName::new(row.get::<Option<String>, _>("fnsp")?, row.get::<Option<String>, _>("frel")?);
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
    let mut restore = vec![add_constraint(&table, &name, definition)];
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
    let drop = format!("ALTER TABLE {on} DROP CONSTRAINT {quoted_name}");
    Some(Object { kind, table, name, drop, restore, rule: Some(rule) })
}

async fn indexes(connection: &mut PgConnection, oids: &[i64]) -> Result<Vec<Object>, TransferError> {
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
        Object {
            kind: Kind::Index,
            table: QName::new(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel")),
            drop: format!("DROP INDEX {index}"),
            name,
            restore,
            rule,
        }
    });
    Ok(found.collect())
}

async fn triggers(connection: &mut PgConnection, oids: &[i64]) -> Result<Vec<Object>, TransferError> {
    let rows = sqlx::query(TRIGGERS).bind(oids).fetch_all(connection).await.doing(|| "reading triggers")?;
    let found = rows.iter().map(|row| {
        let table = QName::new(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel"));
        let name: String = row.get("name");
        let always = if row.get::<&str, _>("enabled") == "A" { "ALWAYS " } else { "" };
        let (on, quoted) = (table_sql(&table), quote(&name).into_owned());
        Object {
            kind: Kind::Trigger,
            drop: format!("ALTER TABLE {on} DISABLE TRIGGER {quoted}"),
            restore: vec![format!("ALTER TABLE {on} ENABLE {always}TRIGGER {quoted}")],
            table,
            name,
            rule: None,
        }
    });
    Ok(found.collect())
}
