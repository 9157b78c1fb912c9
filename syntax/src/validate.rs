//! What PostgreSQL would refuse, found before a statement is written. Schemas that come from annotated structs were
//! checked there, with their places in the source; snapshots and hand-made schemas were not.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::*;
use crate::name;
use crate::parts::{Part, parts};

/// Something that is wrong with a schema: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {error}")]
pub struct SchemaError {
    /// The table, type, column or constraint.
    pub place: String,
    pub error: String,
}

/// Everything that is wrong with a schema.
pub fn errors(schema: &Schema) -> Vec<SchemaError> {
    let mut checker = Checker(Vec::new());
    for definition in schema.enums.values() {
        checker.enumeration(definition);
    }
    let mut relations: BTreeMap<QName, String> = BTreeMap::new();
    for table in schema.tables.values() {
        let place = format!("table {}", table.name);
        checker.qname(&place, &table.name);
        checker.taken(&mut relations, &table.name, place);
        for (name, part) in parts(table) {
            if let Part::PrimaryKey(_) | Part::Unique(_) | Part::Index(_) = part {
                let place = format!("{} {name} of {}", part.word(), table.name);
                checker.taken(&mut relations, &QName::new(&table.name.schema, name), place);
            }
        }
        checker.table(schema, table);
    }
    checker.0
}

struct Checker(Vec<SchemaError>);

impl Checker {
    fn add(&mut self, place: &str, error: impl Into<String>) {
        self.0.push(SchemaError { place: place.to_owned(), error: error.into() });
    }

    fn name(&mut self, place: &str, text: &str) {
        if let Err(error) = name::check(text) {
            self.add(place, error.to_string());
        }
    }

    fn qname(&mut self, place: &str, name: &QName) {
        self.name(place, &name.schema);
        self.name(place, &name.name);
    }

    fn taken(&mut self, relations: &mut BTreeMap<QName, String>, name: &QName, place: String) {
        match relations.get(name) {
            Some(first) => self.add(&place, format!("the name is already used by {first}")),
            None => {
                relations.insert(name.clone(), place);
            }
        }
    }

    fn enumeration(&mut self, definition: &Enum) {
        let place = format!("enum type {}", definition.name);
        self.qname(&place, &definition.name);
        let mut seen = BTreeSet::new();
        for label in &definition.labels {
            if let Err(error) = name::check(label) {
                self.add(&place, format!("label '{label}': {error}"));
            }
            if !seen.insert(label) {
                self.add(&place, format!("label '{label}' is specified more than once"));
            }
        }
    }

    fn table(&mut self, schema: &Schema, table: &Table) {
        let mut seen = BTreeSet::new();
        for column in &table.columns {
            let place = format!("column {}.{}", table.name, column.name);
            self.name(&place, &column.name);
            if !seen.insert(&column.name) {
                self.add(&place, "specified more than once");
            }
            self.column(schema, &place, column);
        }
        let mut constraints = BTreeSet::new();
        for (name, part) in parts(table) {
            let place = format!("{} {name} of {}", part.word(), table.name);
            self.name(&place, name);
            if !matches!(part, Part::Index(_)) && !constraints.insert(name) {
                self.add(&place, "specified more than once");
            }
            match part {
                Part::PrimaryKey(key) => self.columns_exist(&place, table, &key.columns),
                Part::Unique(unique) => self.columns_exist(&place, table, &unique.columns),
                Part::ForeignKey(key) => self.foreign_key(schema, table, &place, key),
                Part::Index(index) => self.index(table, &place, index),
                Part::Check(check) if check.expr.0.trim().is_empty() => {
                    self.add(&place, "the condition is empty");
                }
                Part::Check(_) => {}
            }
        }
    }

    fn column(&mut self, schema: &Schema, place: &str, column: &Column) {
        if let ElementType::Enum(name) = &column.ty.element
            && !schema.enums.contains_key(name)
        {
            self.add(place, format!("enum type {name} does not exist"));
        }
        let ways = [column.default.is_some(), column.generated.is_some(), column.identity.is_some()];
        if ways.iter().filter(|way| **way).count() > 1 {
            self.add(place, "default, generation expression and identity exclude each other");
        }
    }

    fn columns_exist(&mut self, place: &str, table: &Table, columns: &[String]) {
        if columns.is_empty() {
            self.add(place, "it has no columns");
        }
        for column in columns {
            if table.column(column).is_none() {
                self.add(place, format!("{} has no column {column}", table.name));
            }
        }
    }

    fn foreign_key(&mut self, schema: &Schema, table: &Table, place: &str, key: &ForeignKey) {
        self.columns_exist(place, table, &key.columns);
        if key.columns.len() != key.referenced_columns.len() {
            let message = format!("{} columns reference {}", key.columns.len(), key.referenced_columns.len());
            self.add(place, message);
        }
        let Some(target) = schema.tables.get(&key.references) else {
            self.add(place, format!("table {} does not exist", key.references));
            return;
        };
        self.columns_exist(place, target, &key.referenced_columns);
        if !has_key(target, &key.referenced_columns) {
            let columns = key.referenced_columns.join(", ");
            let message = format!("{} has no primary key or unique constraint on ({columns})", target.name);
            self.add(place, message);
        }
    }

    fn index(&mut self, table: &Table, place: &str, index: &Index) {
        if index.keys.is_empty() {
            self.add(place, "it has no keys");
        }
        let columns = index.keys.iter().filter_map(|key| match &key.on {
            IndexOn::Column(column) => Some(column),
            IndexOn::Expr(_) => None,
        });
        for column in columns.chain(&index.include) {
            if table.column(column).is_none() {
                self.add(place, format!("{} has no column {column}", table.name));
            }
        }
    }
}

/// Whether a foreign key can reference these columns.
pub(crate) fn has_key(table: &Table, columns: &[String]) -> bool {
    let wanted: BTreeSet<&String> = columns.iter().collect();
    parts(table).iter().any(|(_, part)| part.key().as_ref() == Some(&wanted))
}
