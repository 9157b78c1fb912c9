//! NOT NULL of a column that is there: how it is set, at once or while others read and write the table.

use super::Kind;
use super::column::Column;
use super::inherited::Inherited;
use super::table::Table;
use crate::kind::{Alter, Find, Id, Object, Online};
use crate::name::{self, quote};
use crate::step::{HazardKind, Lock, Step};

/// Reads every row.
pub(super) fn set(column: &Column) -> Step {
    let message = format!("blocks reads and writes of {} while every row is checked", column.table);
    may_fail(column, column.step("Set NOT NULL on", "SET NOT NULL")).hazard(HazardKind::LongLock, message)
}

fn may_fail(column: &Column, step: Step) -> Step {
    step.hazard(HazardKind::MayFail, format!("{column} may be NULL in existing rows: update them first"))
}

/// The column may be NULL, or not, until everything else about it has changed.
pub(super) fn online(prev: &Column, next: &Column, find: &Find<'_>) -> Option<Online<Column>> {
    // An identity needs NOT NULL.
    let early = !prev.not_null && next.identity.is_some();
    if prev.not_null == next.not_null || early || prev.alter(next) == Alter::Replace {
        return None;
    }
    let of_parent =
        |(prev, next): (&Inherited, &Inherited)| Inherited { not_null: prev.not_null, ..next.clone() };
    let inherited = prev.inherited.as_deref().zip(next.inherited.as_deref()).map(of_parent).map(Box::new);
    let until = Column { not_null: prev.not_null, inherited, ..next.clone() };
    let (Alter::InPlace(steps) | Alter::Around(_, steps) | Alter::Split(_, steps)) = until.alter(next) else {
        return Online::change(until, Vec::new());
    };
    let steps = if next.not_null { checked(next, find) } else { steps };
    Online::change(until, steps)
}

/// A check that was validated shows that there is nothing to look for.
pub(super) fn checked(column: &Column, find: &Find<'_>) -> Vec<Step> {
    let (table, own) = (&column.table, quote(&column.name));
    let whole = Id::new(Kind::Table, table);
    let is_taken = |name: &str| find(&whole.part(Kind::Constraint, name)).is_some();
    let check = name::free(&column.name, "is_not_null", is_taken);
    let name = quote(&check);
    let step = |comment: String, action: String| Table::alter_step(table, comment, &action).apart();
    let comment = format!("Expect no new NULL in {column}.");
    let add = step(comment, format!("ADD CONSTRAINT {name} CHECK ({own} IS NOT NULL) NOT VALID"));
    let validate = step(
        format!("Look for NULL in {column}, while reads and writes continue."),
        format!("VALIDATE CONSTRAINT {name}"),
    );
    let set = step(
        format!("Set NOT NULL on {column}: {check} shows that every row has a value."),
        format!("ALTER COLUMN {own} SET NOT NULL"),
    );
    let drop = step(format!("Drop {check}, which is no longer needed."), format!("DROP CONSTRAINT {name}"));
    vec![add, may_fail(column, validate.lock(Lock::ShareUpdateExclusive)), set, drop]
}
