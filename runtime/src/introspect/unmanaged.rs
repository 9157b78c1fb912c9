//! What is in a database and has no place in a [`Schema`](whimbrel_schema::model::Schema).

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::scope::{in_scope, not_of_extension};

/// An object, or a property of one, that Whimbrel neither reads nor changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmanaged {
    /// What it is: `view`, `trigger`, `not validated`, …
    pub kind: String,
    /// Its name, qualified unless it is in `public`.
    pub name: String,
    /// The table it belongs to, if it belongs to one, qualified unless it is in `public`.
    pub table: Option<String>,
}

/// A name that is qualified unless its schema `n` is `public`.
macro_rules! qualified {
    ($name:expr) => {
        concat!("CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || ", $name)
    };
}

/// One branch of the union: kind, name, table, and from where.
macro_rules! branch {
    ($kind:expr, $name:expr, $from:expr, $catalog:literal, $oid:literal) => {
        concat!(
            "SELECT ",
            $kind,
            " AS kind, ",
            qualified!($name),
            " AS name, NULL AS \"table\" FROM ",
            $from,
            " WHERE ",
            in_scope!(),
            " AND ",
            not_of_extension!($catalog, $oid)
        )
    };
}

/// The same for all objects of a catalog.
macro_rules! object {
    ($kind:literal, $name:literal, $schema:literal, $catalog:literal) => {
        branch!(
            concat!("'", $kind, "'"),
            concat!("o.", $name),
            concat!("pg_catalog.", $catalog, " o JOIN pg_catalog.pg_namespace n ON n.oid = o.", $schema),
            $catalog,
            "o.oid"
        )
    };
}

/// The same for what belongs to a table `c` in schema `n`.
macro_rules! of_table {
    ($kind:literal, $name:literal, $from:literal) => {
        concat!(
            "SELECT ",
            $kind,
            " AS kind, ",
            $name,
            "::text AS name, ",
            qualified!("c.relname"),
            " AS \"table\" FROM ",
            "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ",
            $from,
            " AND ",
            in_scope!(),
            " AND ",
            not_of_extension!("pg_class", "c.oid")
        )
    };
}

