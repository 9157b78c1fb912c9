//! Constraints and indexes.

use super::Planner;
use super::step::{Hazard, HazardKind, Lock, Step, StepKind};
use crate::diff::{Change, Definition, Object, ObjectKind, TableObject, objects};
use crate::model::*;
use crate::sql::drop;
use crate::sql::object as sql;
use crate::sql::table::is_inside;

impl Planner<'_> {
    pub(super) fn objects(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Drop(TableObject { table, object }) => self.drop_object(table, object),
                Change::Add(TableObject { table, object }) => self.add_object(table, object, true),
                Change::CreateTable { table } => {
                    for object in objects(table) {
                        if !is_inside(table, &object) {
                            self.add_object(&table.name, &object, true);
                        }
                    }
                }
                _ => {}
            }
        }
        let rebuilt = self.affected.rebuilt.clone();
        for (table, all) in &rebuilt {
            let old_table = self.prev.old_table(table).clone();
            let after = self.next.tables.get(table).map(objects).unwrap_or_default();
            for (object, new_name) in all {
                self.drop_object(&old_table, object);
                let kind = object.definition.kind();
                let new = after.iter().find(|new| new.name == *new_name && new.definition.kind() == kind);
                if let Some(new) = new {
                    self.add_object(table, new, false);
                }
            }
        }
    }

    /// Drops a constraint or index by the old name of its table.
    pub(super) fn drop_object(&mut self, table: &QName, object: &Object) {
        let name = &object.name;
        let kind = match object.definition.kind() {
            ObjectKind::PrimaryKey => StepKind::DropPrimaryKey,
            ObjectKind::Unique => StepKind::DropUnique,
            ObjectKind::Check => StepKind::DropCheck,
            ObjectKind::ForeignKey => StepKind::DropForeignKey,
            ObjectKind::Index => {
                let comment = format!("Drop index {name} from {table}.");
                let step = Step::new(
                    StepKind::DropIndex,
                    comment,
                    drop("INDEX", &QName::in_schema(&table.schema, name)),
                )
                .lock(Lock::AccessExclusive);
                self.steps.push(step);
                return;
            }
        };
        let alter = self.alter(kind, table);
        alter.clauses.push(sql::drop_constraint(name));
        alter.names.push(name.clone());
    }

    /// Adds a constraint or index; `fresh` unless the rows satisfied it before.
    fn add_object(&mut self, table: &QName, object: &Object, fresh: bool) {
        let name = &object.name;
        let is_old = self.is_old(table);
        let hazards = if is_old { hazards(table, object, fresh) } else { Vec::new() };
        if let Definition::Index(index) = &object.definition {
            let statement = sql::create_index(table, name, index);
            let comment = format!("Create index {name} on {table}.");
            let lock = if is_old { Lock::Share } else { Lock::None };
            let mut step = Step::new(StepKind::CreateIndex, comment, statement).lock(lock);
            step.hazards = hazards;
            self.steps.push(step);
            return;
        }
        let (kind, lock) = match object.definition.kind() {
            ObjectKind::PrimaryKey => (StepKind::AddPrimaryKey, Lock::AccessExclusive),
            ObjectKind::Unique => (StepKind::AddUnique, Lock::AccessExclusive),
            ObjectKind::ForeignKey => (StepKind::AddForeignKey, Lock::ShareRowExclusive),
            ObjectKind::Check | ObjectKind::Index => (StepKind::AddCheck, Lock::AccessExclusive),
        };
        let alter = self.alter(kind, table);
        alter.lock = lock;
        alter.clauses.extend(sql::constraint(object).map(|constraint| format!("ADD {constraint}")));
        alter.names.push(match &object.definition {
            Definition::ForeignKey(ForeignKey { columns, references, referenced_columns, .. }) => {
                let (columns, referenced) = (columns.join(", "), referenced_columns.join(", "));
                format!("{name}: {table}({columns}) → {references}({referenced})")
            }
            _ => name.clone(),
        });
        hazards.into_iter().for_each(|hazard| alter.hazard(hazard.kind, hazard.message));
    }
}

/// What adding a constraint or index to a table with rows can do.
fn hazards(table: &QName, object: &Object, fresh: bool) -> Vec<Hazard> {
    let name = &object.name;
    let mut hazards = Vec::new();
    let mut may_fail = |message: String| {
        if fresh {
            hazards.push(Hazard::new(HazardKind::MayFail, message));
        }
    };
    let unique =
        |columns: &[String]| format!("two rows of {table} may have the same {} ({name})", columns.join(", "));
    let blocks = match &object.definition {
        Definition::PrimaryKey { columns } | Definition::Unique(Unique { columns, .. }) => {
            may_fail(unique(columns));
            format!("blocks reads and writes of {table} while the index of {name} is built")
        }
        Definition::Check(_) => {
            may_fail(format!("rows of {table} may violate {name}"));
            format!("blocks reads and writes of {table} while every row is checked")
        }
        Definition::ForeignKey(key) => {
            may_fail(format!("rows of {table} may reference rows missing in {} ({name})", key.references));
            format!("blocks writes to {table} and {} while every row is checked", key.references)
        }
        Definition::Index(index) => {
            if index.unique {
                may_fail(format!("two rows of {table} may have the same key ({name})"));
            }
            format!("blocks writes to {table} while {name} is built")
        }
    };
    hazards.push(Hazard::new(HazardKind::LongLock, blocks));
    hazards
}
