//! Foreign keys as PostgreSQL demands them of both tables.

use std::collections::BTreeMap;

use whimbrel_schema::Definition;

use super::Assembled;
use crate::ast::Model;
use crate::errors::SourceSpan;
use crate::lower;
use crate::model::{ColumnType, ElementType, ForeignKey, QName, Table};
use crate::scan::Crates;
use crate::validate::has_key;

pub(super) fn check(crates: &Crates, assembled: &[Assembled<'_>]) {
    let tables: BTreeMap<&QName, &Table> =
        assembled.iter().map(|assembled| (&assembled.table.name, &assembled.table)).collect();
    for Assembled { found, table } in assembled {
        for (name, key) in &table.foreign_keys {
            let Some(target) = tables.get(&key.references) else { continue };
            let wrong = is_unique(key, target).or_else(|| same_types(key, table, target));
            if let Some((message, help)) = wrong.or_else(|| same_persistence(table, target)) {
                crates.files[found.file].errors.add(place(&found.item, name), message).help(help);
            }
        }
    }
}

/// Where a foreign key was written.
fn place(model: &Model, name: &str) -> SourceSpan {
    let of_columns = model.fields.iter().filter_map(|field| match &field.column.references {
        Some(reference) => Some(reference.span),
        None => field.column.no_reference.is_none().then(|| SourceSpan::of(&field.ty)),
    });
    let places = model.foreign_keys.iter().map(|key| key.span).chain(of_columns);
    let mut keys = lower::table(model).foreign_keys.into_iter().zip(places);
    keys.find(|(key, _)| key.name == name).map_or_else(|| model.ident.span().into(), |(_, place)| place)
}

/// What a key refers to must be unique, or it would not be one row.
fn is_unique(key: &ForeignKey, target: &Table) -> Option<(String, String)> {
    if key.columns.len() != key.referenced_columns.len() {
        return Some((
            format!(
                "{} columns reference {} of `{}`",
                key.columns.len(),
                key.referenced_columns.len(),
                target.name
            ),
            "name the same number of columns on both sides".to_owned(),
        ));
    }
    if has_key(target, &key.referenced_columns) {
        return None;
    }
    let columns = key.referenced_columns.join(", ");
    Some((
        format!("`{columns}` of `{}` is not unique, so it cannot be referenced", target.name),
        format!("make it unique there: `#[column(unique)]` or `#[model(unique({columns}))]`"),
    ))
}

/// After a crash an unlogged table is empty, and what refers to it would refer to nothing.
fn same_persistence(table: &Table, target: &Table) -> Option<(String, String)> {
    let unlogged = |table: &Table| match &table.relation {
        Some(Definition::Table(relation)) => relation.unlogged,
        _ => false,
    };
    (unlogged(target) && !unlogged(table)).then(|| {
        let message = format!("`{}` is unlogged, and this table is not", target.name);
        (message, "make both `unlogged`, or neither".to_owned())
    })
}

/// Values must be comparable, or PostgreSQL refuses the key.
fn same_types(key: &ForeignKey, table: &Table, target: &Table) -> Option<(String, String)> {
    for (here, there) in key.columns.iter().zip(&key.referenced_columns) {
        let (Some(own), Some(other)) = (table.column(here), target.column(there)) else { continue };
        let (Some(own_family), Some(other_family)) = (family(&own.ty), family(&other.ty)) else { continue };
        if own_family != other_family {
            return Some((
                format!("`{here}` is {own_family}, but `{there}` of `{}` is {other_family}", target.name),
                "give both columns the same type".to_owned(),
            ));
        }
    }
    None
}

/// Types that PostgreSQL compares with each other; `None` for those it must be asked about.
fn family(ty: &ColumnType) -> Option<&str> {
    let ElementType::Sql(name) = &ty.element else { return None };
    if ty.array {
        return Some("an array");
    }
    let base = name.split(['(', ' ']).next().unwrap_or(name);
    match base {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double" => Some("a number"),
        "text" | "character" | "bpchar" => Some("a text"),
        "uuid" => Some("a uuid"),
        "boolean" => Some("a boolean"),
        "bytea" => Some("bytes"),
        "date" | "timestamp" => Some("a date"),
        _ => None,
    }
}
