//! Two columns that a trigger keeps in step, until every program uses the one that takes the place of the other: how the
//! rows that were there before the trigger get their values.

use super::column::Column;
use super::not_null;
use crate::kind::{Find, Object, Online};
use crate::name::{literal, quote};
use crate::step::{HazardKind, Step};

/// The other one of two columns that a trigger keeps in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    pub column: String,
    /// What this column has by it: an expression over the row.
    pub value: String,
    /// Why rows may not get it, or another column of the table that is filled with it.
    pub may_fail: Option<String>,
    /// It cannot give back everything that this column has.
    pub loses: bool,
}

/// The twin of a column whose rows get their values.
pub(super) fn to_fill<'a>(prev: Option<&Column>, next: &'a Column) -> Option<&'a Twin> {
    let unfilled = prev.is_none_or(|prev| prev.twin.is_some() && !prev.filled);
    next.twin.as_deref().filter(|_| next.filled && unfilled)
}

fn before(column: &Column) -> Column {
    Column { not_null: false, filled: false, ..column.clone() }
}

/// The trigger comes later.
pub(super) fn create(column: &Column, twin: &Twin) -> Vec<Step> {
    let empty = before(column);
    let mut steps = empty.create(&[]);
    steps.push(fill(column, twin, &twin.value));
    steps.extend(column.not_null.then(|| not_null::set(&empty)));
    steps
}

/// All rows at once. What is there already counts: the trigger has its value from the row.
pub(super) fn fill_by_trigger(column: &Column, twin: &Twin) -> Step {
    fill(column, twin, &quote(&column.name))
}

fn fill(column: &Column, twin: &Twin, value: &str) -> Step {
    let Column { table, name, .. } = column;
    let update =
        format!("UPDATE {} SET {} = {value}\nWHERE {}", table.sql(), quote(name), unfilled(column, twin));
    let message = format!("blocks reads and writes of {table} while every row is written");
    let mut step = Step::new(format!("Fill {column} from {}.", twin.column), update);
    // What a deferred trigger has still to do for a row keeps the table from being altered.
    step.statements.insert(0, "SET CONSTRAINTS ALL IMMEDIATE".to_owned());
    may_fail(twin, step).hazard(HazardKind::LongLock, message)
}

fn may_fail(twin: &Twin, step: Step) -> Step {
    match &twin.may_fail {
        Some(message) => step.hazard(HazardKind::MayFail, message.clone()),
        None => step,
    }
}

/// A row of two types may be NULL in parts.
fn unfilled(column: &Column, twin: &Twin) -> String {
    format!("{} IS NULL AND NOT ({} IS NULL)", quote(&column.name), twin.value)
}

/// It is there, and filled by the trigger, before the rows that were there before get their values in batches.
pub(super) fn online(column: &Column, twin: &Twin, find: &Find<'_>) -> Option<Online<Column>> {
    let mut steps = vec![may_fail(twin, batches(column, twin))];
    if column.not_null {
        steps.extend(not_null::checked(column, find));
    }
    Online::change(before(column), steps)
}

/// By the place of rows in the table, which needs no key: a row that somebody moves meanwhile is filled by the trigger.
fn batches(column: &Column, twin: &Twin) -> Step {
    let Column { table, name, .. } = column;
    let (sql, name, regclass) = (table.sql(), quote(name), literal(&table.sql()));
    let unfilled = unfilled(column, twin);
    let block = format!(
        "DO $backfill$
DECLARE
    whimbrel_batch CONSTANT bigint := 50;
    whimbrel_page bigint := 0;
    whimbrel_pages CONSTANT bigint := (
        WITH RECURSIVE tables AS (SELECT {regclass}::regclass::oid AS oid
            UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tables t ON t.oid = i.inhparent)
        SELECT max(pg_relation_size(oid)) / current_setting('block_size')::bigint FROM tables);
BEGIN
    WHILE whimbrel_page <= whimbrel_pages LOOP
        BEGIN
            UPDATE {sql} SET {name} = {name}
            WHERE ctid >= format('(%s,0)', whimbrel_page)::tid
                AND ctid < format('(%s,0)', whimbrel_page + whimbrel_batch)::tid
                AND {unfilled};
        EXCEPTION WHEN serialization_failure OR deadlock_detected THEN
            -- A row went to another partition meanwhile: these pages again.
            CONTINUE;
        END;
        COMMIT;
        whimbrel_page := whimbrel_page + whimbrel_batch;
    END LOOP;
    -- What was moved meanwhile.
    UPDATE {sql} SET {name} = {name} WHERE {unfilled};
END
$backfill$"
    );
    let comment = format!(
        "Fill {column} from {}, a few pages at a time: the trigger does it for each row that is written.",
        twin.column
    );
    Step { repeatable: true, ..Step::new(comment, block).apart() }
}
