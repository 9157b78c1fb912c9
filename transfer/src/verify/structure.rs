//! Columns, types, constraints and indexes against what the models say.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, PgConnection};
use whimbrel_schema::{Definition, Id, Kind, State};
use whimbrel_syntax::model::{QName, Table};

use crate::shape::{self, Models};
use crate::statements;
use crate::verify::VerifyError;
use crate::verify::report::{ForeignKeyReport, StructureFinding};
use crate::verify::scan::Scan;
use crate::verify::table::VerifiedTables;

pub struct Structure {
    /// Whether the table and all its compared columns are there, by slot.
    pub readable: Vec<bool>,
    pub findings: Vec<StructureFinding>,
    catalog: State,
}

pub async fn check(
    snapshot: &mut PgConnection,
    scan: &Scan,
    models: &Models,
) -> Result<Structure, VerifyError> {
    let further = [Kind::Constraint, Kind::Index];
    let catalog = shape::catalog(snapshot, &scan.routes, models, &further).await?;
    let misfits = shape::findings(&catalog, &scan.routes, models);
    let findings = misfits.into_iter().map(|misfit| {
        let column = misfit.column.map(|column| format!("column {column}: ")).unwrap_or_default();
        let finding = format!("{column}expected {}, found {}", misfit.expected, misfit.found);
        StructureFinding { table: misfit.table.to_string(), finding }
    });
    let mut findings: Vec<StructureFinding> = findings.collect();
    let mut readable = Vec::new();
    for table in &scan.tables.list {
        let has = |name: &&str| shape::column(&catalog, &table.table, name).is_some();
        readable.push(table.columns.iter().all(has));
        let is_there = catalog.objects.contains_key(&Id::new(Kind::Table, &table.table));
        if let (Some(model), true) = (models.tables.get(&table.table), is_there) {
            let missing = missing_objects(&catalog, model).into_iter();
            findings.extend(missing.map(|finding| StructureFinding { table: table.name.clone(), finding }));
        }
    }
    Ok(Structure { readable, findings, catalog })
}

/// The names of the table's constraints and indexes, also of those that it has from a parent.
fn names<'c>(catalog: &'c State, table: &QName) -> BTreeSet<&'c str> {
    let name = table.clone();
    let mut names = BTreeSet::new();
    for entry in catalog.objects.values() {
        match &entry.definition {
            Definition::Constraint(it) if it.table == name => names.extend([it.name.as_str()]),
            Definition::Index(it) if it.on.qname() == name => names.extend([it.name.as_str()]),
            Definition::Table(it) if it.name == name => names.extend(it.passed.iter().map(Id::name)),
            _ => {}
        }
    }
    names
}

/// Constraints and indexes that the model declares and the catalog does not have; foreign keys are reported
/// apart.
fn missing_objects(catalog: &State, model: &Table) -> Vec<String> {
    let found = names(catalog, &model.name);
    let keys = model.primary_key.iter().map(|key| ("primary key", &key.name));
    let uniques = model.uniques.keys().map(|name| ("unique constraint", name));
    let checks = model.checks.keys().map(|name| ("check constraint", name));
    let indexes = model.indexes.keys().map(|name| ("index", name));
    let declared = keys.chain(uniques).chain(checks).chain(indexes);
    declared
        .filter(|(_, name)| !found.contains(name.as_str()))
        .map(|(kind, name)| format!("the {kind} {name} is missing"))
        .collect()
}

struct Reference {
    columns: Vec<String>,
    references: QName,
    referenced: Vec<String>,
    /// Whether the catalog has it, and so what it refers to.
    exists: bool,
    enforced: bool,
}

/// Checks every foreign key row by row: those in the catalog and those that only the models declare.
pub async fn foreign_keys(
    snapshot: &mut PgConnection,
    tables: &VerifiedTables,
    models: &Models,
    structure: &Structure,
) -> Result<Vec<ForeignKeyReport>, VerifyError> {
    let mut reports = Vec::new();
    for table in &tables.list {
        let mut all = catalog_references(&structure.catalog, &table.table);
        let names = names(&structure.catalog, &table.table);
        for (name, key) in models.tables.get(&table.table).into_iter().flat_map(|model| &model.foreign_keys) {
            all.entry(name.clone()).or_insert_with(|| Reference {
                columns: key.columns.clone(),
                references: key.references.clone(),
                referenced: key.referenced_columns.clone(),
                exists: false,
                enforced: names.contains(name.as_str()),
            });
        }
        for (name, reference) in all {
            let dangling = dangling(snapshot, structure, &table.table, &reference).await?;
            reports.push(ForeignKeyReport {
                name,
                table: table.name.clone(),
                references: reference.references.to_string(),
                enforced: reference.enforced,
                dangling,
            });
        }
    }
    Ok(reports)
}

fn catalog_references(catalog: &State, table: &QName) -> BTreeMap<String, Reference> {
    let table = Id::new(Kind::Table, table);
    let reference = |(id, entry): (&Id, &whimbrel_schema::Entry)| {
        let Definition::Constraint(it) = &entry.definition else { return None };
        let references = it.references.as_ref()?;
        let reference = Reference {
            columns: it.columns.clone(),
            references: references.clone(),
            referenced: it.referenced(),
            exists: true,
            enforced: !it.not_valid && !it.definition.ends_with(" NOT ENFORCED"),
        };
        Some((id.name().to_owned(), reference))
    };
    catalog.parts(&table, Kind::Constraint).filter_map(reference).collect()
}

/// Rows that lead nowhere. Where a table or column is not there, that is a finding of its own; here every row
/// with a reference counts as dangling, so that nothing passes unseen.
async fn dangling(
    snapshot: &mut PgConnection,
    structure: &Structure,
    table: &QName,
    reference: &Reference,
) -> Result<u64, VerifyError> {
    let has = |table: &QName, names: &[String]| {
        names.iter().all(|name| shape::column(&structure.catalog, table, name).is_some())
    };
    if !has(table, &reference.columns) {
        return Ok(0);
    }
    let statement = if reference.exists || has(&reference.references, &reference.referenced) {
        statements::dangling(table, &reference.columns, &reference.references, &reference.referenced)
    } else {
        statements::referencing(table, &reference.columns)
    };
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(snapshot).await?;
    Ok(count.unsigned_abs())
}
