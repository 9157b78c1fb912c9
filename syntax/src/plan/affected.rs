//! What is dropped and recreated while something else changes: the closure over everything that reads a column whose
//! type changes, a column that is replaced or a key that is dropped.

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::rename::Renamed;
use crate::diff::{
    Change, Definition, LabelChange, Object, TableObject, key_columns, match_objects, objects, same_expr,
};
use crate::expr;
use crate::model::*;

/// Columns by table, in new names.
pub(crate) type Columns = BTreeMap<QName, BTreeSet<String>>;

#[derive(Debug, Default)]
pub(crate) struct Affected {
    /// Enum types that are recreated, since labels cannot be removed or moved, and a new label cannot be used in
    /// the transaction that adds it.
    pub(crate) recreated: BTreeSet<QName>,
    pub(crate) retyped: Columns,
    /// Columns that are dropped and added again: nothing else changes a generated column's expression.
    pub(crate) replaced: Columns,
    /// Unchanged constraints and indexes that are dropped and made again: the object before, and its new name.
    pub(crate) rebuilt: BTreeMap<QName, Vec<(Object, String)>>,
}

impl Affected {
    pub(crate) fn new(prev: &Renamed, next: &Schema, changes: &[Change]) -> Self {
        let mut affected = Affected::default();
        for change in changes {
            if let Change::AlterEnum(change) = change
                && must_recreate(prev, next, change)
            {
                affected.recreated.insert(change.name.clone());
            }
        }
        for (name, before, after) in common(prev, next) {
            let (retyped, replaced) = affected.columns(before, after);
            affected.retyped.insert(name.clone(), retyped);
            affected.replaced.insert(name.clone(), replaced);
        }
        affected.find_rebuilt(prev, next, changes);
        affected
    }

    pub(crate) fn is_retyped(&self, table: &QName, column: &str) -> bool {
        self.retyped.get(table).is_some_and(|columns| columns.contains(column))
    }

    pub(crate) fn is_replaced(&self, table: &QName, column: &str) -> bool {
        self.replaced.get(table).is_some_and(|columns| columns.contains(column))
    }

    fn columns(&self, before: &Table, after: &Table) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut retyped = BTreeSet::new();
        for old in &before.columns {
            let Some(new) = after.column(&old.name) else { continue };
            let recreated =
                matches!(&old.ty.element, ElementType::Enum(name) if self.recreated.contains(name));
            if old.ty != new.ty || old.collation != new.collation || recreated {
                retyped.insert(new.name.clone());
            }
        }
        let mut replaced = BTreeSet::new();
        for old in &before.columns {
            let Some(new) = after.column(&old.name) else { continue };
            let Some(expr) = &new.generated else { continue };
            if !same_expr(old.generated.as_ref(), Some(expr))
                || retyped.contains(&new.name)
                || self.reads(&expr.0, &retyped)
            {
                replaced.insert(new.name.clone());
            }
        }
        retyped.retain(|column| !replaced.contains(column));
        (retyped, replaced)
    }

    /// Whether an expression reads one of the columns or names a recreated type.
    pub(crate) fn reads(&self, text: &str, columns: &BTreeSet<String>) -> bool {
        columns.iter().any(|column| expr::mentions(text, column)) || self.names_recreated(text)
    }

    pub(crate) fn names_recreated(&self, text: &str) -> bool {
        self.recreated.iter().any(|name| expr::mentions(text, &name.name))
    }

    fn find_rebuilt(&mut self, prev: &Renamed, next: &Schema, changes: &[Change]) {
        // Keys that foreign keys may hang on and that go, for good or for a moment: (table, set of columns).
        let mut loose: BTreeSet<(QName, BTreeSet<String>)> = BTreeSet::new();
        let mut foreign = Vec::new();
        for change in changes {
            if let Change::Drop(TableObject { table, object }) = change {
                let new =
                    prev.hints.tables.iter().find(|(_, old)| *old == table).map_or(table, |(new, _)| new);
                loose.extend(key_columns(&object.definition).map(|columns| (new.clone(), columns)));
            }
        }
        for (name, before, after) in common(prev, next) {
            for (object, new_name) in match_objects(before, after).kept {
                if matches!(object.definition, Definition::ForeignKey(_)) {
                    foreign.push((name.clone(), object, new_name));
                } else if self.must_rebuild(name, &object.definition) {
                    loose.extend(key_columns(&object.definition).map(|columns| (name.clone(), columns)));
                    self.rebuilt.entry(name.clone()).or_default().push((object, new_name));
                }
            }
        }
        for (name, object, new_name) in foreign {
            let Definition::ForeignKey(key) = &object.definition else { continue };
            let touched = |table: &QName, columns: &[String]| {
                columns.iter().any(|column| self.is_retyped(table, column) || self.is_replaced(table, column))
            };
            let target = (key.references.clone(), key.referenced_columns.iter().cloned().collect());
            if touched(&name, &key.columns)
                || touched(&key.references, &key.referenced_columns)
                || loose.contains(&target)
            {
                self.rebuilt.entry(name).or_default().push((object, new_name));
            }
        }
    }

    /// Whether an unchanged constraint or index, foreign keys apart, cannot stay.
    fn must_rebuild(&self, table: &QName, definition: &Definition) -> bool {
        let none = BTreeSet::new();
        let retyped = self.retyped.get(table).unwrap_or(&none);
        let replaced = self.replaced.get(table).unwrap_or(&none);
        let reads = |expr: &Expr| {
            self.reads(&expr.0, retyped) || replaced.iter().any(|column| expr::mentions(&expr.0, column))
        };
        match definition {
            Definition::PrimaryKey { columns } | Definition::Unique(Unique { columns, .. }) => {
                columns.iter().any(|column| replaced.contains(column))
            }
            Definition::Check(check) => reads(&check.expr),
            Definition::Index(index) => {
                index.predicate.as_ref().is_some_and(reads)
                    || index.include.iter().any(|column| replaced.contains(column))
                    || index.keys.iter().any(|key| match &key.on {
                        IndexOn::Column(column) => {
                            // An operator class may not take the new type; the new index brings what it needs.
                            replaced.contains(column) || key.opclass.is_some() && retyped.contains(column)
                        }
                        IndexOn::Expr(expr) => reads(expr),
                    })
            }
            Definition::ForeignKey(_) => false,
        }
    }
}

