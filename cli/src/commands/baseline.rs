//! `baseline`: a database that already has what migrations make.

use whimbrel_schema::change::{Action, Change};
use whimbrel_schema::changes;

use super::migrate::migrator;
use crate::args::Global;
use crate::comparison::{align, not_compared, warn_not_compared};
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::output::{Output, counted};
use crate::state::States;

/// Marks the migrations up to a version as applied without running them.
pub fn run(
    to: i64,
    global: &Global,
    (config, database): &(Config, Database),
    output: &Output,
) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    let mut migrations = Folder::read(&config.migrations)?.chain.migrations;
    migrations.retain(|migration| migration.version <= to);
    let states = States::new(global, &[], output);
    connect::block_on(async {
        let pool = database.pool().await?;
        let mut expected = states.replay(&migrations).await?;
        let mut found = states.database(&pool).await?;
        align(&mut found, &mut expected);
        warn_not_compared(&not_compared(&found, &expected), output);
        // The database may hold more than migrations make, but not within it.
        let matters = |change: &Change| {
            change.action != Action::Drop
                || expected.state.objects.contains_key(&found.state.whole(&change.object))
        };
        let mut changes = changes(&found.state, &expected.state);
        changes.retain(matters);
        if !changes.is_empty() {
            let mut failure = Failure::difference(format!(
                "{} is not as the migrations up to {to} make it; nothing was recorded",
                database.url
            ));
            failure.causes = changes.iter().map(|change| format!("difference: {change}")).collect();
            return Err(failure
                .hint("`whimbrel diff --from db --to migrations` prints the statements that lead there"));
        }
        let outcome = migrator.baseline(&pool, to).await?;
        let count = counted(outcome.done.len(), "migration");
        output.done("Recorded", format!("{count} as applied to {}; nothing was run", database.url));
        output.json(&outcome);
        Ok(Outcome::FINE)
    })
}
