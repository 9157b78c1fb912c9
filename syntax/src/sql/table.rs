//! Tables as a whole.

use super::{column, object};
use crate::diff::{Definition, Object, objects};
use crate::model::{QName, Table};
use crate::name::{qualified, quote};

/// Whether an object stands in `CREATE TABLE` itself. Foreign keys and indexes come later, and so does a unique
/// constraint over the columns of another key: PostgreSQL would merge the two.
pub(crate) fn is_inside(table: &Table, object: &Object) -> bool {
    match &object.definition {
        Definition::PrimaryKey { .. } | Definition::Check(_) => true,
        Definition::Unique(unique) => {
            let primary = table.primary_key.as_ref().map(|key| &key.columns);
            let first = table.uniques.iter().find(|(_, other)| other.columns == unique.columns);
            primary != Some(&unique.columns) && first.is_none_or(|(name, _)| *name == object.name)
        }
        Definition::ForeignKey(_) | Definition::Index(_) => false,
    }
}

/// `CREATE TABLE` with columns, primary key, unique constraints and checks, a line each: see [`is_inside`].
pub(crate) fn create(table: &Table) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(column::definition).collect();
    for item in objects(table).iter().filter(|item| is_inside(table, item)) {
        lines.extend(object::constraint(item));
    }
    let name = qualified(&table.name);
    if lines.is_empty() {
        format!("CREATE TABLE {name} ()")
    } else {
        format!("CREATE TABLE {name} (\n    {}\n)", lines.join(",\n    "))
    }
}

/// `ALTER TABLE` with one short clause on its line, or each clause on its own below it.
pub(crate) fn alter(name: &QName, clauses: &[String]) -> String {
    let name = qualified(name);
    match clauses {
        [clause] if clause.len() + name.len() < 80 => format!("ALTER TABLE {name} {clause}"),
        clauses => format!("ALTER TABLE {name}\n    {}", clauses.join(",\n    ")),
    }
}

/// `CREATE SCHEMA`; it may be there already, for other things are in it.
pub(crate) fn create_schema(schema: &str) -> String {
    format!("CREATE SCHEMA IF NOT EXISTS {}", quote(schema))
}

/// `DROP SCHEMA`; fails when anything is left in it.
pub(crate) fn drop_schema(schema: &str) -> String {
    format!("DROP SCHEMA {}", quote(schema))
}