// Properties that newer servers know are read by way of to_jsonb, since older ones lack the columns.
const UNMANAGED: &str = concat!(
    "SELECT row_to_json(u) FROM (SELECT 'extension' AS kind, extname::text AS name, NULL::text AS \"table\"
     FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT 'event trigger', evtname::text, NULL FROM pg_catalog.pg_event_trigger evt WHERE ",
    not_of_extension!("pg_event_trigger", "evt.oid"),
    " UNION ALL ",
    branch!(
        "CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'v' THEN 'view'
              WHEN c.relkind = 'm' THEN 'materialized view' WHEN c.relkind = 'p' THEN 'partitioned table'
              WHEN c.relkind = 'f' THEN 'foreign table' ELSE 'composite type' END",
        "c.relname",
        "(SELECT * FROM pg_catalog.pg_class WHERE relkind IN ('v', 'm', 'p', 'f', 'c')
            OR (relispartition AND relkind = 'r')) c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
        "pg_class",
        "c.oid"
    ),
    " UNION ALL ",
    branch!(
        "'sequence'",
        "c.relname",
        "(SELECT * FROM pg_catalog.pg_class s WHERE relkind = 'S' AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid
                AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))) c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
        "pg_class",
        "c.oid"
    ),
    " UNION ALL ",
    branch!(
        "CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END",
        "p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'",
        "pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace",
        "pg_proc",
        "p.oid"
    ),
    " UNION ALL ",
    branch!(
        "CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'range type' END",
        "t.typname",
        "(SELECT * FROM pg_catalog.pg_type WHERE typtype IN ('d', 'r')) t
         JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace",
        "pg_type",
        "t.oid"
    ),
    " UNION ALL ",
    object!("operator", "oprname", "oprnamespace", "pg_operator"),
    " UNION ALL ",
    object!("collation", "collname", "collnamespace", "pg_collation"),
    " UNION ALL ",
    object!("text search configuration", "cfgname", "cfgnamespace", "pg_ts_config"),
    " UNION ALL ",
    object!("statistics object", "stxname", "stxnamespace", "pg_statistic_ext"),
    " UNION ALL ",
    of_table!(
        "'trigger'",
        "o.tgname",
        "JOIN pg_catalog.pg_trigger o ON o.tgrelid = c.oid WHERE NOT o.tgisinternal"
    ),
    " UNION ALL ",
    of_table!("'policy'", "o.polname", "JOIN pg_catalog.pg_policy o ON o.polrelid = c.oid WHERE true"),
    " UNION ALL ",
    of_table!("'row level security'", "c.relname", "WHERE c.relrowsecurity"),
    " UNION ALL ",
    of_table!(
        "'rule'",
        "o.rulename",
        "JOIN pg_catalog.pg_rewrite o ON o.ev_class = c.oid WHERE o.rulename <> '_RETURN'"
    ),
    " UNION ALL ",
    of_table!("'unlogged'", "c.relname", "WHERE c.relkind = 'r' AND c.relpersistence = 'u'"),
    " UNION ALL ",
    of_table!("'storage options'", "c.relname", "WHERE c.relkind IN ('r', 'i') AND c.reloptions IS NOT NULL"),
    " UNION ALL ",
    of_table!(
        "'inheritance'",
        "p.relname",
        "JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
         WHERE c.relkind = 'r' AND NOT c.relispartition"
    ),
    " UNION ALL ",
    of_table!(
        "'virtual column'",
        "o.attname",
        "JOIN pg_catalog.pg_attribute o ON o.attrelid = c.oid
         WHERE c.relkind = 'r' AND o.attgenerated NOT IN ('', 's')"
    ),
    " UNION ALL ",
    of_table!(
        "CASE WHEN o.contype = 'x' THEN 'exclusion constraint'
              WHEN o.contype = 't' THEN 'constraint trigger'
              WHEN to_jsonb(o) ->> 'conenforced' = 'false' THEN 'not enforced'
              WHEN NOT o.convalidated THEN 'not validated'
              WHEN to_jsonb(o) ->> 'conperiod' = 'true' THEN 'temporal constraint'
              WHEN o.contype = 'f' THEN 'match full'
              WHEN o.contype = 'c' THEN 'no inherit' ELSE 'deferrable primary key' END",
        "o.conname",
        "JOIN pg_catalog.pg_constraint o ON o.conrelid = c.oid
         WHERE c.relkind = 'r' AND NOT c.relispartition AND (o.contype IN ('x', 't') OR NOT o.convalidated
            OR to_jsonb(o) ->> 'conenforced' = 'false' OR to_jsonb(o) ->> 'conperiod' = 'true'
            OR (o.contype = 'f' AND o.confmatchtype <> 's') OR (o.contype = 'c' AND o.connoinherit)
            OR (o.contype = 'p' AND o.condeferrable))"
    ),
    " UNION ALL ",
    of_table!(
        "CASE WHEN NOT o.indisvalid THEN 'invalid index'
              WHEN to_jsonb(o) ->> 'indnullsnotdistinct' = 'true' THEN 'nulls not distinct'
              WHEN ic.reloptions IS NOT NULL THEN 'storage options'
              WHEN o.indnatts > o.indnkeyatts THEN 'constraint with included columns'
              ELSE 'operator class options' END",
        "ic.relname",
        "JOIN pg_catalog.pg_index o ON o.indrelid = c.oid JOIN pg_catalog.pg_class ic ON ic.oid = o.indexrelid
         WHERE c.relkind = 'r' AND NOT c.relispartition AND (NOT o.indisvalid
            OR to_jsonb(o) ->> 'indnullsnotdistinct' = 'true' OR ic.reloptions IS NOT NULL
            OR (o.indnatts > o.indnkeyatts AND EXISTS (
                SELECT FROM pg_catalog.pg_constraint con WHERE con.conindid = ic.oid AND con.contype IN ('p', 'u')))
            OR EXISTS (SELECT FROM pg_catalog.pg_attribute ia WHERE ia.attrelid = ic.oid AND ia.attoptions IS NOT NULL))"
    ),
    " ORDER BY 1, 3, 2) u"
);

pub(super) async fn list(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<Unmanaged>, sqlx::Error> {
    let rows = sqlx::query_scalar(UNMANAGED).bind(schemas).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|Json(unmanaged)| unmanaged).collect())
}
