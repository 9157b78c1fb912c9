//! `status`: compares the folder with the journal, and with `--drift` the database with both. Reads only.

use comfy_table::Table;
use serde::Serialize;
use whimbrel::migrate::{MigrationStatus, OpenTransfer, Status};
use whimbrel_schema::plan::Form;
use whimbrel_transfer::terminal;

use super::drift;
use super::migrate::migrator;
use crate::args::Global;
use crate::comparison::{Comparison, warn_not_compared};
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{self, Failure, Outcome};
use crate::output::{Output, counted};
use crate::state::States;

pub fn run(
    with_drift: bool,
    global: &Global,
    (config, database): &(Config, Database),
    output: &Output,
) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    let states = States::new(global, &[], output);
    let (status, drift) = connect::block_on(async {
        let pool = database.pool().await?;
        let status = migrator.status(&pool).await?;
        let drift = match (with_drift, drift::unknown(&status)) {
            (true, None) => {
                Some(drift::find(&states, (&migrator, Form::Short), &status, database, output).await?)
            }
            (true, Some(failure)) => {
                output.warn(format!("drift is not known: {}", failure.message));
                None
            }
            (false, _) => None,
        };
        Ok((status, drift))
    })?;
    if output.is_json() {
        output.json(&Report { status: &status, drift: with_drift.then_some(drift.as_ref()) });
    } else if !status.migrations.is_empty() {
        output.data(table(&status.migrations).to_string());
    }
    let outcome = judge(&status, database, output);
    match drift {
        Some(drift) => Ok(judge_drift(&drift, outcome, output)),
        None => Ok(outcome),
    }
}

/// The result for machines.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    status: &'a Status,
    /// Null if it was asked for and is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Option<&'a Comparison>>,
}

fn judge_drift(drift: &Comparison, outcome: Outcome, output: &Output) -> Outcome {
    warn_not_compared(&drift.not_compared, output);
    if drift.is_equal() {
        output.done("No drift:", "the database is what its journal says");
        return outcome;
    }
    output.warn(format!(
        "drift: {} from what the journal says",
        counted(drift.differences.len(), "difference")
    ));
    drift.list(output);
    output.hint("`whimbrel drift` shows the statements that bring it back");
    Outcome::DIFFERENCE
}

fn table(migrations: &[MigrationStatus]) -> Table {
    let mut table = terminal::table(["version", "name", "state", "at (UTC)", "by"]);
    for one in migrations {
        let at = one.at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
        let by: Vec<_> = one.role.iter().chain(&one.host).map(String::as_str).collect();
        let mut state = one.state.to_string();
        if !one.local {
            state.push_str(", no files");
        }
        table.add_row([one.version.to_string(), one.name.clone(), state, at, by.join(" from ")]);
    }
    table
}

fn judge(status: &Status, database: &Database, output: &Output) -> Outcome {
    for one in &status.migrations {
        if let Some(error) = &one.error {
            output.warn(format!("{}_{}: {error}", one.version, one.name));
        }
        if one.down_changed {
            output.warn(format!(
                "{}_{}: the down file differs from the one in the journal, which is the one that would run",
                one.version, one.name
            ));
        }
    }
    for divergence in &status.divergences {
        output.warn(divergence.to_string());
        if let Some(hint) = failure::divergence_hint(divergence) {
            output.hint(hint);
        }
    }
    if let Some(transfer) = &status.open_transfer {
        warn_of(transfer, output);
    }
    let pending = status.migrations.iter().filter(|one| one.state.is_pending()).count();
    if status.is_current() {
        output.done("Up to date:", format!("{} has every migration", database.url));
        return Outcome::FINE;
    }
    if pending > 0 {
        let journal = if status.journal { "" } else { ", and has no journal yet" };
        output.print(format!("{} lacks {}{journal}.", database.url, counted(pending, "migration")));
        if status.divergences.is_empty() {
            output.hint("`whimbrel migrate` applies them; `--dry-run` shows them first");
        }
    }
    Outcome::DIFFERENCE
}

/// Names an open transfer, and how to end it.
pub fn warn_of(transfer: &OpenTransfer, output: &Output) {
    output.warn(transfer.to_string());
    output.hint(END_TRANSFER);
}

pub const END_TRANSFER: &str = "`whimbrel transfer --resume` continues it; `whimbrel transfer --abort` restores what it dropped and closes it";
