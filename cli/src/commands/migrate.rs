//! `migrate`: applies what is pending.

use whimbrel::Migrator;
use whimbrel::migrate::{Applied, Plan};

use crate::args::Migrate;
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::output::{Output, counted};

/// Applies the pending migrations, or shows them.
pub fn run(
    command: &Migrate,
    (config, database): &(Config, Database),
    output: &Output,
) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    connect::block_on(async {
        let pool = database.pool().await?;
        if command.dry_run {
            let plan = migrator.plan(&pool, command.to).await?;
            show(&plan, "apply", output);
            return Ok(Outcome::FINE);
        }
        let outcome = match command.to {
            Some(version) => migrator.run_to(&pool, version).await?,
            None => migrator.run(&pool).await?,
        };
        list(&outcome.done, output);
        if let Some(transfer) = &outcome.open_transfer {
            super::status::warn_of(transfer, output);
        } else if outcome.done.is_empty() {
            let up_to = command.to.map(|version| format!(" up to {version}")).unwrap_or_default();
            output.done("Up to date:", format!("{} has every migration{up_to}", database.url));
        } else {
            output
                .done("Applied", format!("{} to {}", counted(outcome.done.len(), "migration"), database.url));
        }
        output.json(&outcome);
        Ok(if outcome.open_transfer.is_some() { Outcome::DIFFERENCE } else { Outcome::FINE })
    })
}

pub fn migrator(config: &Config) -> Result<Migrator, Failure> {
    if !config.migrations.is_dir() {
        return Err(Failure::new(format!("the folder {} does not exist", config.migrations.display()))
            .hint("`whimbrel generate` writes the first migration")
            .hint(format!("`migrations` in {} says where they are", config.file.display())));
    }
    Ok(Migrator::from_dir(&config.migrations)?)
}

pub fn list(done: &[Applied], output: &Output) {
    for one in done {
        let (statements, seconds) = (counted(one.statements, "statement"), one.duration.as_secs_f64());
        output.print(format!("  {}_{}: {statements}, {seconds:.2} s", one.version, one.name));
    }
}

/// What a dry run shows: the SQL is the result.
pub fn show(plan: &Plan, verb: &str, output: &Output) {
    for step in &plan.steps {
        if !output.is_json() {
            output.data(format!("-- {}\n{}", step.file, step.sql.trim_end()));
        }
        for loss in &step.data_loss {
            output.warn(format!("{} loses data: {loss}", step.file));
        }
    }
    let count = counted(plan.steps.len(), "migration");
    output.print(format!("This was a dry run: it would {verb} {count}; nothing was written."));
    output.json(plan);
}
