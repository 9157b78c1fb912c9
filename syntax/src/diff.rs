//! The differences between two schemas, with the renames their author declared.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::*;

mod change;
pub(crate) mod rename;

pub use change::{Change, Definition, LabelChange, Object, ObjectKind, TableObject};
pub(crate) use change::{key_columns, objects, same_expr};

/// What turns `prev` into `next`, in an order that depends on names alone.
///
/// Constraints and indexes that are the same under another name are renamed; everything else is renamed only when
/// `hints` declare it.
pub fn diff(prev: &Schema, next: &Schema, hints: &Hints) -> Vec<Change> {
    let prev = normal(prev);
    let next = normal(next);
    let renamed = rename::apply(&prev, &next, hints);
    changes(&renamed, &next)
}

/// The schema with what PostgreSQL implies written down: the columns of a primary key and identity columns are
/// never NULL.
pub(crate) fn normal(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    for table in schema.tables.values_mut() {
        let key = table.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        for column in &mut table.columns {
            column.not_null |= column.identity.is_some() || key.contains(&column.name);
        }
    }
    schema
}

/// The changes between two normal schemas.
pub(crate) fn changes(prev: &rename::Renamed, next: &Schema) -> Vec<Change> {
    let mut changes = Vec::new();
    schemas(prev, next, &mut changes);
    enums(prev, next, &mut changes);
    for (new, old) in &prev.hints.tables {
        changes.push(Change::RenameTable { from: old.clone(), to: new.clone() });
    }
    for (name, table) in &prev.schema.tables {
        match next.tables.get(name) {
            None => changes.push(Change::DropTable { table: table.clone() }),
            Some(next) => tables(prev, table, next, &mut changes),
        }
    }
    for (name, table) in &next.tables {
        if !prev.schema.tables.contains_key(name) {
            changes.push(Change::CreateTable { table: table.clone() });
        }
    }
    changes
}

/// The PostgreSQL schemas in use before and after.
fn schemas(prev: &rename::Renamed, next: &Schema, changes: &mut Vec<Change>) {
    let used = |tables: BTreeSet<&QName>| -> BTreeSet<String> {
        let mut names: BTreeSet<String> = tables.into_iter().map(|name| name.schema.clone()).collect();
        names.remove(DEFAULT_SCHEMA);
        names
    };
    let old_tables = prev.schema.tables.keys().map(|name| prev.old_table(name));
    let old_enums = prev.schema.enums.keys().map(|name| prev.old_enum(name));
    let before = used(old_tables.chain(old_enums).collect());
    let after = used(next.tables.keys().chain(next.enums.keys()).collect());
    for schema in after.difference(&before) {
        changes.push(Change::CreateSchema { schema: schema.clone() });
    }
    for schema in before.difference(&after) {
        changes.push(Change::DropSchema { schema: schema.clone() });
    }
}

fn enums(prev: &rename::Renamed, next: &Schema, changes: &mut Vec<Change>) {
    for (new, old) in &prev.hints.enums {
        changes.push(Change::RenameEnum { from: old.clone(), to: new.clone() });
    }
    for (name, before) in &prev.schema.enums {
        let Some(after) = next.enums.get(name) else {
            changes.push(Change::DropEnum { definition: before.clone() });
            continue;
        };
        let labels = prev.hints.labels.iter().filter(|((owner, _), _)| owner == name);
        let renamed: BTreeMap<String, String> =
            labels.map(|((_, new), old)| (new.clone(), old.clone())).collect();
        if before.labels != after.labels {
            let (name, from, to) = (name.clone(), before.labels.clone(), after.labels.clone());
            changes.push(Change::AlterEnum(LabelChange { name, from, to, renamed }));
        }
        if before.comment != after.comment {
            changes.push(Change::CommentEnum {
                name: name.clone(),
                from: before.comment.clone(),
                to: after.comment.clone(),
            });
        }
    }
    for (name, definition) in &next.enums {
        if !prev.schema.enums.contains_key(name) {
            changes.push(Change::CreateEnum { definition: definition.clone() });
        }
    }
}

