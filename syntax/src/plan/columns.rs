//! Columns.

use super::Planner;
use super::affected::common;
use super::cast::{self, Values};
use super::step::{Hazard, HazardKind, Lock, Step, StepKind};
use crate::diff::{Change, same_expr};
use crate::expr;
use crate::model::*;
use crate::sql::column as sql;

/// Functions that give each row its own value, so that a new column's default cannot be kept once for all rows.
const VOLATILE: [&str; 12] = [
    "clock_timestamp",
    "gen_random_bytes",
    "gen_random_uuid",
    "nextval",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

impl Planner<'_> {
    pub(super) fn columns(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::AddColumn { table, column } => {
                    let column = self
                        .next
                        .tables
                        .get(table)
                        .and_then(|table| table.column(&column.name))
                        .unwrap_or(column)
                        .clone();
                    self.add_column(table, &column);
                }
                Change::DropColumn { table, column } => self.drop_column(table, column, &column.name),
                _ => {}
            }
        }
        let (prev, next) = (self.prev, self.next);
        for (name, before, after) in common(prev, next) {
            for after in &after.columns {
                if let Some(before) = before.column(&after.name) {
                    self.alter_column(name, before, after);
                }
            }
        }
    }

    fn add_column(&mut self, table: &QName, column: &Column) {
        let generated = column.generated.is_some();
        // A generated column may read one that is added beside it.
        let alter = self.alter_in_round(StepKind::AddColumn, table, u8::from(generated));
        alter.clauses.push(sql::add(column));
        alter.names.push(column.name.clone());
        let name = format!("{table}.{}", column.name);
        if column.not_null && column.default.is_none() && !generated && column.identity.is_none() {
            alter.hazards.push(Hazard::new(
                HazardKind::MayFail,
                format!(
                    "{table} may have rows, and {name} has no default: add one, or add the column as \
                     nullable, fill it, and set NOT NULL in a later migration"
                ),
            ));
        }
        let volatile = column
            .default
            .as_ref()
            .is_some_and(|default| VOLATILE.iter().any(|function| expr::mentions(&default.0, function)));
        if generated || volatile || column.identity.is_some() {
            let message = format!("{table} is rewritten to compute {} for every row", column.name);
            alter.hazards.push(Hazard::new(HazardKind::Rewrite, message));
        }
        self.comment_column(table, &column.name, None, column.comment.as_deref());
    }

    /// Drops a column by the old names of its table and itself.
    fn drop_column(&mut self, table: &QName, column: &Column, old_name: &str) {
        let generated = column.generated.is_some();
        let kind = if generated { StepKind::DropGeneratedColumn } else { StepKind::DropColumn };
        let alter = self.alter(kind, table);
        alter.clauses.push(sql::drop(old_name));
        alter.names.push(old_name.to_owned());
        if !generated {
            let message = format!("drops column {table}.{old_name} and all its values");
            alter.hazards.push(Hazard::new(HazardKind::DataLoss, message));
        }
    }

    fn alter_column(&mut self, table: &QName, before: &Column, after: &Column) {
        let old_table = self.prev.old_table(table).clone();
        let old_name = self.prev.old_column(table, &after.name).to_owned();
        if self.affected.is_replaced(table, &after.name) {
            self.drop_column(&old_table, before, &old_name);
            self.add_column(table, after);
            return;
        }
        if before.generated.is_some() && after.generated.is_none() {
            self.push(StepKind::DropExpression, &old_table, &old_name, "DROP EXPRESSION");
        }
        let retyped = self.affected.is_retyped(table, &after.name);
        if retyped {
            self.change_type(table, before, after);
        }
        self.change_default(table, before, after, retyped);
        self.change_null(table, before, after);
        self.change_identity(table, before, after);
        self.comment_column(table, &after.name, before.comment.as_deref(), after.comment.as_deref());
    }

    fn push(&mut self, kind: StepKind, table: &QName, column: &str, clause: &str) {
        let alter = self.alter(kind, table);
        alter.clauses.push(sql::alter(column, clause));
        alter.names.push(column.to_owned());
    }

    fn change_type(&mut self, table: &QName, before: &Column, after: &Column) {
        let replaced =
            matches!(&before.ty.element, ElementType::Enum(ty) if self.affected.recreated.contains(ty));
        let conversion = cast::conversion(&after.name, &before.ty, &after.ty, replaced);
        let clause = sql::set_type(after, conversion.using.as_deref());
        self.push(StepKind::AlterType, table, &after.name, &clause);
        let name = format!("{table}.{}", after.name);
        let (from, to) = (&before.ty, &after.ty);
        let alter = self.alter(StepKind::AlterType, table);
        match conversion.values {
            Values::Kept => {}
            Values::MayFail => {
                let message = format!("values of {name} may not fit {to}: update such rows first");
                alter.hazard(HazardKind::MayFail, message);
            }
            Values::Changed => {
                let message = format!("converts {name} from {from} to {to}, which cannot hold every value");
                alter.hazard(HazardKind::DataLoss, message);
            }
        }
        if conversion.rewrite {
            let message = format!("{table} is rewritten; reads and writes are blocked meanwhile");
            alter.hazard(HazardKind::Rewrite, message);
        }
    }

    fn change_default(&mut self, table: &QName, before: &Column, after: &Column, retyped: bool) {
        let same = same_expr(before.default.as_ref(), after.default.as_ref());
        let recreated =
            before.default.as_ref().is_some_and(|default| self.affected.names_recreated(&default.0));
        let in_the_way = retyped || recreated || after.default.is_none() && !same;
        if before.default.is_some() && in_the_way {
            self.push(StepKind::DropDefault, table, &after.name, "DROP DEFAULT");
        }
        if let Some(default) = &after.default
            && (!same || in_the_way)
        {
            self.push(StepKind::SetDefault, table, &after.name, &format!("SET DEFAULT {default}"));
        }
    }

    fn change_null(&mut self, table: &QName, before: &Column, after: &Column) {
        let name = &after.name;
        match (before.not_null, after.not_null) {
            (true, false) => self.push(StepKind::DropNotNull, table, name, "DROP NOT NULL"),
            (false, true) => {
                self.push(StepKind::SetNotNull, table, name, "SET NOT NULL");
                let alter = self.alter(StepKind::SetNotNull, table);
                let message = format!("{table}.{name} may be NULL in existing rows: update them first");
                alter.hazard(HazardKind::MayFail, message);
                let message = format!("blocks reads and writes of {table} while every row is checked");
                alter.hazard(HazardKind::LongLock, message);
            }
            _ => {}
        }
    }

    fn change_identity(&mut self, table: &QName, before: &Column, after: &Column) {
        let name = &after.name;
        match (before.identity, after.identity) {
            (Some(_), None) => self.push(StepKind::DropIdentity, table, name, "DROP IDENTITY"),
            (Some(before), Some(after)) if before != after => {
                let clause = format!("SET GENERATED {}", sql::identity_word(after));
                self.push(StepKind::AddIdentity, table, name, &clause);
            }
            (None, Some(identity)) => {
                let clause = format!("ADD GENERATED {} AS IDENTITY", sql::identity_word(identity));
                self.push(StepKind::AddIdentity, table, name, &clause);
                self.alter(StepKind::AddIdentity, table).after.push(sql::continue_identity(table, name));
            }
            _ => {}
        }
    }

    fn comment_column(&mut self, table: &QName, column: &str, before: Option<&str>, after: Option<&str>) {
        if before != after {
            let comment = format!("Comment on column {table}.{column}.");
            let statement = sql::comment_on(table, column, after);
            let step = Step::new(StepKind::Comment, comment, statement).lock(Lock::ShareUpdateExclusive);
            self.steps.push(step);
        }
    }
}
