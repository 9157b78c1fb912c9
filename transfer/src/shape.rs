//! Whether the target tables are what the transforms write: by the catalog, before the first row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sqlx::postgres::types::Oid;
use sqlx::{PgConnection, Row};
use whimbrel_syntax::model::{Column, ColumnType, ElementType, Enum, QName, Table};

use crate::error::{Doing, TransferError};
use crate::route::Route;

/// What this program's models say about tables and enum types.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// The tables by name.
    pub tables: BTreeMap<QName, Table>,
    /// The enum types by name.
    pub enums: BTreeMap<QName, Enum>,
}

impl Models {
    /// Everything that is linked into this program.
    pub fn registered() -> Self {
        let tables = whimbrel::__private::registry::models().into_iter().map(|entry| (entry.table)());
        let enums = whimbrel::__private::registry::enums().into_iter().map(|entry| (entry.definition)());
        Models {
            tables: tables.map(|table| (table.name.clone(), table)).collect(),
            enums: enums.map(|item| (item.name.clone(), item)).collect(),
        }
    }
}

/// Something about a target table that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableFinding {
    /// The table.
    pub table: QName,
    /// The column, if it is about one.
    pub column: Option<String>,
    /// What the transforms need.
    pub expected: String,
    /// What the database has.
    pub found: String,
}

impl fmt::Display for TableFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.table)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

/// A column as the catalog has it.
#[derive(Debug, Clone)]
pub struct CatalogColumn {
    pub name: String,
    /// Its type as `format_type` prints it.
    pub ty: String,
    pub oid: Oid,
    /// The type's category (`pg_type.typcategory`): S for strings, E for enums, A for arrays, …
    pub category: i8,
    enumeration: Option<QName>,
    array: bool,
    not_null: bool,
    /// Whether the server fills it when no value is given.
    filled: bool,
    generated: bool,
}

const COLUMNS: &str = "\
SELECT w.nsp, w.rel, c.relkind::text AS kind, a.attname::text AS name, \
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, \
       a.atttypid AS oid, t.typcategory AS category, en.nspname::text AS enum_schema, e.typname::text AS enum_name, \
       coalesce(t.typelem <> 0 AND t.typlen = -1 AND t.typcategory = 'A', false) AS is_array, coalesce(a.attnotnull, false) AS not_null, \
       coalesce(a.atthasdef OR a.attidentity <> '', false) AS filled, coalesce(a.attgenerated <> '', false) AS generated \
FROM unnest($1::text[], $2::text[]) AS w(nsp, rel) \
JOIN pg_catalog.pg_namespace n ON n.nspname = w.nsp \
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.rel \
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
LEFT JOIN pg_catalog.pg_type e ON e.typtype = 'e' AND e.oid IN (t.oid, t.typelem) \
LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace \
ORDER BY w.nsp, w.rel, a.attnum";

const LABELS: &str = "\
SELECT n.nspname::text, t.typname::text, l.enumlabel::text FROM pg_catalog.pg_enum l \
JOIN pg_catalog.pg_type t ON t.oid = l.enumtypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace";

/// Compares the target tables with what the transforms write. An empty list means that everything fits.
pub async fn check(
    connection: &mut PgConnection,
    routes: &[Route],
    models: &Models,
) -> Result<Vec<TableFinding>, TransferError> {
    let tables = tables(routes);
    let found = columns(connection, &tables.iter().collect::<Vec<_>>()).await?;
    let labels = labels(connection).await?;
    let mut findings = Vec::new();
    for table in tables {
        let Some((kind, columns)) = found.get(&table) else {
            findings.push(finding(&table, None, "a table", "nothing of that name"));
            continue;
        };
        if !is_table(kind) {
            findings.push(finding(&table, None, "a table", kind_name(kind)));
            continue;
        }
        check_table(&table, columns, routes, models, &labels, &mut findings);
    }
    Ok(findings)
}

/// The target tables, sorted.
pub fn tables(routes: &[Route]) -> BTreeSet<QName> {
    routes.iter().flat_map(|route| route.targets.iter().map(|target| target.table.clone())).collect()
}

/// The kind (`pg_class.relkind`) and the columns of those of these relations that exist.
pub async fn columns(
    connection: &mut PgConnection,
    tables: &[&QName],
) -> Result<BTreeMap<QName, (String, Vec<CatalogColumn>)>, TransferError> {
    let schemas: Vec<&str> = tables.iter().map(|table| table.schema.as_str()).collect();
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let rows = sqlx::query(COLUMNS)
        .bind(&schemas)
        .bind(&names)
        .fetch_all(connection)
        .await
        .doing(|| "reading the target tables' columns")?;
    let mut found: BTreeMap<QName, (String, Vec<CatalogColumn>)> = BTreeMap::new();
    for row in rows {
        let table = QName::new(row.get::<&str, _>("nsp"), row.get::<&str, _>("rel"));
        let columns = &mut found.entry(table).or_insert_with(|| (row.get("kind"), Vec::new())).1;
        let Some(name) = row.get::<Option<String>, _>("name") else { continue };
        let enum_name = row.get::<Option<String>, _>("enum_name");
        let enum_schema = row.get::<Option<String>, _>("enum_schema");
        columns.push(CatalogColumn {
            name,
            ty: row.get("type"),
            oid: row.get("oid"),
            category: row.get("category"),
            enumeration: enum_schema.zip(enum_name).map(|(schema, name)| QName::new(schema, name)),
            array: row.get("is_array"),
            not_null: row.get("not_null"),
            filled: row.get("filled"),
            generated: row.get("generated"),
        });
    }
    Ok(found)
}