/// The tables that are there before and after, by new name.
pub(crate) fn common<'a>(
    prev: &'a Renamed,
    next: &'a Schema,
) -> impl Iterator<Item = (&'a QName, &'a Table, &'a Table)> {
    prev.schema.tables.iter().filter_map(|(name, before)| Some((name, before, next.tables.get(name)?)))
}

/// Whether the labels cannot be reached by renaming and adding alone, or one that is added is used at once.
fn must_recreate(prev: &Renamed, next: &Schema, change: &LabelChange) -> bool {
    let LabelChange { name, from, to, renamed } = change;
    let kept = renamed_labels(from, renamed);
    let mut wanted = to.iter();
    let in_order = kept.iter().all(|label| wanted.any(|other| other == label));
    let mut added = to.iter().filter(|label| !kept.contains(label));
    !in_order || added.any(|label| used_at_once(prev, next, name, label))
}

/// The labels before under their new names.
pub(crate) fn renamed_labels(from: &[String], renamed: &BTreeMap<String, String>) -> Vec<String> {
    let new =
        |old: &String| renamed.iter().find(|(_, from)| *from == old).map_or(old, |(new, _)| new).clone();
    from.iter().map(new).collect()
}

/// Whether a new label stands in an expression that this migration writes: PostgreSQL refuses to use a label in the
/// transaction that adds it.
fn used_at_once(prev: &Renamed, next: &Schema, name: &QName, label: &str) -> bool {
    next.tables.iter().any(|(table, after)| {
        let has_type = |column: &Column| matches!(&column.ty.element, ElementType::Enum(ty) if ty == name);
        let known = prev.schema.tables.get(table).map(expressions).unwrap_or_default();
        let uses = after.columns.iter().any(has_type);
        expressions(after).iter().any(|text| {
            (uses || expr::mentions(text, &name.name))
                && expr::has_literal(text, label)
                && !known.contains(text)
        })
    })
}

fn expressions(table: &Table) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |expr: &Expr| {
        all.insert(expr.0.clone());
    };
    for column in &table.columns {
        column.default.iter().chain(&column.generated).for_each(&mut add);
    }
    for object in objects(table) {
        match &object.definition {
            Definition::Check(check) => add(&check.expr),
            Definition::Index(index) => {
                index.predicate.iter().for_each(&mut add);
                for key in &index.keys {
                    if let IndexOn::Expr(expr) = &key.on {
                        add(expr);
                    }
                }
            }
            _ => {}
        }
    }
    all
}
