//! `rollback`: undoes migrations with the SQL that the journal stored, or with the files where it stored none.

use whimbrel::migrate::Revert;
use whimbrel::{Error, Migrator};

use super::migrate::{list, show};
use crate::args::Rollback;
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::losses;
use crate::output::{Output, counted};

/// Undoes migrations, or shows how. The files need not be there, unless they contain secrets.
pub fn run(
    command: &Rollback,
    config: Option<&Config>,
    database: &Database,
    output: &Output,
) -> Result<Outcome, Failure> {
    let folder = config.map(|config| &config.migrations).filter(|folder| folder.is_dir());
    let read = folder.map_or_else(|| Ok(Migrator::new(Vec::new())), Migrator::from_dir);
    // A folder that cannot be read matters only if its files are needed.
    let (migrator, unread) = match read {
        Ok(migrator) => (migrator, None),
        Err(error) => (Migrator::new(Vec::new()), Some(error)),
    };
    let failed = |error: Error| match &unread {
        Some(unread) if matches!(error, Error::NoDownSql { .. }) => {
            Failure::from(error).because(unread.to_string())
        }
        _ => Failure::from(error),
    };
    let steps = usize::try_from(command.steps.unwrap_or(1)).unwrap_or(usize::MAX);
    let revert = command.to.map_or_else(|| Revert::steps(steps), Revert::to);
    let revert = revert.with_allow_data_loss(command.allow_data_loss);
    connect::block_on(async {
        let pool = database.pool().await?;
        if command.dry_run {
            show(&migrator.plan_revert(&pool, revert).await.map_err(failed)?, "undo", output);
            return Ok(Outcome::FINE);
        }
        let outcome = match migrator.revert(&pool, revert).await {
            Ok(outcome) => outcome,
            Err(error) => {
                let lost =
                    if let Error::DataLoss { losses, .. } = &error { losses.clone() } else { Vec::new() };
                return Err(losses::explain(failed(error), &lost, database).await);
            }
        };
        list(&outcome.done, output);
        if outcome.done.is_empty() {
            output.done("Nothing to undo:", format!("{} has no such migration", database.url));
        } else {
            let count = counted(outcome.done.len(), "migration");
            output.done("Undid", format!("{count} in {}", database.url));
            if command.steps.is_some() && outcome.done.len() < steps {
                output.warn(format!("there were no more: {} were to be undone", counted(steps, "migration")));
            }
        }
        output.json(&outcome);
        Ok(Outcome::FINE)
    })
}
