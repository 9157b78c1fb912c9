//! Tables as a whole.

use std::collections::BTreeSet;

use super::Planner;
use super::step::{HazardKind, Lock, Step, StepKind};
use crate::diff::{Change, Definition, Object};
use crate::model::*;
use crate::name::qualified;
use crate::sql::{column, comment_on, drop, table as sql};

impl Planner<'_> {
    /// Dropped tables, those that refer to others before these. Where tables refer to each other in a circle the
    /// foreign key that closes it is dropped before.
    pub(super) fn drop_tables(&mut self, changes: &[Change]) {
        let mut left: Vec<&Table> = changes
            .iter()
            .filter_map(|change| match change {
                Change::DropTable { table } => Some(table),
                _ => None,
            })
            .collect();
        let mut cut: BTreeSet<(&QName, &String)> = BTreeSet::new();
        let mut ordered = Vec::new();
        while !left.is_empty() {
            let holds = |other: &Table, table: &Table, cut: &BTreeSet<(&QName, &String)>| {
                other.name != table.name
                    && other.foreign_keys.iter().any(|(name, key)| {
                        key.references == table.name && !cut.contains(&(&other.name, name))
                    })
            };
            let free = |table: &&Table| !left.iter().any(|other| holds(other, table, &cut));
            if let Some(at) = left.iter().position(free) {
                ordered.push(left.remove(at));
            } else {
                let first = left[0];
                for other in left.iter().filter(|other| other.name != first.name) {
                    let keys = other.foreign_keys.iter().filter(|(_, key)| key.references == first.name);
                    cut.extend(keys.map(|(name, _)| (&other.name, name)));
                }
            }
        }
        for (table, name) in cut {
            if let Some(key) = ordered
                .iter()
                .find(|other| other.name == *table)
                .and_then(|other| other.foreign_keys.get(name))
            {
                let definition = Definition::ForeignKey(key.clone());
                self.drop_object(table, &Object { name: name.clone(), definition });
            }
        }
        for table in ordered {
            let name = &table.name;
            let step = Step::new(StepKind::DropTable, format!("Drop table {name}."), drop("TABLE", name))
                .lock(Lock::AccessExclusive)
                .hazard(HazardKind::DataLoss, format!("drops table {name} and all its rows"));
            self.steps.push(step);
        }
    }

    /// New tables with their comments.
    pub(super) fn create_tables(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::CreateTable { table } => {
                    // The plan's own copy knows what is NOT NULL by implication.
                    let table = self.next.tables.get(&table.name).unwrap_or(table);
                    let name = &table.name;
                    let comment = format!("Create table {name}.");
                    let mut step = Step::new(StepKind::CreateTable, comment, sql::create(table));
                    if table.comment.is_some() {
                        step.statements.push(comment_on("TABLE", &qualified(name), table.comment.as_deref()));
                    }
                    for column in table.columns.iter().filter(|column| column.comment.is_some()) {
                        step.statements.push(column::comment_on(
                            name,
                            &column.name,
                            column.comment.as_deref(),
                        ));
                    }
                    self.steps.push(step);
                }
                Change::CommentTable { table, to, .. } => {
                    let comment = format!("Comment on table {table}.");
                    let step = Step::new(
                        StepKind::Comment,
                        comment,
                        comment_on("TABLE", &qualified(table), to.as_deref()),
                    )
                    .lock(Lock::ShareUpdateExclusive);
                    self.steps.push(step);
                }
                _ => {}
            }
        }
    }
}
