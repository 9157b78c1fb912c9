//! Whether the target tables are what the transforms write: by the catalog, before the first row.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sqlx::PgConnection;
use whimbrel::__private::introspect;
use whimbrel_schema::{Definition, Entry, Id, Kind, State, object};
use whimbrel_syntax::model::{Column, ColumnType, ElementType, Enum, QName, Table};

use crate::error::TransferError;
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

/// Compares the target tables with what the transforms write. An empty list means that everything fits.
pub async fn check(
    connection: &mut PgConnection,
    routes: &[Route],
    models: &Models,
) -> Result<Vec<TableFinding>, TransferError> {
    let catalog = catalog(connection, routes, models, &[]).await?;
    Ok(findings(&catalog, routes, models))
}

/// What the catalog has in the schemas of the target tables and the models: relations, their columns, enum types, and objects of
/// further kinds.
pub async fn catalog(
    connection: &mut PgConnection,
    routes: &[Route],
    models: &Models,
    further: &[Kind],
) -> Result<State, TransferError> {
    const KINDS: [Kind; 6] =
        [Kind::Table, Kind::Column, Kind::Enum, Kind::View, Kind::MaterializedView, Kind::Sequence];
    let tables = tables(routes);
    let names = tables.iter().chain(models.tables.keys()).chain(models.enums.keys());
    let schemas: BTreeSet<&str> = names.map(|name| name.schema.as_str()).collect();
    let schemas: Vec<&str> = schemas.into_iter().collect();
    Ok(introspect::objects(connection, &schemas, &[&KINDS, further].concat()).await?)
}

/// The same as [`check`], by what [`catalog`] gives.
pub fn findings(catalog: &State, routes: &[Route], models: &Models) -> Vec<TableFinding> {
    let mut findings = Vec::new();
    for table in tables(routes) {
        let named = |kind| catalog.objects.contains_key(&Id::new(kind, &table));
        if named(Kind::Table) {
            check_table(&table, catalog, routes, models, &mut findings);
            continue;
        }
        let other =
            [Kind::View, Kind::MaterializedView, Kind::Sequence].into_iter().find(|kind| named(*kind));
        let found = other.map_or_else(|| "no table of that name".to_owned(), |kind| format!("a {kind}"));
        findings.push(finding(&table, None, "a table", found));
    }
    findings
}

/// A column of a table, if there is one.
pub fn column<'c>(catalog: &'c State, table: &QName, name: &str) -> Option<&'c object::Column> {
    as_column(catalog.objects.get(&Id::new(Kind::Table, table).part(Kind::Column, name))?)
}

fn as_column(entry: &Entry) -> Option<&object::Column> {
    if let Definition::Column(column) = &entry.definition { Some(column) } else { None }
}

/// The target tables, sorted.
pub fn tables(routes: &[Route]) -> BTreeSet<QName> {
    routes.iter().flat_map(|route| route.targets.iter().map(|target| target.table.clone())).collect()
}

fn check_table(
    table: &QName,
    catalog: &State,
    routes: &[Route],
    models: &Models,
    findings: &mut Vec<TableFinding>,
) {
    let model = models.tables.get(table);
    let id = Id::new(Kind::Table, table);
    let columns: Vec<&object::Column> =
        catalog.parts(&id, Kind::Column).filter_map(|(_, entry)| as_column(entry)).collect();
    let mut checked = BTreeSet::new();
    for target in routes.iter().flat_map(|route| &route.targets).filter(|target| target.table == *table) {
        for &name in target.spec.columns.iter().filter(|name| checked.insert(**name)) {
            let model = model.and_then(|model| model.column(name));
            match column(catalog, table, name) {
                Some(found) => check_column(table, found, model, (catalog, models), findings),
                None => {
                    let expected = model.map_or_else(|| "a column".to_owned(), |model| type_name(&model.ty));
                    findings.push(finding(table, Some(name), expected, "no such column"));
                }
            }
        }
        let filled =
            |it: &object::Column| it.default.is_some() || it.identity.is_some() || it.generated.is_some();
        for column in &columns {
            let written = target.spec.columns.contains(&column.name.as_str());
            let expands = |other: &Column| other.expand.as_ref().is_some_and(|it| it.from == column.name);
            if model.is_some_and(|model| model.columns.iter().any(expands)) {
                // Triggers are disabled meanwhile.
                let expected = "a column that the model names; remove `expand` first";
                findings.push(finding(table, Some(&column.name), expected, "filled by a trigger only"));
            } else if !written && column.not_null && !filled(column) {
                let expected =
                    format!("a value from {} (collection {})", target.spec.model, target.spec.collection);
                findings.push(finding(table, Some(&column.name), expected, "NOT NULL without a default"));
            }
        }
    }
}

fn check_column(
    table: &QName,
    found: &object::Column,
    model: Option<&Column>,
    (catalog, models): (&State, &Models),
    findings: &mut Vec<TableFinding>,
) {
    if found.generated.is_some() {
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
        let known = catalog.objects.get(&Id::new(Kind::Enum, name)).map(|entry| &entry.definition);
        let known = if let Some(Definition::Enum(known)) = known { known.labels.as_slice() } else { &[] };
        let wanted = models.enums.get(name).map(|item| item.labels.as_slice()).unwrap_or_default();
        let missing: Vec<&str> =
            wanted.iter().filter(|label| !known.contains(label)).map(String::as_str).collect();
        if !missing.is_empty() {
            let expected = format!("enum type {name} with the label {}", missing.join(", "));
            findings.push(finding(table, Some(&found.name), expected, "no such label"));
        }
    }
}

fn same_type(model: &ColumnType, found: &object::Column) -> bool {
    let (element, array) = found.ty.strip_suffix("[]").map_or((found.ty.as_str(), false), |it| (it, true));
    let is_element = match &model.element {
        ElementType::Enum(name) => element == name.type_sql(),
        // A type of an extension is printed with its schema when that is not on the search path.
        ElementType::Sql(text) => {
            element == text || element.rsplit_once('.').is_some_and(|(_, bare)| bare == text)
        }
    };
    model.array == array && is_element
}

fn type_name(ty: &ColumnType) -> String {
    let element = match &ty.element {
        ElementType::Sql(text) => text.clone(),
        ElementType::Enum(name) => format!("enum {name}"),
    };
    if ty.array { format!("{element}[]") } else { element }
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
