//! Enum types.

use std::collections::BTreeSet;

use super::Planner;
use super::affected::renamed_labels;
use super::step::{HazardKind, Step, StepKind};
use crate::diff::{Change, LabelChange};
use crate::model::*;
use crate::name;
use crate::sql::enums::{self as sql, Place};
use crate::sql::{comment_on, drop, rename};

impl Planner<'_> {
    pub(super) fn enums(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::CreateEnum { definition } => self.create_enum(definition),
                Change::DropEnum { definition } => {
                    let comment = format!("Drop enum type {}.", definition.name);
                    self.steps.push(Step::new(StepKind::DropEnum, comment, drop("TYPE", &definition.name)));
                }
                Change::CommentEnum { name, to, .. } if !self.affected.recreated.contains(name) => {
                    let comment = format!("Comment on enum type {name}.");
                    let statement = comment_on("TYPE", &name::qualified(name), to.as_deref());
                    self.steps.push(Step::new(StepKind::Comment, comment, statement));
                }
                Change::AlterEnum(LabelChange { name, from, to, renamed }) => {
                    self.label_renames(name, renamed);
                    let before = renamed_labels(from, renamed);
                    if self.affected.recreated.contains(name) {
                        self.recreate_enum(name, &before, to);
                    } else {
                        self.add_labels(name, before, to);
                    }
                }
                _ => {}
            }
        }
    }

    fn create_enum(&mut self, definition: &Enum) {
        let comment = format!("Create enum type {}.", definition.name);
        let mut step = Step::new(StepKind::CreateEnum, comment, sql::create(definition));
        if definition.comment.is_some() {
            step.statements.push(comment_on(
                "TYPE",
                &name::qualified(&definition.name),
                definition.comment.as_deref(),
            ));
        }
        self.steps.push(step);
    }

    /// `before` is a part of `to` in the same order.
    fn add_labels(&mut self, name: &QName, mut before: Vec<String>, to: &[String]) {
        for (at, label) in to.iter().enumerate() {
            if before.get(at) == Some(label) {
                continue;
            }
            let place = match (before.get(at), at.checked_sub(1)) {
                (None, _) => Place::End,
                (Some(other), None) => Place::Before(other),
                (Some(_), Some(previous)) => Place::After(&before[previous]),
            };
            let comment = format!("Add value '{label}' to enum type {name}.");
            let step = Step::new(StepKind::AddLabel, comment, sql::add_label(name, label, &place));
            before.insert(at, label.clone());
            self.steps.push(step);
        }
    }

    /// The old type is renamed, its columns are converted (see `columns`), then it is dropped.
    fn recreate_enum(&mut self, name: &QName, before: &[String], to: &[String]) {
        let old = QName::in_schema(&name.schema, name::temporary(&name.name));
        let comment =
            format!("Rename enum type {name} to {}: its values cannot be changed in place.", old.name);
        let mut step = Step::new(StepKind::RenameOldEnum, comment, rename("TYPE", name, &old.name));
        for label in before.iter().filter(|label| !to.contains(label)) {
            let users = self.users(name);
            step = step.hazard(
                HazardKind::MayFail,
                format!("value '{label}' of {name} may be in use{users}: update those rows first"),
            );
        }
        self.steps.push(step);
        if let Some(definition) = self.next.enums.get(name) {
            self.create_enum(definition);
        }
        let comment = format!("Drop enum type {old}.");
        self.steps.push(Step::new(StepKind::DropEnum, comment, drop("TYPE", &old)));
    }

    /// The columns of a type, for a message: ` in a.x, b.y`.
    fn users(&self, name: &QName) -> String {
        let mut columns: BTreeSet<String> = BTreeSet::new();
        for table in self.next.tables.values() {
            for column in &table.columns {
                if matches!(&column.ty.element, ElementType::Enum(ty) if ty == name) {
                    columns.insert(format!("{}.{}", table.name, column.name));
                }
            }
        }
        if columns.is_empty() {
            String::new()
        } else {
            format!(" in {}", columns.into_iter().collect::<Vec<_>>().join(", "))
        }
    }
}