async fn labels(connection: &mut PgConnection) -> Result<BTreeMap<QName, BTreeSet<String>>, TransferError> {
    let rows = sqlx::query(LABELS).fetch_all(connection).await.doing(|| "reading the enum types' labels")?;
    let mut labels: BTreeMap<QName, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        let name = QName::new(row.get::<&str, _>(0), row.get::<&str, _>(1));
        labels.entry(name).or_default().insert(row.get(2));
    }
    Ok(labels)
}

fn check_table(
    table: &QName,
    columns: &[CatalogColumn],
    routes: &[Route],
    models: &Models,
    labels: &BTreeMap<QName, BTreeSet<String>>,
    findings: &mut Vec<TableFinding>,
) {
    let model = models.tables.get(table);
    let mut checked = BTreeSet::new();
    for target in routes.iter().flat_map(|route| &route.targets).filter(|target| target.table == *table) {
        for &name in target.spec.columns.iter().filter(|name| checked.insert(**name)) {
            let model = model.and_then(|model| model.column(name));
            match columns.iter().find(|column| column.name == name) {
                Some(found) => check_column(table, found, model, models, labels, findings),
                None => {
                    let expected = model.map_or_else(|| "a column".to_owned(), |model| type_name(&model.ty));
                    findings.push(finding(table, Some(name), expected, "no such column"));
                }
            }
        }
        for column in columns {
            let written = target.spec.columns.contains(&column.name.as_str());
            let expands = |other: &Column| other.expand.as_ref().is_some_and(|it| it.from == column.name);
            if model.is_some_and(|model| model.columns.iter().any(expands)) {
                // Triggers are disabled meanwhile.
                let expected = "a column that the model names; remove `expand` first";
                findings.push(finding(table, Some(&column.name), expected, "filled by a trigger only"));
            } else if !written && column.not_null && !column.filled && !column.generated {
                let expected =
                    format!("a value from {} (collection {})", target.spec.model, target.spec.collection);
                findings.push(finding(table, Some(&column.name), expected, "NOT NULL without a default"));
            }
        }
    }
}

fn check_column(
    table: &QName,
    found: &CatalogColumn,
    model: Option<&Column>,
    models: &Models,
    labels: &BTreeMap<QName, BTreeSet<String>>,
    findings: &mut Vec<TableFinding>,
) {
    if found.generated {
        findings.push(finding(
            table,
            Some(&found.name),
            "a column that can be written",
            "a generated column",
        ));
        return;
    }
    let Some(model) = model else { return };
    if !same_type(&model.ty, found) {
        findings.push(finding(table, Some(&found.name), type_name(&model.ty), found.ty.clone()));
        return;
    }
    if found.not_null && !model.not_null {
        findings.push(finding(table, Some(&found.name), "a column that may be NULL", "NOT NULL"));
    }
    if let ElementType::Enum(name) = &model.ty.element {
        let known = labels.get(name);
        let wanted = models.enums.get(name).map(|item| item.labels.as_slice()).unwrap_or_default();
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|label| !known.is_some_and(|known| known.contains(*label)))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let expected = format!("enum type {name} with the label {}", missing.join(", "));
            findings.push(finding(table, Some(&found.name), expected, "no such label"));
        }
    }
}

fn same_type(model: &ColumnType, found: &CatalogColumn) -> bool {
    if model.array != found.array {
        return false;
    }
    match &model.element {
        ElementType::Enum(name) => found.enumeration.as_ref() == Some(name),
        ElementType::Sql(text) => {
            let found = found.ty.strip_suffix("[]").unwrap_or(&found.ty);
            // A type of an extension is printed with its schema when that is not on the search path.
            found == text || found.rsplit_once('.').is_some_and(|(_, bare)| bare == text)
        }
    }
}

fn type_name(ty: &ColumnType) -> String {
    let element = match &ty.element {
        ElementType::Sql(text) => text.clone(),
        ElementType::Enum(name) => format!("enum {name}"),
    };
    if ty.array { format!("{element}[]") } else { element }
}

pub fn is_table(kind: &str) -> bool {
    matches!(kind, "r" | "p")
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "v" => "a view",
        "m" => "a materialized view",
        "f" => "a foreign table",
        "S" => "a sequence",
        _ => "something else",
    }
}

fn finding(
    table: &QName,
    column: Option<&str>,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> TableFinding {
    TableFinding {
        table: table.clone(),
        column: column.map(str::to_owned),
        expected: expected.into(),
        found: found.into(),
    }
}
