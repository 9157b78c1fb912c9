//! `baseline`: a database that already has the tables of the migrations.

use whimbrel::__private::introspect;
use whimbrel_schema::change::Action;
use whimbrel_schema::{State, changes};
use whimbrel_syntax::model::DEFAULT_SCHEMA;
use whimbrel_syntax::objects;

use super::migrate::migrator;
use crate::comparison::warn_not_compared;
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::folder::Folder;
use crate::output::{Output, counted};
use crate::validate;

/// Marks the migrations up to a version as applied without running them.
pub fn run(to: i64, (config, database): &(Config, Database), output: &Output) -> Result<Outcome, Failure> {
    let migrator = migrator(config)?;
    let folder = Folder::read(&config.migrations)?;
    let expected = match folder.schema_at(to)? {
        Some(schema) => {
            let state = validate::canonical(&schema, output)?.unwrap_or_else(|| objects::state(&schema));
            Some((schema, state))
        }
        None => None,
    };
    connect::block_on(async {
        let pool = database.pool().await?;
        if let Some((schema, expected)) = &expected {
            let mut schemas: Vec<&str> =
                objects::schemas(schema).into_iter().chain([DEFAULT_SCHEMA]).collect();
            if !schema.objects.is_empty() {
                schemas.clear();
            }
            let mut connection = pool.acquire().await.map_err(|error| {
                Failure::new(format!("no connection to {}", database.url)).caused_by(&error)
            })?;
            let found = introspect::state(&mut connection, &schemas).await?;
            warn_not_compared(&introspect::not_managed(&mut connection, &schemas).await?, output);
            let described = |state| objects::described(state, schema);
            let mut changes = changes(&described(&found), &described(expected));
            if !schema.objects.is_empty() {
                let wanted = validate::reach(State::default(), expected, &found, schema);
                let more = whimbrel_schema::changes(&found, &wanted);
                changes.extend(more.into_iter().filter(|change| change.action != Action::Drop));
                changes.sort_by(|one, other| one.object.cmp(&other.object));
                changes.dedup();
            }
            if !changes.is_empty() {
                let text: String = changes.iter().map(|change| format!("\n  {change}")).collect();
                return Err(Failure::difference(format!(
                    "{} differs from what the migrations up to {} make; it lacks:{text}",
                    database.url, to
                ))
                .hint("change the database or the models first; nothing was recorded"));
            }
        }
        let outcome = migrator.baseline(&pool, to).await?;
        let count = counted(outcome.done.len(), "migration");
        output.done("Recorded", format!("{count} as applied to {}; nothing was run", database.url));
        output.json(&outcome);
        Ok(Outcome::FINE)
    })
}
