//! Rows for the validation of a migration: a few in each table that it is about. After up and after down, the values of the
//! columns that are still there must be the same, unless the files say what they lose.

mod contents;
mod fill;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::PgPool;
use whimbrel::__private::migration::Migration;
use whimbrel::migrate::Revert;
use whimbrel::{Error, Migrator};
use whimbrel_schema::name::QName;
use whimbrel_schema::step::HazardKind;
use whimbrel_schema::{Definition, Entry, Id, Kind, State, changes};
use whimbrel_syntax::chain::data_loss;

use crate::failure::Failure;
use crate::scratch;
use crate::validate::Trial;
use contents::{AllowedLoss, Contents, RowComparison};
use fill::{Choice, fill};

/// Of more tables only the first are filled.
const TABLES: usize = 40;

/// The rows to try. The next ones are tried when a statement fails as its step says it may: a single row does not collide, and
/// has no NULL; and its texts may be numbers.
const CHOICES: [Choice; 3] =
    [Choice { rows: 3, first: 0 }, Choice { rows: 1, first: 0 }, Choice { rows: 1, first: values::NUMBER }];

/// How often they are tried; each time without a table that no row gets through.
const ROUNDS: usize = 3;

/// What was tried.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    /// Those that kept their values.
    pub rows: usize,
    pub tables: usize,
    /// What could not be tried, and why.
    #[serde(rename = "not_tried")]
    pub notes: Vec<String>,
}

/// Takes rows there and back with the migrations after the first so many, which lead from one state to another.
pub async fn validate(
    trial: &Trial<'_>,
    (migrations, first): (&[Migration], usize),
    (from, to): (&State, &State),
) -> Result<Outcome, Failure> {
    let mut tables = concerned(from, to);
    if tables.is_empty() {
        return Ok(Outcome::default());
    }
    let left = tables.split_off(tables.len().min(TABLES));
    let types = rewritten_types(from, to);
    let mut outcome = Outcome::default();
    if !left.is_empty() {
        outcome.notes.push(format!("no rows were tried in {} more tables", left.len()));
    }
    for choice in CHOICES.iter().cycle().take(CHOICES.len() * ROUNDS) {
        let pool = trial.before(migrations, migrations.len() - first).await?;
        let notes = fill(&pool, from, &tables, *choice).await;
        let before = Contents::read(&pool, tables.iter().map(QName::sql).collect()).await?;
        let result = round_trip(&pool, (migrations, first), &before, &types).await?;
        pool.close().await;
        let stopped = match result {
            Ok((kept, not_compared)) => {
                (outcome.rows, outcome.tables) = (kept.values().sum(), kept.len());
                outcome.notes.extend(notes.into_iter().chain(not_compared));
                return Ok(outcome);
            }
            Err(stopped) => stopped,
        };
        if choice.first != values::NUMBER {
            continue;
        }
        // The others are tried without what no row gets through.
        let Some(table) = tables.iter().position(|table| stopped.is_of(table)) else {
            outcome.notes.push(format!("rows were not taken through this migration: {}", stopped.why));
            return Ok(outcome);
        };
        let table = tables.remove(table);
        outcome.notes.push(format!("no rows of {table} were taken through this migration: {}", stopped.why));
        if tables.is_empty() {
            return Ok(outcome);
        }
    }
    outcome.notes.push("no rows of the other tables were taken through this migration".to_owned());
    Ok(outcome)
}

/// A statement failed whose step says it may.
struct FailedStatement {
    why: String,
    /// Its first line.
    statement: String,
}

impl FailedStatement {
    fn is_of(&self, table: &QName) -> bool {
        format!(" {} ", self.statement).contains(&format!(" {} ", table.sql()))
    }
}

/// The tables whose rows kept their values, with their number of rows, and what was not compared.
async fn round_trip(
    pool: &PgPool,
    (migrations, first): (&[Migration], usize),
    before: &Contents,
    types: &[String],
) -> Result<Result<(BTreeMap<String, usize>, BTreeSet<String>), FailedStatement>, Failure> {
    let new = &migrations[first..];
    let all = Migrator::new(migrations.to_vec());
    let up_losses: Vec<String> = new.iter().flat_map(|one| data_loss(&one.up_sql)).collect();
    if let Err(error) = scratch::apply(pool, &all).await? {
        return refused("up", error, new, |one| &one.up_sql);
    }
    let declared = AllowedLoss { losses: &up_losses, types, comes_back: true };
    let (there, mut not_compared) =
        check(before.compare(&Contents::again(pool, before).await?, declared), "up")?;
    let undo = Revert::steps(new.len()).with_allow_data_loss(true);
    if let Err(error) = all.revert(pool, undo).await {
        return refused("down", error, new, |one| &one.down_sql);
    }
    let down_losses = new.iter().flat_map(|one| data_loss(&one.down_sql));
    let losses: Vec<String> = up_losses.into_iter().chain(down_losses).collect();
    let declared = AllowedLoss { losses: &losses, ..AllowedLoss::default() };
    let (mut back, more) = check(before.compare(&Contents::again(pool, before).await?, declared), "down")?;
    back.retain(|table, _| there.contains_key(table));
    not_compared.extend(more);
    Ok(Ok((back, not_compared)))
}

