//! What is in a database and has no place in a [`Schema`](whimbrel_syntax::model::Schema).

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection};

use super::scope::in_scope;

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

/// Objects of a schema.
macro_rules! objects {
    () => {
        "SELECT CASE WHEN relispartition THEN 'partition' WHEN relkind = 'v' THEN 'view'
            WHEN relkind = 'm' THEN 'materialized view' WHEN relkind = 'p' THEN 'partitioned table'
            WHEN relkind = 'f' THEN 'foreign table' ELSE 'composite type' END AS kind,
       relname::text AS name, relnamespace AS namespace, 'pg_class'::regclass AS catalog, oid
FROM pg_catalog.pg_class WHERE relkind IN ('v', 'm', 'p', 'f', 'c') OR (relispartition AND relkind = 'r')
UNION ALL SELECT 'sequence', relname, relnamespace, 'pg_class'::regclass, oid FROM pg_catalog.pg_class s
WHERE relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid
    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
UNION ALL SELECT CASE prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
    proname, pronamespace, 'pg_proc'::regclass, oid FROM pg_catalog.pg_proc
UNION ALL SELECT CASE typtype WHEN 'd' THEN 'domain' ELSE 'range type' END,
    typname, typnamespace, 'pg_type'::regclass, oid FROM pg_catalog.pg_type WHERE typtype IN ('d', 'r')
UNION ALL SELECT 'operator', oprname, oprnamespace, 'pg_operator'::regclass, oid FROM pg_catalog.pg_operator
UNION ALL SELECT 'collation', collname, collnamespace, 'pg_collation'::regclass, oid FROM pg_catalog.pg_collation
UNION ALL SELECT 'text search configuration', cfgname, cfgnamespace, 'pg_ts_config'::regclass, oid
FROM pg_catalog.pg_ts_config
UNION ALL SELECT 'statistics object', stxname, stxnamespace, 'pg_statistic_ext'::regclass, oid
FROM pg_catalog.pg_statistic_ext"
    };
}

/// What belongs to a relation. Properties that newer servers know are read by way of to_jsonb, since older ones lack the
/// columns.
macro_rules! parts {
    () => {
        "SELECT 'trigger' AS kind, tgname::text AS name, tgrelid AS relation FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'policy', polname, polrelid FROM pg_catalog.pg_policy
UNION ALL SELECT 'row level security', relname, oid FROM pg_catalog.pg_class WHERE relrowsecurity
UNION ALL SELECT 'rule', rulename, ev_class FROM pg_catalog.pg_rewrite WHERE rulename <> '_RETURN'
UNION ALL SELECT 'unlogged', relname, oid FROM pg_catalog.pg_class WHERE relkind = 'r' AND relpersistence = 'u'
UNION ALL SELECT 'storage options', relname, oid FROM pg_catalog.pg_class
WHERE relkind IN ('r', 'i') AND reloptions IS NOT NULL
UNION ALL SELECT 'inheritance', p.relname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
JOIN pg_catalog.pg_class p ON p.oid = h.inhparent WHERE c.relkind = 'r' AND NOT c.relispartition
UNION ALL SELECT 'virtual column', a.attname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND a.attgenerated NOT IN ('', 's')
UNION ALL SELECT CASE
    WHEN o.contype = 'x' THEN 'exclusion constraint' WHEN o.contype = 't' THEN 'constraint trigger'
    WHEN to_jsonb(o) ->> 'conenforced' = 'false' THEN 'not enforced' WHEN NOT o.convalidated THEN 'not validated'
    WHEN to_jsonb(o) ->> 'conperiod' = 'true' THEN 'temporal constraint' WHEN o.contype = 'f' THEN 'match full'
    WHEN o.contype = 'c' THEN 'no inherit' ELSE 'deferrable primary key' END, o.conname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_constraint o ON o.conrelid = c.oid
WHERE c.relkind = 'r' AND NOT c.relispartition AND (o.contype IN ('x', 't') OR NOT o.convalidated
    OR to_jsonb(o) ->> 'conenforced' = 'false' OR to_jsonb(o) ->> 'conperiod' = 'true'
    OR (o.contype = 'f' AND o.confmatchtype <> 's') OR (o.contype = 'c' AND o.connoinherit)
    OR (o.contype = 'p' AND o.condeferrable))
UNION ALL SELECT CASE
    WHEN NOT o.indisvalid THEN 'invalid index'
    WHEN to_jsonb(o) ->> 'indnullsnotdistinct' = 'true' THEN 'nulls not distinct'
    WHEN ic.reloptions IS NOT NULL THEN 'storage options'
    WHEN o.indnatts > o.indnkeyatts THEN 'constraint with included columns'
    ELSE 'operator class options' END, ic.relname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_index o ON o.indrelid = c.oid
JOIN pg_catalog.pg_class ic ON ic.oid = o.indexrelid
WHERE c.relkind = 'r' AND NOT c.relispartition AND (NOT o.indisvalid
    OR to_jsonb(o) ->> 'indnullsnotdistinct' = 'true' OR ic.reloptions IS NOT NULL
    OR (o.indnatts > o.indnkeyatts AND EXISTS (
        SELECT FROM pg_catalog.pg_constraint con WHERE con.conindid = ic.oid AND con.contype IN ('p', 'u')))
    OR EXISTS (SELECT FROM pg_catalog.pg_attribute ia WHERE ia.attrelid = ic.oid AND ia.attoptions IS NOT NULL))"
    };
}

const UNMANAGED: &str = concat!(
    "WITH n AS (SELECT oid, CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END AS prefix
    FROM pg_catalog.pg_namespace n WHERE ",
    in_scope!(),
    "), ext AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e')
SELECT row_to_json(u) FROM (
SELECT 'extension' AS kind, extname::text AS name, NULL::text AS \"table\"
FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT 'event trigger', evtname, NULL FROM pg_catalog.pg_event_trigger evt
WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_event_trigger'::regclass AND objid = evt.oid)
UNION ALL SELECT o.kind, n.prefix || o.name || CASE WHEN o.catalog = 'pg_proc'::regclass
    THEN '(' || pg_get_function_identity_arguments(o.oid) || ')' ELSE '' END, NULL
FROM (",
    objects!(),
    ") o JOIN n ON n.oid = o.namespace
WHERE NOT EXISTS (SELECT FROM ext WHERE classid = o.catalog AND objid = o.oid)
UNION ALL SELECT p.kind, p.name, n.prefix || c.relname
FROM (",
    parts!(),
    ") p JOIN pg_catalog.pg_class c ON c.oid = p.relation JOIN n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_class'::regclass AND objid = c.oid)
ORDER BY 1, 3, 2) u"
);

pub(super) async fn list(conn: &mut PgConnection, schemas: &[String]) -> Result<Vec<Unmanaged>, sqlx::Error> {
    let rows = sqlx::query_scalar(UNMANAGED).bind(schemas).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|Json(unmanaged)| unmanaged).collect())
}

pub(super) async fn not_managed(
    conn: &mut PgConnection,
    schemas: &[String],
) -> Result<Vec<Unmanaged>, sqlx::Error> {
    let query = sqlx::query_as(AssertSqlSafe(whimbrel_schema::unmanaged::query()));
    let rows = query.bind(schemas).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(kind, name, table)| Unmanaged { kind, name, table }).collect())
}
