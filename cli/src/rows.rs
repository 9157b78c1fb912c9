//! Rows for the proof of a migration: a few in each table that it is about. After up and after down, the values of the columns
//! that are still there must be the same, unless the files say what they lose.

mod contents;
mod fill;
mod values;

use std::collections::BTreeSet;

use sqlx::PgPool;
use whimbrel::__private::migration::Migration;
use whimbrel::Migrator;
use whimbrel::migrate::Revert;
use whimbrel_schema::name::QName;
use whimbrel_schema::{Definition, Id, Kind, State, changes};
use whimbrel_syntax::chain::data_loss;

use crate::failure::Failure;
use crate::scratch;
use crate::validate::Trial;
use contents::{Contents, Loss, Said};
use fill::{Choice, fill};

/// Of more tables only the first are filled.
const TABLES: usize = 40;
/// What begins a comment of a step that rows can make fail.
const MAY_FAIL: &str = "-- may fail: ";

/// The rows to try. The next ones are tried when a migration fails as it says it may: a single row does not collide, and
/// has no NULL; and its texts may be numbers.
const CHOICES: [Choice; 3] =
    [Choice { rows: 3, first: 0 }, Choice { rows: 1, first: 0 }, Choice { rows: 1, first: values::NUMBER }];

/// What was tried.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rows: usize,
    pub tables: usize,
    /// What could not be tried, and why.
    pub notes: Vec<String>,
}

/// Takes rows there and back with the migrations after the first so many, which lead from one state to another.
pub async fn validate(
    trial: &Trial<'_>,
    (migrations, first): (&[Migration], usize),
    (from, to): (&State, &State),
) -> Result<Outcome, Failure> {
    let mut tables = concerned(from, to);
    let left = tables.split_off(tables.len().min(TABLES));
    let mut outcome = Outcome::default();
    for choice in CHOICES.iter().take_while(|_| !tables.is_empty()) {
        let pool = trial.migrated("rows", &migrations[..first]).await?;
        outcome = fill(&pool, from, &tables, *choice).await;
        let before = Contents::read(&pool, tables.iter().map(QName::sql).collect()).await?;
        let failed = there_and_back(&pool, (migrations, first), &before, renamed_values(from, to)).await?;
        pool.close().await;
        let Some(why) = failed else { break };
        let note = format!("rows were not taken through this migration: {why}");
        outcome = Outcome { notes: vec![note], ..Outcome::default() };
    }
    if !left.is_empty() {
        outcome.notes.push(format!("no rows were tried in {} more tables", left.len()));
    }
    Ok(outcome)
}

/// Why a file failed that says it may.
async fn there_and_back(
    pool: &PgPool,
    (migrations, first): (&[Migration], usize),
    before: &Contents,
    types: Vec<String>,
) -> Result<Option<String>, Failure> {
    let new = &migrations[first..];
    let all = Migrator::new(migrations.to_vec());
    let losses: Vec<String> =
        new.iter().flat_map(|one| [data_loss(&one.up_sql), data_loss(&one.down_sql)].concat()).collect();
    let refused = |what: &str, failure: Failure, warned: bool| match warned {
        true => Ok(Some(failure.causes.last().unwrap_or(&failure.message).clone())),
        false => Err(failure
            .named(&format!("not valid: the {what} file fails on tables with rows; nothing was written"))),
    };
    if let Err(failure) = scratch::migrate(pool, &all).await {
        return refused("up", failure, new.iter().any(|one| one.up_sql.contains(MAY_FAIL)));
    }
    let said = Said { losses: &losses, types, comes_back: true };
    check(before.lost(&Contents::again(pool, before).await?, &said), "up")?;
    let undo = Revert::steps(new.len()).with_allow_data_loss(true);
    if let Err(error) = all.revert(pool, undo).await {
        return refused("down", error.into(), new.iter().any(|one| one.down_sql.contains(MAY_FAIL)));
    }
    let said = Said { types: Vec::new(), comes_back: false, ..said };
    check(before.lost(&Contents::again(pool, before).await?, &said), "down")?;
    Ok(None)
}

fn check(losses: Vec<Loss>, what: &str) -> Result<(), Failure> {
    if losses.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(format!(
        "not valid: the {what} file changes values and does not say so; nothing was written"
    ));
    failure.causes = losses.iter().map(ToString::to_string).collect();
    Err(failure)
}

/// Enum types whose labels differ: a value may be called otherwise.
fn renamed_values(from: &State, to: &State) -> Vec<String> {
    let labels = |state: &State, id: &Id| match state.objects.get(id).map(|entry| &entry.definition) {
        Some(Definition::Enum(it)) => Some((it.labels.clone(), it.name.type_sql())),
        _ => None,
    };
    let enums = from.objects.keys().filter(|id| id.kind == Kind::Enum && labels(from, id) != labels(to, id));
    enums.filter_map(|id| Some(labels(from, id)?.1)).collect()
}

/// The tables whose rows a change can affect, and those they refer to, which come first.
fn concerned(from: &State, to: &State) -> Vec<QName> {
    let changed: BTreeSet<Id> = changes(from, to).into_iter().map(|change| change.object).collect();
    let is_table =
        |id: &Id| matches!(from.objects.get(id).map(|entry| &entry.definition), Some(Definition::Table(_)));
    let mut tables: BTreeSet<Id> =
        changed.iter().flat_map(|id| [from.whole(id), to.whole(id)]).filter(|id| is_table(id)).collect();
    // A type that changes is that of columns.
    for (id, entry) in &from.objects {
        if entry.depends.iter().any(|needed| changed.contains(needed)) {
            tables.extend(Some(from.whole(id)).filter(|id| is_table(id)));
        }
    }
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for table in tables {
        visit(from, table, &mut seen, &mut order);
    }
    order
}

fn visit(state: &State, table: Id, seen: &mut BTreeSet<Id>, order: &mut Vec<QName>) {
    if !seen.insert(table.clone()) {
        return;
    }
    for (_, entry) in state.parts(&table, Kind::Constraint) {
        if let Definition::Constraint(constraint) = &entry.definition
            && let Some(other) = &constraint.references
        {
            visit(state, state.whole(&Id::new(Kind::Table, other)), seen, order);
        }
    }
    order.push(table.qname());
}