fn tables(renamed: &rename::Renamed, prev: &Table, next: &Table, changes: &mut Vec<Change>) {
    let table = || next.name.clone();
    let old_table = || renamed.old_table(&next.name).clone();
    for column in &prev.columns {
        if next.column(&column.name).is_none() {
            changes.push(Change::DropColumn { table: old_table(), column: column.clone() });
        }
    }
    for ((owner, new), old) in &renamed.hints.columns {
        if *owner == next.name {
            changes.push(Change::RenameColumn { table: table(), from: old.clone(), to: new.clone() });
        }
    }
    for after in &next.columns {
        match prev.column(&after.name) {
            None => changes.push(Change::AddColumn { table: table(), column: after.clone() }),
            Some(before) if same_column(before, after) => {}
            Some(before) => {
                changes.push(Change::AlterColumn { table: table(), from: before.clone(), to: after.clone() })
            }
        }
    }
    if prev.comment != next.comment {
        let (from, to) = (prev.comment.clone(), next.comment.clone());
        changes.push(Change::CommentTable { table: table(), from, to });
    }
    let matching = match_objects(prev, next);
    for object in matching.dropped {
        changes.push(Change::Drop(TableObject { table: old_table(), object }));
    }
    for (kind, from, to) in matching.renamed {
        changes.push(Change::Rename { table: table(), kind, from, to });
    }
    for object in matching.added {
        changes.push(Change::Add(TableObject { table: table(), object }));
    }
}

fn same_column(one: &Column, other: &Column) -> bool {
    let bare = |column: &Column| Column { default: None, generated: None, ..column.clone() };
    bare(one) == bare(other)
        && same_expr(one.default.as_ref(), other.default.as_ref())
        && same_expr(one.generated.as_ref(), other.generated.as_ref())
}

/// How the constraints and indexes of a table before and after belong together.
#[derive(Debug, Default)]
pub(crate) struct Matching {
    /// Gone, or changed under the same name.
    pub(crate) dropped: Vec<Object>,
    /// The same under another name: kind, old name, new name.
    pub(crate) renamed: Vec<(ObjectKind, String, String)>,
    /// New, or changed under the same name.
    pub(crate) added: Vec<Object>,
    /// Unchanged: the object before (whose expressions are spelled as before) under its old name, and its new name.
    pub(crate) kept: Vec<(Object, String)>,
}

/// Matches by name first, then by definition.
pub(crate) fn match_objects(prev: &Table, next: &Table) -> Matching {
    let mut matching = Matching::default();
    let mut added = objects(next);
    let mut left = Vec::new();
    for object in objects(prev) {
        let kind = object.definition.kind();
        let same_name = |other: &Object| other.name == object.name && other.definition.kind() == kind;
        match added.iter().position(same_name) {
            Some(at) if same_definition(&object.definition, &added[at].definition) => {
                let name = added.remove(at).name;
                matching.kept.push((object, name));
            }
            Some(at) => {
                matching.dropped.push(object);
                matching.added.push(added.remove(at));
            }
            None => left.push(object),
        }
    }
    for object in left {
        match added.iter().position(|other| same_definition(&object.definition, &other.definition)) {
            Some(at) => {
                let name = added.remove(at).name;
                matching.renamed.push((object.definition.kind(), object.name.clone(), name.clone()));
                matching.kept.push((object, name));
            }
            None => matching.dropped.push(object),
        }
    }
    matching.added.extend(added);
    matching
}

/// Whether two definitions are the same but for the spelling of expressions.
fn same_definition(one: &Definition, other: &Definition) -> bool {
    match (one, other) {
        (Definition::Check(one), Definition::Check(other)) => same_expr(Some(&one.expr), Some(&other.expr)),
        (Definition::Index(one), Definition::Index(other)) => same_index(one, other),
        (one, other) => one == other,
    }
}

fn same_index(one: &Index, other: &Index) -> bool {
    let same_key = |one: &IndexKey, other: &IndexKey| match (&one.on, &other.on) {
        (IndexOn::Expr(a), IndexOn::Expr(b)) => {
            let other = IndexKey { on: one.on.clone(), ..other.clone() };
            same_expr(Some(a), Some(b)) && *one == other
        }
        _ => one == other,
    };
    let bare = |index: &Index| Index { keys: Vec::new(), predicate: None, ..index.clone() };
    bare(one) == bare(other)
        && same_expr(one.predicate.as_ref(), other.predicate.as_ref())
        && one.keys.len() == other.keys.len()
        && one.keys.iter().zip(&other.keys).all(|(one, other)| same_key(one, other))
}
