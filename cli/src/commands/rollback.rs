//! `rollback`: undoes migrations with the SQL the journal kept.

use whimbrel::Migrator;
use whimbrel::migrate::Revert;

use super::migrate::{list, show};
use crate::args::Rollback;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::output::{Output, counted};

/// Undoes migrations, or shows how. The files need not be there.
pub fn run(command: &Rollback, database: &Database, output: &Output) -> Result<Outcome, Failure> {
    let migrator = Migrator::new(Vec::new());
    let steps = usize::try_from(command.steps.unwrap_or(1)).unwrap_or(usize::MAX);
    let revert = command.to.map_or_else(|| Revert::steps(steps), Revert::to);
    let revert = revert.with_allow_data_loss(command.allow_data_loss);
    connect::block_on(async {
        let pool = database.pool().await?;
        if command.dry_run {
            show(&migrator.plan_revert(&pool, revert).await?, "undo", output);
            return Ok(Outcome::FINE);
        }
        let outcome = migrator.revert(&pool, revert).await?;
        list(&outcome.done, output);
        if outcome.done.is_empty() {
            output.done("Nothing to undo:", format!("{} has no such migration", database.url));
        } else {
            let count = counted(outcome.done.len(), "migration");
            output.done("Undid", format!("{count} in {}", database.url));
        }
        output.json(&outcome);
        Ok(Outcome::FINE)
    })
}
