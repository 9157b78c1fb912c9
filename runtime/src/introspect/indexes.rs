//! Indexes that belong to no constraint.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use whimbrel_schema::model::{Index, IndexKey, IndexOn, QName, Table};

use super::expr::bare;
use super::scope::{in_scope, is_table, not_of_extension, row};

/// One row per key or included column. Bit 1 of an `indoption` is DESC, bit 2 NULLS FIRST (`pg_index.h`).
const INDEXES: &str = concat!(
    "SELECT n.nspname::text AS schema, c.relname::text AS \"table\", ic.relname::text AS name,
       i.indisunique AS is_unique, am.amname::text AS method,
       pg_get_expr(i.indpred, i.indrelid) AS predicate,
       k.place <= i.indnkeyatts AS is_key, a.attname::text AS column_name,
       CASE WHEN k.num = 0 THEN pg_get_indexdef(i.indexrelid, k.place::integer, false) END AS expression,
       coalesce(i.indoption[k.place - 1], 0)::integer AS options,
       CASE WHEN NOT opc.opcdefault THEN
            CASE WHEN opn.nspname IN ('pg_catalog', 'public') THEN '' ELSE opn.nspname || '.' END || opc.opcname
       END AS opclass,
       CASE WHEN i.indcollation[k.place - 1] <> coalesce(a.attcollation, 100) THEN
            CASE WHEN cn.nspname IN ('pg_catalog', 'public') THEN '' ELSE cn.nspname || '.' END || col.collname
       END AS collation
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY k (num, place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num AND k.num <> 0
LEFT JOIN pg_catalog.pg_opclass opc ON opc.oid = i.indclass[k.place - 1]
LEFT JOIN pg_catalog.pg_namespace opn ON opn.oid = opc.opcnamespace
LEFT JOIN pg_catalog.pg_collation col ON col.oid = i.indcollation[k.place - 1]
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint con
                  WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')) AND ",
    is_table!(),
    " AND ",
    in_scope!(),
    " ORDER BY 1, 2, 3, k.place"
);

row! {
    struct KeyRow {
        schema: String,
        table: String,
        name: String,
        is_unique: bool,
        method: String,
        predicate: Option<String>,
        is_key: bool,
        column_name: Option<String>,
        expression: Option<String>,
        options: i32,
        opclass: Option<String>,
        collation: Option<String>,
    }
}

pub(super) async fn indexes(
    conn: &mut PgConnection,
    schemas: &[String],
    tables: &mut BTreeMap<QName, Table>,
) -> Result<(), sqlx::Error> {
    let rows: Vec<KeyRow> = sqlx::query_as(INDEXES).bind(schemas).fetch_all(conn).await?;
    for row in rows {
        let table = QName::in_schema(row.schema.as_str(), row.table.as_str());
        let Some(table) = tables.get_mut(&table) else { continue };
        let index = table.indexes.entry(row.name.clone()).or_insert_with(|| Index {
            keys: Vec::new(),
            unique: row.is_unique,
            method: row.method.clone(),
            include: Vec::new(),
            predicate: row.predicate.as_deref().map(bare),
        });
        match (row.is_key, &row.column_name) {
            (false, Some(column)) => index.include.push(column.clone()),
            _ => index.keys.extend(key(row)),
        }
    }
    Ok(())
}

/// A key, unless its index was dropped meanwhile and the server does not print it any more.
fn key(row: KeyRow) -> Option<IndexKey> {
    let (descending, nulls_first) = (row.options & 1 != 0, row.options & 2 != 0);
    Some(IndexKey {
        on: match row.column_name {
            Some(column) => IndexOn::Column(column),
            None => IndexOn::Expr(bare(&row.expression?)),
        },
        descending,
        // DESC implies NULLS FIRST, ASC implies NULLS LAST.
        nulls_first: (nulls_first != descending).then_some(nulls_first),
        opclass: row.opclass,
        collation: row.collation,
    })
}
