//! Columns, types, constraints and indexes against what the models say.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use whimbrel_syntax::model::{QName, Table};

use crate::shape::{self, CatalogColumn, Models};
use crate::statements;
use crate::verify::VerifyError;
use crate::verify::report::{ForeignKeyReport, StructureFinding};
use crate::verify::scan::Scan;
use crate::verify::sql;
use crate::verify::table::VerifiedTables;

pub struct Structure {
    /// Whether the table and all its compared columns are there, by slot.
    pub readable: Vec<bool>,
    /// The types of the compared columns, by slot; of a table that is not readable none.
    pub types: Vec<Vec<CatalogColumn>>,
    pub findings: Vec<StructureFinding>,
}

pub async fn check(
    snapshot: &mut PgConnection,
    scan: &Scan,
    models: &Models,
) -> Result<Structure, VerifyError> {
    let misfits = shape::check(snapshot, &scan.routes, models).await?;
    let findings = misfits.into_iter().map(|misfit| {
        let column = misfit.column.map(|column| format!("column {column}: ")).unwrap_or_default();
        let finding = format!("{column}expected {}, found {}", misfit.expected, misfit.found);
        StructureFinding { table: misfit.table.to_string(), finding }
    });
    let mut structure = Structure { readable: Vec::new(), types: Vec::new(), findings: findings.collect() };
    for table in &scan.tables.list {
        let catalog = columns(snapshot, &table.table).await?;
        let column = |name: &&str| catalog.iter().find(|column| column.name == *name).cloned();
        let types: Vec<CatalogColumn> = table.columns.iter().filter_map(column).collect();
        structure.readable.push(types.len() == table.columns.len());
        structure.types.push(types);
        if let (Some(model), false) = (models.tables.get(&table.table), catalog.is_empty()) {
            let missing = missing_objects(snapshot, model).await?.into_iter();
            let finding = |finding| StructureFinding { table: table.name.clone(), finding };
            structure.findings.extend(missing.map(finding));
        }
    }
    Ok(structure)
}

/// The columns of a table; of anything else none.
async fn columns(snapshot: &mut PgConnection, table: &QName) -> Result<Vec<CatalogColumn>, VerifyError> {
    let found = shape::columns(snapshot, &[table]).await?.remove(table);
    Ok(found.filter(|(kind, _)| shape::is_table(kind)).map(|(_, columns)| columns).unwrap_or_default())
}

/// Constraints and indexes that the model declares and the catalog does not have; foreign keys are reported
/// apart.
async fn missing_objects(snapshot: &mut PgConnection, model: &Table) -> Result<Vec<String>, VerifyError> {
    let query = sqlx::query_scalar(sql::OBJECTS).bind(&model.name.schema).bind(&model.name.name);
    let found: BTreeSet<String> = query.fetch_all(snapshot).await?.into_iter().collect();
    let keys = model.primary_key.iter().map(|key| ("primary key", &key.name));
    let uniques = model.uniques.keys().map(|name| ("unique constraint", name));
    let checks = model.checks.keys().map(|name| ("check constraint", name));
    let indexes = model.indexes.keys().map(|name| ("index", name));
    let declared = keys.chain(uniques).chain(checks).chain(indexes);
    Ok(declared
        .filter(|(_, name)| !found.contains(*name))
        .map(|(kind, name)| format!("the {kind} {name} is missing"))
        .collect())
}

struct Reference {
    columns: Vec<String>,
    references: QName,
    referenced: Vec<String>,
    enforced: bool,
}

/// Checks every foreign key row by row: those in the catalog and those that only the models declare.
pub async fn foreign_keys(
    snapshot: &mut PgConnection,
    tables: &VerifiedTables,
    models: &Models,
) -> Result<Vec<ForeignKeyReport>, VerifyError> {
    let mut reports = Vec::new();
    for table in &tables.list {
        let mut all = catalog_references(snapshot, &table.table).await?;
        for (name, key) in models.tables.get(&table.table).into_iter().flat_map(|model| &model.foreign_keys) {
            all.entry(name.clone()).or_insert_with(|| Reference {
                columns: key.columns.clone(),
                references: key.references.clone(),
                referenced: key.referenced_columns.clone(),
                enforced: false,
            });
        }
        for (name, reference) in all {
            let dangling = dangling(snapshot, &table.table, &reference).await?;
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

async fn catalog_references(
    snapshot: &mut PgConnection,
    table: &QName,
) -> Result<BTreeMap<String, Reference>, VerifyError> {
    let query = sqlx::query(sql::FOREIGN_KEYS).bind(&table.schema).bind(&table.name);
    let mut found = BTreeMap::new();
    for row in query.fetch_all(snapshot).await? {
        let reference = Reference {
            enforced: row.try_get(1)?,
            references: QName::new(row.try_get::<String, _>(2)?, row.try_get::<String, _>(3)?),
            columns: row.try_get(4)?,
            referenced: row.try_get(5)?,
        };
        found.insert(row.try_get(0)?, reference);
    }
    Ok(found)
}

/// Rows that lead nowhere. Where a table or column is not there, that is a finding of its own; here every row
/// with a reference counts as dangling, so that nothing passes unseen.
async fn dangling(
    snapshot: &mut PgConnection,
    table: &QName,
    reference: &Reference,
) -> Result<u64, VerifyError> {
    let own = columns(snapshot, table).await?;
    let has = |columns: &[CatalogColumn], names: &[String]| {
        names.iter().all(|name| columns.iter().any(|column| column.name == *name))
    };
    if !has(&own, &reference.columns) {
        return Ok(0);
    }
    let theirs = columns(snapshot, &reference.references).await?;
    let statement = if has(&theirs, &reference.referenced) {
        statements::dangling(table, &reference.columns, &reference.references, &reference.referenced)
    } else {
        statements::referencing(table, &reference.columns)
    };
    let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(snapshot).await?;
    Ok(count.unsigned_abs())
}
