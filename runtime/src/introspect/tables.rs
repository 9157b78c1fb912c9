//! Enum types and tables. The server describes each of them as JSON, as a snapshot does, so that the number of queries
//! depends on nothing and each table is described as it was at one moment.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use sqlx::types::Json;
use whimbrel_syntax::model::{Enum, IndexOn, QName, Table};

use super::expr::bare;
use super::scope::{in_scope, is_table, not_of_extension};

const ENUMS: &str = concat!(
    "SELECT json_build_object(
    'name', json_build_object('schema', n.nspname, 'name', t.typname),
    'labels', ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
    'comment', obj_description(t.oid, 'pg_type'))
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND ",
    in_scope!(),
    " AND ",
    not_of_extension!("pg_type", "t.oid"),
);

/// The columns of a table `c`. 22 and 30 are int2vector and oidvector, which look like arrays but are not. The catalog
/// keeps defaults and generating expressions in one place; a virtual column (`v`) is listed as unmanaged.
macro_rules! columns {
    () => {
        "SELECT coalesce(json_agg(json_build_object(
    'name', a.attname,
    'type', CASE WHEN el.typtype = 'e'
        THEN json_build_object('enum', json_build_object('schema', eln.nspname, 'name', el.typname), 'array', el.oid <> t.oid)
        ELSE json_build_object('sql', format_type(el.oid, a.atttypmod), 'array', el.oid <> t.oid) END,
    'not_null', a.attnotnull,
    'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    'generated', CASE WHEN a.attgenerated = 's' THEN pg_get_expr(d.adbin, d.adrelid) END,
    'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by_default' END,
    'collation', CASE WHEN a.attcollation <> t.typcollation THEN
        CASE WHEN cn.nspname IN ('pg_catalog', 'public') THEN '' ELSE cn.nspname || '.' END || col.collname END,
    'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum), '[]')
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type el ON el.oid = CASE
    WHEN t.typelem <> 0 AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc AND t.oid NOT IN (22, 30)
    THEN t.typelem ELSE t.oid END
JOIN pg_catalog.pg_namespace eln ON eln.oid = el.typnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation col ON col.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace
WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    };
}

/// The constraints of a table `c`, by kind. A check that was dropped meanwhile has no expression.
macro_rules! constraints {
    () => {
        r#"SELECT json_agg(json_build_object('name', name, 'columns', columns)) FILTER (WHERE kind = 'p') -> 0 AS primary_key,
    coalesce(json_object_agg(name, json_build_object('columns', columns, 'deferrable', deferral))
        FILTER (WHERE kind = 'u'), '{}') AS uniques,
    coalesce(json_object_agg(name, json_build_object('expr', expression))
        FILTER (WHERE kind = 'c' AND expression IS NOT NULL), '{}') AS checks,
    coalesce(json_object_agg(name, json_build_object('columns', columns, 'references', refers_to,
        'referenced_columns', referenced_columns, 'on_delete', actions ->> on_delete, 'on_update', actions ->> on_update,
        'deferrable', deferral)) FILTER (WHERE kind = 'f'), '{}') AS foreign_keys
FROM (SELECT con.conname AS name, con.contype AS kind, con.confdeltype::text AS on_delete, con.confupdtype::text AS on_update,
        ARRAY(SELECT a.attname FROM unnest(con.conkey) WITH ORDINALITY k (num, place)
              JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num
              ORDER BY k.place) AS columns,
        ARRAY(SELECT a.attname FROM unnest(con.confkey) WITH ORDINALITY k (num, place)
              JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.num
              ORDER BY k.place) AS referenced_columns,
        json_build_object('schema', fn.nspname, 'name', fc.relname) AS refers_to,
        CASE WHEN NOT con.condeferrable THEN 'no' WHEN con.condeferred THEN 'initially_deferred'
             ELSE 'initially_immediate' END AS deferral,
        CASE WHEN con.contype = 'c' THEN pg_get_expr(con.conbin, con.conrelid) END AS expression,
        '{"a": "no_action", "r": "restrict", "c": "cascade", "n": "set_null", "d": "set_default"}'::json AS actions
    FROM pg_catalog.pg_constraint con
    LEFT JOIN pg_catalog.pg_class fc ON fc.oid = con.confrelid
    LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
    WHERE con.conrelid = c.oid) constraints"#
    };
}

