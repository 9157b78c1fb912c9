//! Renames in an order in which no name is taken twice.

use std::collections::{BTreeMap, BTreeSet};

use super::Planner;
use super::step::{Lock, Step, StepKind};
use crate::diff::{Change, ObjectKind};
use crate::model::*;
use crate::name;
use crate::sql::{self, enums};

/// One rename inside one space of names.
#[derive(Debug, Clone)]
struct Rename {
    /// Two objects with the same space cannot have the same name.
    space: String,
    from: String,
    to: String,
    what: What,
}

/// What is renamed; tables by their new names.
#[derive(Debug, Clone)]
enum What {
    Enum { schema: String },
    Table { new: QName },
    Object { table: QName, kind: ObjectKind },
    Sequence { schema: String },
    Column { table: QName },
}

impl Planner<'_> {
    /// Everything that survives under another name.
    pub(super) fn renames(&mut self, changes: &[Change]) {
        let mut current: BTreeMap<QName, QName> = BTreeMap::new();
        let mut pending = Vec::new();
        let mut taken: BTreeSet<QName> =
            self.prev.schema.tables.keys().chain(self.prev.schema.enums.keys()).cloned().collect();
        taken.extend(self.prev.hints.tables.values().chain(self.prev.hints.enums.values()).cloned());
        for change in changes {
            match change {
                Change::RenameEnum { from, to } => {
                    let from = self.move_schema(from, to, "TYPE", &taken);
                    let what = What::Enum { schema: to.schema.clone() };
                    pending.push(rename(relations(&to.schema), &from.name, &to.name, what));
                }
                Change::RenameTable { from, to } => {
                    let from = self.move_schema(from, to, "TABLE", &taken);
                    let what = What::Table { new: to.clone() };
                    pending.push(rename(relations(&to.schema), &from.name, &to.name, what));
                    current.insert(to.clone(), from);
                }
                _ => {}
            }
        }
        self.push_object_renames(changes, &mut pending);
        pending.retain(|item| item.from != item.to);
        for item in in_order(pending) {
            let step = rename_step(&item, &mut current);
            self.steps.push(step);
        }
    }

    /// Constraints, indexes, columns, and the sequences that carry a column's name.
    fn push_object_renames(&self, changes: &[Change], pending: &mut Vec<Rename>) {
        for change in changes {
            if let Change::Rename { table, kind, from, to } = change {
                let rebuilt = self.affected.rebuilt.get(table).is_some_and(|all| {
                    all.iter().any(|(object, _)| object.name == *from && object.definition.kind() == *kind)
                });
                let space = match kind {
                    ObjectKind::Check | ObjectKind::ForeignKey => format!("constraint of {table}"),
                    _ => relations(&table.schema),
                };
                if !rebuilt {
                    pending.push(rename(space, from, to, What::Object { table: table.clone(), kind: *kind }));
                }
            }
        }
        // A replaced column is dropped under its old name and added under its new one.
        let columns = self.prev.hints.columns.iter();
        for ((table, new), old) in columns.filter(|((table, new), _)| !self.affected.is_replaced(table, new))
        {
            let what = What::Column { table: table.clone() };
            pending.push(rename(format!("column of {table}"), old, new, what));
        }
        for (name, before, after) in super::affected::common(self.prev, self.next) {
            for column in after.columns.iter().filter(|column| column.identity.is_some()) {
                if before.column(&column.name).is_some_and(|before| before.identity.is_some()) {
                    let old_column = self.prev.old_column(name, &column.name);
                    let old = name::sequence(&self.prev.old_table(name).name, old_column);
                    let new = name::sequence(&name.name, &column.name);
                    let what = What::Sequence { schema: name.schema.clone() };
                    pending.push(rename(relations(&name.schema), &old, &new, what));
                }
            }
        }
    }

    /// Moves a table or type into its new schema, under another name if its own is taken there.
    fn move_schema(&mut self, from: &QName, to: &QName, kind: &str, taken: &BTreeSet<QName>) -> QName {
        if from.schema == to.schema {
            return from.clone();
        }
        let mut now = from.clone();
        let comment = format!("Move {from} to schema {}.", to.schema);
        let mut step = Step::new(StepKind::Rename, comment, String::new()).lock(Lock::AccessExclusive);
        step.statements.clear();
        if taken.contains(&QName::in_schema(&to.schema, &from.name)) {
            let temporary = name::temporary(&from.name);
            step.statements.push(sql::rename(kind, &now, &temporary));
            now.name = temporary;
        }
        step.statements.push(sql::set_schema(kind, &now, &to.schema));
        now.schema.clone_from(&to.schema);
        self.steps.push(step);
        now
    }

    pub(super) fn label_renames(&mut self, ty: &QName, renamed: &BTreeMap<String, String>) {
        let what = What::Enum { schema: String::new() };
        let item = |(new, old): (&String, &String)| rename("label".to_owned(), old, new, what.clone());
        for item in in_order(renamed.iter().map(item).collect()) {
            let comment = format!("Rename value '{}' of enum type {ty} to '{}'.", item.from, item.to);
            let statement = enums::rename_label(ty, &item.from, &item.to);
            self.steps.push(Step::new(StepKind::RenameLabel, comment, statement));
        }
    }
}