/// A file failed: fine if the step of the statement says that it may.
fn refused<T>(
    what: &str,
    error: Error,
    migrations: &[Migration],
    sql: impl Fn(&Migration) -> &str,
) -> Result<Result<T, FailedStatement>, Failure> {
    if let Error::Statement(error) = &error
        && let Some(migration) = migrations.iter().find(|one| one.version == error.version)
        && let Some(statement) = may_fail(sql(migration), error.line)
    {
        return Ok(Err(FailedStatement { why: error.cause.to_string(), statement: statement.to_owned() }));
    }
    Err(Failure::from(error)
        .in_validation(&format!("not valid: the {what} file fails on tables with rows; nothing was written")))
}

/// The first line of the statement on this line of a file, counted from 1, if its comment says that rows may make it fail.
fn may_fail(sql: &str, line: usize) -> Option<&str> {
    let warning = format!("-- {}: ", HazardKind::MayFail.word());
    let lines: Vec<&str> = sql.lines().take(line).collect();
    let end = lines.iter().rposition(|line| line.starts_with("-- "))?;
    let comment = lines[..=end].iter().rev().take_while(|line| line.starts_with("-- "));
    let may_fail = comment.into_iter().any(|line| line.starts_with(&warning));
    lines.get(end + 1).copied().filter(|_| may_fail)
}

fn check(
    compared: RowComparison,
    what: &str,
) -> Result<(BTreeMap<String, usize>, BTreeSet<String>), Failure> {
    if compared.losses.is_empty() {
        return Ok((compared.kept.into_iter().collect(), compared.not_compared.into_iter().collect()));
    }
    let mut failure = Failure::new(format!(
        "not valid: the {what} file changes values and does not say so; nothing was written"
    ));
    failure.causes = compared.losses.iter().map(ToString::to_string).collect();
    Err(failure)
}

/// Types whose values may be written otherwise after a change: enums that lose a label, composite types, rows of tables, and what
/// is made of them.
fn rewritten_types(from: &State, to: &State) -> Vec<String> {
    let is_rewritten = |id: &Id, definition: &Definition| match definition {
        Definition::Enum(old) => match to.objects.get(id).map(|entry| &entry.definition) {
            Some(Definition::Enum(new)) => !old.labels.iter().all(|label| new.labels.contains(label)),
            _ => true,
        },
        Definition::Composite(_) => to.objects.get(id).map(|entry| &entry.definition) != Some(definition),
        Definition::Table(_) => {
            let columns =
                |state: &State| state.parts(id, Kind::Column).map(|(id, _)| id.clone()).collect::<Vec<_>>();
            columns(from) != columns(to)
        }
        _ => false,
    };
    let all = from.objects.iter();
    let mut rewritten: BTreeSet<&Id> =
        all.filter(|(id, entry)| is_rewritten(id, &entry.definition)).map(|(id, _)| id).collect();
    let types = || from.objects.iter().filter(|(id, _)| matches!(id.kind, Kind::Composite | Kind::Domain));
    loop {
        let holds = |entry: &Entry| entry.depends.iter().any(|needed| rewritten.contains(needed));
        let more: Vec<&Id> =
            types().filter(|(id, entry)| !rewritten.contains(id) && holds(entry)).map(|(id, _)| id).collect();
        if more.is_empty() {
            return rewritten.iter().map(|id| id.qname().type_sql()).collect();
        }
        rewritten.extend(more);
    }
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

#[cfg(test)]
mod tests {
    use super::may_fail;

    #[test]
    fn a_step_speaks_for_its_own_statements() {
        let sql = "-- Create table a.\nCREATE TABLE a (\n    id bigint\n);\n\n-- Set b NOT NULL.\n-- may fail: rows of a\n\
                   ALTER TABLE a\n    ALTER b SET NOT NULL;\n\n-- Create index i.\nCREATE INDEX i ON a (id);\n";
        let own = Some("ALTER TABLE a");
        let expected = [None, None, own, own, None, None];
        assert_eq!([2, 4, 8, 9, 12, 99].map(|line| may_fail(sql, line)), expected);
    }
}
