//! Enum types, tables, columns and constraints.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use whimbrel_schema::model::{
    Action, Check, Column, ColumnType, Deferrable, ElementType, Enum, Expr, ForeignKey, Identity, PrimaryKey,
    QName, Table, Unique,
};

use super::expr::bare;
use super::scope::{in_scope, is_table, not_of_extension, row};

type Tables = BTreeMap<QName, Table>;

const ENUMS: &str = concat!(
    "SELECT n.nspname::text AS schema, t.typname::text AS name,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid
             ORDER BY e.enumsortorder) AS labels,
       obj_description(t.oid, 'pg_type') AS comment
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND ",
    in_scope!(),
    " AND ",
    not_of_extension!("pg_type", "t.oid"),
    " ORDER BY 1, 2"
);

const TABLES: &str = concat!(
    "SELECT n.nspname::text AS schema, c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ",
    is_table!(),
    " AND ",
    in_scope!(),
    " ORDER BY 1, 2"
);

// 22 and 30 are int2vector and oidvector, which look like arrays and are none.
const COLUMNS: &str = concat!(
    "SELECT n.nspname::text AS schema, c.relname::text AS \"table\", a.attname::text AS name,
       el.oid <> t.oid AS is_array, format_type(el.oid, a.atttypmod) AS type_name,
       CASE WHEN el.typtype = 'e' THEN eln.nspname::text END AS enum_schema,
       CASE WHEN el.typtype = 'e' THEN el.typname::text END AS enum_name,
       a.attnotnull AS not_null, a.attidentity::text AS identity, a.attgenerated::text AS generated,
       pg_get_expr(d.adbin, d.adrelid) AS expression,
       CASE WHEN a.attcollation <> t.typcollation THEN
            CASE WHEN cn.nspname IN ('pg_catalog', 'public') THEN '' ELSE cn.nspname || '.' END || col.collname
       END AS collation,
       col_description(c.oid, a.attnum) AS comment
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type el ON el.oid = CASE
    WHEN t.typelem <> 0 AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc AND t.oid NOT IN (22, 30)
    THEN t.typelem ELSE t.oid END
JOIN pg_catalog.pg_namespace eln ON eln.oid = el.typnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation col ON col.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND ",
    is_table!(),
    " AND ",
    in_scope!(),
    " ORDER BY 1, 2, a.attnum"
);