/// Tables, indexes, sequences and types of a schema share their names.
fn relations(schema: &str) -> String {
    format!("relation in {schema}")
}

fn rename(space: String, from: &str, to: &str, what: What) -> Rename {
    Rename { space, from: from.to_owned(), to: to.to_owned(), what }
}

/// Orders renames so that every new name is free; a cycle is broken by a temporary name.
fn in_order(mut pending: Vec<Rename>) -> Vec<Rename> {
    let mut ordered = Vec::with_capacity(pending.len());
    while !pending.is_empty() {
        let free =
            |item: &Rename| !pending.iter().any(|other| other.space == item.space && other.from == item.to);
        match pending.iter().position(free) {
            Some(at) => ordered.push(pending.remove(at)),
            None => {
                let temporary = name::temporary(&pending[0].from);
                ordered.push(Rename { to: temporary.clone(), ..pending[0].clone() });
                pending[0].from = temporary;
            }
        }
    }
    ordered
}

fn rename_step(item: &Rename, current: &mut BTreeMap<QName, QName>) -> Step {
    let Rename { from, to, what, .. } = item;
    let lookup = |table: &QName| current.get(table).unwrap_or(table).clone();
    let (comment, statement) = match what {
        What::Enum { schema } => {
            let name = QName::in_schema(schema, from);
            (format!("Rename enum type {name} to {to}."), sql::rename("TYPE", &name, to))
        }
        What::Table { new } => {
            let name = lookup(new);
            current.insert(new.clone(), QName::in_schema(&new.schema, to));
            (format!("Rename table {name} to {to}."), sql::rename("TABLE", &name, to))
        }
        What::Object { table, kind: ObjectKind::Index } => {
            let name = QName::in_schema(&table.schema, from);
            (format!("Rename index {from} to {to}."), sql::rename("INDEX", &name, to))
        }
        What::Object { table, kind } => {
            let name = lookup(table);
            (
                format!("Rename {kind} {from} of {name} to {to}."),
                sql::rename_part(&name, "CONSTRAINT", from, to),
            )
        }
        What::Sequence { schema } => {
            let name = QName::in_schema(schema, from);
            (format!("Rename sequence {from} to {to}."), sql::rename("SEQUENCE IF EXISTS", &name, to))
        }
        What::Column { table } => {
            let name = lookup(table);
            (format!("Rename column {name}.{from} to {to}."), sql::rename_part(&name, "COLUMN", from, to))
        }
    };
    let lock = if matches!(what, What::Enum { .. }) { Lock::None } else { Lock::AccessExclusive };
    Step::new(StepKind::Rename, comment, statement).lock(lock)
}
