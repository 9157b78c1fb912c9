//! `repair`: records in the journal what a person found out.

use serde_json::json;
use whimbrel::migrate;

use super::migrate::migrator;
use crate::args::Finding;
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::output::Output;

pub fn run(
    version: i64,
    finding: Finding,
    (config, database): &(Config, Database),
    output: &Output,
) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    let repair = match finding {
        Finding::StatementApplied => migrate::Repair::StatementApplied,
        Finding::StatementNotApplied => migrate::Repair::StatementNotApplied,
        Finding::AcceptFiles => migrate::Repair::AcceptFiles,
    };
    connect::block_on(async {
        let pool = database.pool().await?;
        Ok(migrator.repair(&pool, version, repair).await?)
    })?;
    output.done("Recorded", format!("in the journal of {}", database.url));
    output.hint("`whimbrel status` shows where it stands now");
    output.json(&json!({ "version": version, "recorded": true }));
    Ok(Outcome::FINE)
}