const CONSTRAINTS: &str = concat!(
    "SELECT n.nspname::text AS schema, c.relname::text AS \"table\", con.conname::text AS name,
       con.contype::text AS kind, con.condeferrable AS deferrable, con.condeferred AS deferred,
       ARRAY(SELECT a.attname::text FROM unnest(con.conkey) WITH ORDINALITY k (num, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num
             ORDER BY k.place) AS columns,
       fn.nspname::text AS foreign_schema, fc.relname::text AS foreign_table,
       ARRAY(SELECT a.attname::text FROM unnest(con.confkey) WITH ORDINALITY k (num, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.num
             ORDER BY k.place) AS foreign_columns,
       con.confdeltype::text AS on_delete, con.confupdtype::text AS on_update,
       CASE WHEN con.contype = 'c' THEN pg_get_expr(con.conbin, con.conrelid) END AS expression
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class fc ON fc.oid = con.confrelid
LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
WHERE con.contype IN ('p', 'u', 'c', 'f') AND ",
    is_table!(),
    " AND ",
    in_scope!(),
    " ORDER BY 1, 2, 3"
);

row! {
    struct EnumRow {
        schema: String,
        name: String,
        labels: Vec<String>,
        comment: Option<String>,
    }
}

pub(super) async fn enums(
    conn: &mut PgConnection,
    schemas: &[String],
) -> Result<BTreeMap<QName, Enum>, sqlx::Error> {
    let rows: Vec<EnumRow> = sqlx::query_as(ENUMS).bind(schemas).fetch_all(conn).await?;
    let item = |row: EnumRow| {
        let name = QName::in_schema(row.schema, row.name);
        (name.clone(), Enum { name, labels: row.labels, comment: row.comment })
    };
    Ok(rows.into_iter().map(item).collect())
}

pub(super) async fn tables(conn: &mut PgConnection, schemas: &[String]) -> Result<Tables, sqlx::Error> {
    let rows: Vec<(String, String, Option<String>)> =
        sqlx::query_as(TABLES).bind(schemas).fetch_all(conn).await?;
    let item = |(schema, name, comment)| {
        let name = QName::in_schema(schema, name);
        (name.clone(), Table { comment, ..Table::new(name) })
    };
    Ok(rows.into_iter().map(item).collect())
}

row! {
    struct ColumnRow {
        schema: String,
        table: String,
        name: String,
        is_array: bool,
        type_name: String,
        enum_schema: Option<String>,
        enum_name: Option<String>,
        not_null: bool,
        identity: String,
        generated: String,
        expression: Option<String>,
        collation: Option<String>,
        comment: Option<String>,
    }
}

pub(super) async fn columns(
    conn: &mut PgConnection,
    schemas: &[String],
    tables: &mut Tables,
) -> Result<(), sqlx::Error> {
    let rows: Vec<ColumnRow> = sqlx::query_as(COLUMNS).bind(schemas).fetch_all(conn).await?;
    for row in rows {
        let table = QName::in_schema(row.schema.as_str(), row.table.as_str());
        // A table that was made after the list of tables was read is left out.
        if let Some(table) = tables.get_mut(&table) {
            table.columns.push(column(row));
        }
    }
    Ok(())
}

fn column(row: ColumnRow) -> Column {
    let element = match (row.enum_schema, row.enum_name) {
        (Some(schema), Some(name)) => ElementType::Enum(QName::in_schema(schema, name)),
        _ => ElementType::Sql(row.type_name),
    };
    // The catalog keeps defaults and generating expressions in one place. A virtual column (`v`) is no stored one;
    // it is listed as unmanaged.
    let (default, generated) = match row.generated.as_str() {
        "" => (row.expression.map(Expr::new), None),
        "s" => (None, row.expression.as_deref().map(bare)),
        _ => (None, None),
    };
    Column {
        name: row.name,
        ty: ColumnType { element, array: row.is_array },
        not_null: row.not_null,
        default,
        generated,
        identity: match row.identity.as_str() {
            "a" => Some(Identity::Always),
            "d" => Some(Identity::ByDefault),
            _ => None,
        },
        collation: row.collation,
        comment: row.comment,
    }
}

row! {
    struct ConstraintRow {
        schema: String,
        table: String,
        name: String,
        kind: String,
        deferrable: bool,
        deferred: bool,
        columns: Vec<String>,
        foreign_schema: Option<String>,
        foreign_table: Option<String>,
        foreign_columns: Vec<String>,
        on_delete: String,
        on_update: String,
        expression: Option<String>,
    }
}

pub(super) async fn constraints(
    conn: &mut PgConnection,
    schemas: &[String],
    tables: &mut Tables,
) -> Result<(), sqlx::Error> {
    let rows: Vec<ConstraintRow> = sqlx::query_as(CONSTRAINTS).bind(schemas).fetch_all(conn).await?;
    for row in rows {
        let table = QName::in_schema(row.schema.as_str(), row.table.as_str());
        if let Some(table) = tables.get_mut(&table) {
            add_constraint(table, row);
        }
    }
    Ok(())
}

fn add_constraint(table: &mut Table, row: ConstraintRow) {
    let deferrable = match (row.deferrable, row.deferred) {
        (false, _) => Deferrable::No,
        (true, false) => Deferrable::InitiallyImmediate,
        (true, true) => Deferrable::InitiallyDeferred,
    };
    match (row.kind.as_str(), row.foreign_schema, row.foreign_table) {
        ("p", _, _) => table.primary_key = Some(PrimaryKey { name: row.name, columns: row.columns }),
        ("u", _, _) => {
            table.uniques.insert(row.name, Unique { columns: row.columns, deferrable });
        }
        ("c", _, _) => {
            // Without an expression it was dropped meanwhile.
            if let Some(expression) = row.expression {
                table.checks.insert(row.name, Check { expr: bare(&expression) });
            }
        }
        ("f", Some(schema), Some(name)) => {
            let key = ForeignKey {
                columns: row.columns,
                references: QName::in_schema(schema, name),
                referenced_columns: row.foreign_columns,
                on_delete: action(&row.on_delete),
                on_update: action(&row.on_update),
                deferrable,
            };
            table.foreign_keys.insert(row.name, key);
        }
        _ => {}
    }
}

fn action(letter: &str) -> Action {
    match letter {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}
