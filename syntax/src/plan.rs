//! Changes in an order in which PostgreSQL can carry them out: up, and down again.
//!
//! The order is that of [`StepKind`]'s variants. Adding a label to an enum is one statement that runs in the
//! migration's transaction; where the same migration uses the new label (a default, a check), where labels are
//! removed or moved, the type is recreated instead and its columns are converted through their text, since
//! PostgreSQL knows neither a way to remove a label nor a way to use one in the transaction that adds it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diff::rename::Renamed;
use crate::diff::{Change, LabelChange, diff, normal, rename as renames};
use crate::model::*;
use crate::sql::table as sql_table;

mod affected;
mod cast;
mod columns;
mod enums;
mod objects;
mod rename;
mod step;
mod tables;

pub use step::{Hazard, HazardKind, Lock, Step, StepKind};

use affected::Affected;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    pub up: Vec<Step>,
    pub down: Vec<Step>,
}

/// Orders the changes that [`diff`] found between `prev` and `next`, and those that undo them.
pub fn plan(prev: &Schema, next: &Schema, changes: &[Change]) -> Plan {
    let back = declared_renames(changes).inverse();
    let undo = diff(next, prev, &back);
    Plan { up: plan_direction(prev, next, changes), down: plan_direction(next, prev, &undo) }
}

fn declared_renames(changes: &[Change]) -> Hints {
    let mut hints = Hints::default();
    for change in changes {
        match change {
            Change::RenameTable { from, to } => {
                hints.tables.insert(to.clone(), from.clone());
            }
            Change::RenameEnum { from, to } => {
                hints.enums.insert(to.clone(), from.clone());
            }
            Change::RenameColumn { table, from, to } => {
                hints.columns.insert((table.clone(), to.clone()), from.clone());
            }
            Change::AlterEnum(LabelChange { name, renamed, .. }) => {
                for (new, old) in renamed {
                    hints.labels.insert((name.clone(), new.clone()), old.clone());
                }
            }
            _ => {}
        }
    }
    hints
}

fn plan_direction(prev: &Schema, next: &Schema, changes: &[Change]) -> Vec<Step> {
    let next = normal(next);
    let prev = renames::apply(&normal(prev), &next, &declared_renames(changes));
    let affected = Affected::new(&prev, &next, changes);
    let mut planner =
        Planner { prev: &prev, next: &next, affected, steps: Vec::new(), alters: BTreeMap::new() };
    planner.schemas(changes);
    planner.drop_tables(changes);
    planner.renames(changes);
    planner.enums(changes);
    planner.create_tables(changes);
    planner.columns(changes);
    planner.objects(changes);
    planner.finish()
}

struct Planner<'a> {
    /// The schema before, in new names.
    prev: &'a Renamed,
    next: &'a Schema,
    affected: Affected,
    /// Finished steps in any order.
    steps: Vec<Step>,
    /// Clauses of `ALTER TABLE` that can share a statement, by kind, table and round.
    alters: BTreeMap<(StepKind, QName, u8), Alter>,
}

/// Clauses of one `ALTER TABLE`.
#[derive(Debug, Default)]
struct Alter {
    clauses: Vec<String>,
    /// What the clauses are about: names for the comment.
    names: Vec<String>,
    hazards: Vec<Hazard>,
    lock: Lock,
    /// Statements of their own that follow.
    after: Vec<String>,
}

impl Alter {
    /// Adds a hazard, once and in its place.
    fn hazard(&mut self, kind: HazardKind, message: String) {
        let hazard = Hazard::new(kind, message);
        if let Err(at) = self.hazards.binary_search(&hazard) {
            self.hazards.insert(at, hazard);
        }
    }
}

impl Planner<'_> {
    fn alter(&mut self, kind: StepKind, table: &QName) -> &mut Alter {
        self.alter_in_round(kind, table, 0)
    }

    /// The same for clauses that must come after others of their kind.
    fn alter_in_round(&mut self, kind: StepKind, table: &QName, round: u8) -> &mut Alter {
        let alter = self.alters.entry((kind, table.clone(), round)).or_default();
        alter.lock = Lock::AccessExclusive;
        alter
    }

    /// Whether a table was there before, under this or another name.
    fn is_old(&self, table: &QName) -> bool {
        self.prev.schema.tables.contains_key(table)
    }

    fn schemas(&mut self, changes: &[Change]) {
        for change in changes {
            let step = match change {
                Change::CreateSchema { schema } => Step::new(
                    StepKind::CreateSchema,
                    format!("Create schema {schema}."),
                    sql_table::create_schema(schema),
                ),
                Change::DropSchema { schema } => Step::new(
                    StepKind::DropSchema,
                    format!("Drop schema {schema}."),
                    sql_table::drop_schema(schema),
                )
                .hazard(HazardKind::MayFail, "the schema may still contain other objects"),
                _ => continue,
            };
            self.steps.push(step);
        }
    }

    fn finish(mut self) -> Vec<Step> {
        for ((kind, table, _), alter) in std::mem::take(&mut self.alters) {
            let mut statements = vec![sql_table::alter(&table, &alter.clauses)];
            statements.extend(alter.after);
            self.steps.push(Step {
                kind,
                comment: alter_comment(kind, &table, &alter.names),
                statements,
                hazards: alter.hazards,
                lock: alter.lock,
                transactional: true,
            });
        }
        // Stable: steps of one kind stay as they were found, which depends on names alone.
        self.steps.sort_by_key(|step| step.kind);
        self.steps
    }
}

fn alter_comment(kind: StepKind, table: &QName, names: &[String]) -> String {
    let list = names.join(", ");
    let plural = if names.len() > 1 { "s" } else { "" };
    let columns = || names.iter().map(|name| format!("{table}.{name}")).collect::<Vec<_>>().join(", ");
    match kind {
        StepKind::DropForeignKey => format!("Drop foreign key{plural} {list} from {table}."),
        StepKind::DropCheck => format!("Drop check constraint{plural} {list} from {table}."),
        StepKind::DropUnique => format!("Drop unique constraint{plural} {list} from {table}."),
        StepKind::DropPrimaryKey => format!("Drop primary key {list} from {table}."),
        StepKind::DropExpression => format!("Drop expression of generated column{plural} {}.", columns()),
        StepKind::DropGeneratedColumn | StepKind::DropColumn => {
            format!("Drop column{plural} {list} from {table}.")
        }
        StepKind::DropDefault => format!("Drop default of {}.", columns()),
        StepKind::DropIdentity => format!("Drop identity of {}.", columns()),
        StepKind::DropNotNull => format!("Drop NOT NULL from {}.", columns()),
        StepKind::AlterType => format!("Change type of {}.", columns()),
        StepKind::AddColumn => format!("Add column{plural} {list} to {table}."),
        StepKind::SetDefault => format!("Set default of {}.", columns()),
        StepKind::SetNotNull => format!("Set NOT NULL on {}.", columns()),
        StepKind::AddIdentity => format!("Add identity to {}.", columns()),
        StepKind::AddPrimaryKey => format!("Add primary key {list} to {table}."),
        StepKind::AddUnique => format!("Add unique constraint{plural} {list} to {table}."),
        StepKind::AddCheck => format!("Add check constraint{plural} {list} to {table}."),
        StepKind::AddForeignKey => format!("Add foreign key{plural} {}.", names.join("; ")),
        _ => format!("Alter {table}: {list}."),
    }
}
