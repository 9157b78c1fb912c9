//! `drift`: compares a database with what its journal says it should be. Reads only.

use serde_json::json;
use whimbrel::Migrator;
use whimbrel::migrate::{Divergence, MigrationStatus, State, Status};
use whimbrel_schema::changes;
use whimbrel_schema::plan::Form;

use super::migrate::migrator;
use super::status;
use crate::args::Global;
use crate::comparison::{Comparison, align, warn_versions};
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{self, Failure, Outcome};
use crate::output::{Output, counted};
use crate::state::States;

pub fn run(
    (schemas, online): (&[String], bool),
    global: &Global,
    (config, database): &(Config, Database),
    output: &Output,
) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    let states = States::new(global, schemas, output);
    let (status, comparison) = connect::block_on(async {
        let pool = database.pool().await?;
        let status = migrator.status(&pool).await?;
        let form = if online { Form::Online } else { Form::Short };
        let comparison = find(&states, (&migrator, form), &status, database, output).await?;
        Ok((status, comparison))
    })?;
    let equal = comparison.is_equal();
    if !output.is_json() && !comparison.sql.is_empty() {
        output.data(comparison.sql.trim_end());
    }
    if equal {
        output.done("No drift:", format!("{} is what its journal says", database.url));
    } else {
        let count = counted(comparison.differences.len(), "difference");
        output.print(format!("{count} between {} and what its journal says it should be:", database.url));
        comparison.list(output);
        output.hint("the statements bring it back; to keep a change, put it into a migration");
    }
    if let Some(transfer) = &status.open_transfer {
        status::warn_of(transfer, output);
    }
    comparison.warn(output);
    let Comparison { differences, steps, sql, not_compared, may_fail } = &comparison;
    output.json(&json!({
        "drift": !equal, "differences": differences, "steps": steps, "sql": sql, "not_compared": not_compared,
        "may_fail": may_fail,
    }));
    Ok(if equal { Outcome::FINE } else { Outcome::DIFFERENCE })
}

/// What leads from the database back to what its journal says: the migrations that it has applied, replayed.
pub async fn find(
    states: &States<'_>,
    (migrator, form): (&Migrator, Form),
    status: &Status,
    database: &Database,
    output: &Output,
) -> Result<Comparison, Failure> {
    if let Some(failure) = unknown(status) {
        return Err(failure);
    }
    let pool = database.pool().await?;
    let mut expected = states.replay(&migrator.applied(&pool).await?).await?;
    let mut found = states.database(&pool).await?;
    states.refuse_unknown_schemas()?;
    align(&mut expected, &mut found);
    warn_versions([(&database.url.to_string(), &found), ("the state it should have", &expected)], output);
    // What somebody did is the way from what it should be; the statements lead back.
    let done = changes(&expected.state, &found.state);
    Ok(Comparison { differences: done, ..Comparison::new(&found, &expected, form)? })
}

/// Why the migrations that the journal names cannot be replayed, if so.
pub fn unknown(status: &Status) -> Option<Failure> {
    if !status.journal {
        let failure = Failure::new("the database has no journal that says what it should be");
        return Some(failure.hint("`whimbrel diff` compares it with any other state"));
    }
    let partial =
        |one: &&MigrationStatus| matches!(one.state, State::PartiallyApplied | State::PartiallyReverted);
    if let Some(one) = status.migrations.iter().find(partial) {
        let failure = Failure::new(format!("{}_{} is {}", one.version, one.name, one.state));
        let command = if one.state == State::PartiallyReverted { "rollback" } else { "migrate" };
        return Some(failure.hint(format!("finish it first: `whimbrel {command}`")));
    }
    let known = |one: &&Divergence| matches!(one, Divergence::OutOfOrder { .. });
    let mut divergences = status.divergences.iter().filter(|one| !known(one)).peekable();
    divergences.peek()?;
    let mut failure =
        Failure::new("the migrations that the database has applied are not all available as they were");
    for divergence in divergences {
        failure.causes.push(divergence.to_string());
        failure.hints.extend(failure::divergence_hint(divergence));
    }
    failure.hints.dedup();
    Some(failure)
}
