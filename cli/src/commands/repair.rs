//! `repair`: records in the journal what a person found out.

use serde_json::json;
use whimbrel::migrate;

use super::migrate::migrator;
use crate::args::{Finding, Repair};
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::output::Output;

/// Records it.
pub fn run(
    command: &Repair,
    config: &Config,
    database: &Database,
    output: &Output,
) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    let repair = match command.finding {
        Finding::StatementApplied => migrate::Repair::StatementApplied,
        Finding::StatementNotApplied => migrate::Repair::StatementNotApplied,
        Finding::AcceptFiles => migrate::Repair::AcceptFiles,
    };
    connect::block_on(async {
        let pool = database.pool().await?;
        Ok(migrator.repair(&pool, command.version, repair).await?)
    })?;
    output.done("Recorded", format!("in the journal of {}", database.url));
    output.hint("`whimbrel status` shows where it stands now");
    output.json(&json!({ "version": command.version, "recorded": true }));
    Ok(Outcome::Fine)
}