/// The keys and included columns of an index `i` of a table `c`. Bit 1 of an `indoption` is DESC, bit 2 NULLS FIRST
/// (`pg_index.h`); DESC implies NULLS FIRST, ASC implies NULLS LAST. An index that was dropped meanwhile has no definition.
macro_rules! keys {
    () => {
        "SELECT json_agg(json_build_object(
        CASE WHEN k.num = 0 THEN 'expr' ELSE 'column' END, coalesce(a.attname, k.expression),
        'descending', k.options & 1 <> 0,
        'nulls_first', CASE WHEN (k.options & 2 <> 0) <> (k.options & 1 <> 0) THEN k.options & 2 <> 0 END,
        'opclass', CASE WHEN NOT opc.opcdefault THEN
            CASE WHEN opn.nspname IN ('pg_catalog', 'public') THEN '' ELSE opn.nspname || '.' END || opc.opcname END,
        'collation', CASE WHEN i.indcollation[k.place - 1] <> coalesce(a.attcollation, 100) THEN
            CASE WHEN cn.nspname IN ('pg_catalog', 'public') THEN '' ELSE cn.nspname || '.' END || col.collname END)
        ORDER BY k.place) FILTER (WHERE k.place <= i.indnkeyatts AND coalesce(a.attname, k.expression) IS NOT NULL) AS keys,
    json_agg(a.attname ORDER BY k.place) FILTER (WHERE k.place > i.indnkeyatts) AS include
FROM (SELECT num, place, coalesce(i.indoption[place - 1], 0)::integer AS options,
        CASE WHEN num = 0 THEN pg_get_indexdef(i.indexrelid, place::integer, false) END AS expression
    FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (num, place)) k
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num <> 0
LEFT JOIN pg_catalog.pg_opclass opc ON opc.oid = i.indclass[k.place - 1]
LEFT JOIN pg_catalog.pg_namespace opn ON opn.oid = opc.opcnamespace
LEFT JOIN pg_catalog.pg_collation col ON col.oid = i.indcollation[k.place - 1]
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace"
    };
}

/// The indexes of a table `c` that belong to no constraint.
macro_rules! indexes {
    () => {
        concat!(
            "SELECT coalesce(json_object_agg(ic.relname, json_build_object('keys', coalesce(k.keys, '[]'),
    'unique', i.indisunique, 'method', am.amname, 'include', coalesce(k.include, '[]'),
    'where', pg_get_expr(i.indpred, i.indrelid))), '{}')
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
CROSS JOIN LATERAL (",
            keys!(),
            ") k
WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint con
    WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x'))"
        )
    };
}

const TABLES: &str = concat!(
    "SELECT json_build_object(
    'name', json_build_object('schema', n.nspname, 'name', c.relname),
    'comment', obj_description(c.oid, 'pg_class'),
    'primary_key', con.primary_key, 'uniques', con.uniques, 'checks', con.checks, 'foreign_keys', con.foreign_keys,
    'columns', (",
    columns!(),
    "), 'indexes', (",
    indexes!(),
    "))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (",
    constraints!(),
    ") con WHERE ",
    is_table!(),
    " AND ",
    in_scope!()
);

pub(super) async fn enums(
    conn: &mut PgConnection,
    schemas: &[String],
) -> Result<BTreeMap<QName, Enum>, sqlx::Error> {
    let enums: Vec<Json<Enum>> = sqlx::query_scalar(ENUMS).bind(schemas).fetch_all(conn).await?;
    Ok(enums.into_iter().map(|Json(item)| (item.name.clone(), item)).collect())
}

pub(super) async fn tables(
    conn: &mut PgConnection,
    schemas: &[String],
) -> Result<BTreeMap<QName, Table>, sqlx::Error> {
    let tables: Vec<Json<Table>> = sqlx::query_scalar(TABLES).bind(schemas).fetch_all(conn).await?;
    Ok(tables.into_iter().map(|Json(table)| (table.name.clone(), without_parentheses(table))).collect())
}

fn without_parentheses(mut table: Table) -> Table {
    let generated = table.columns.iter_mut().filter_map(|column| column.generated.as_mut());
    let checks = table.checks.values_mut().map(|check| &mut check.expr);
    let indexes = table.indexes.values_mut().flat_map(|index| {
        let keys = index.keys.iter_mut().filter_map(|key| match &mut key.on {
            IndexOn::Expr(expr) => Some(expr),
            IndexOn::Column(_) => None,
        });
        keys.chain(index.predicate.as_mut())
    });
    generated.chain(checks).chain(indexes).for_each(|expr| *expr = bare(&expr.0));
    table
}
