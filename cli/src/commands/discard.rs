//! `discard`: removes the newest migration's files, unless the configured database has applied it.

use serde_json::json;
use whimbrel::Migrator;
use whimbrel::migrate::State;

use super::generate::list_files;
use super::rehash::Newest;
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::output::Output;

pub fn run((config, database): &(Config, Database), output: &Output) -> Result<Outcome, Failure> {
    let path = &config.migrations;
    let newest = Newest::read(path)?;
    let (version, name) = (newest.meta.version, &newest.meta.name);
    let status = connect::block_on(async {
        let pool = database.pool().await?;
        // Without files: those of the migration may be what is broken.
        Ok(Migrator::new(Vec::new()).status(&pool).await?)
    })?;
    if let Some(one) = status.migrations.iter().find(|one| one.version == version) {
        let failure = Failure::difference(format!(
            "{version}_{name} is {} in {}, so its files are still needed; nothing was removed",
            one.state, database.url
        ));
        let failure = one.error.iter().fold(failure, |failure, error| failure.because(error));
        return Err(failure.hint(match one.state {
            State::PartiallyApplied => {
                "correct the statements that are not applied yet and `whimbrel migrate` goes on with them; \
                 `whimbrel rollback` then undoes the whole migration"
            }
            _ => "`whimbrel rollback` undoes it with the SQL that the journal kept; then discard it",
        }));
    }
    if newest.meta.replaces.is_some() {
        return Err(Failure::new(format!("{version}_{name} replaces others; nothing was removed"))
            .hint("restore the folder from version control as it was before `whimbrel squash`"));
    }
    // The meta file goes last: until then the migration is found again.
    let mut removed: Vec<_> = newest.names().map(|file| path.join(file)).collect();
    removed.sort_by_key(|file| file.extension().is_some_and(|ending| ending == "json"));
    for file in &removed {
        std::fs::remove_file(file).map_err(Failure::file(file, "removed"))?;
    }
    output.done("Discarded", format!("{version}_{name}; {} has not applied it", database.url));
    list_files(&removed, output);
    output
        .hint("`whimbrel generate` writes again what the models need; SQL that was written by hand is gone");
    output.json(&json!({ "version": version, "name": name, "removed": removed }));
    Ok(Outcome::FINE)
}
