//! Validates a migration on a scratch database: it goes up, down and up again, and the catalog shows whether down
//! undoes up and whether up leads to what the models describe.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Serialize;
use sqlx::PgPool;
use whimbrel::__private::introspect::introspect;
use whimbrel::__private::migration::{Chain, Migration};
use whimbrel::Migrator;
use whimbrel::migrate::Revert;
use whimbrel_scratch::Scratch;
use whimbrel_syntax::diff::diff;
use whimbrel_syntax::model::{DEFAULT_SCHEMA, Hints};
use whimbrel_syntax::{Schema, migration};

use crate::connect;
use crate::failure::Failure;
use crate::output::Output;
use crate::scratch;

/// The statements that create the extensions which migrations created, in their order.
const EXTENSIONS: &str = "SELECT format('CREATE EXTENSION IF NOT EXISTS %I', extname)
    FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY oid";

#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    pub server: String,
    pub seconds: f64,
}

/// The server to validate on; none if that is to be skipped.
pub fn server(skip: bool, output: &Output) -> Result<Option<Scratch>, Failure> {
    if skip {
        output.warn("not validated: --no-validate");
        return Ok(None);
    }
    let without = |why: Failure| {
        why.named("there is no scratch PostgreSQL to validate on; nothing was written").hint(WITHOUT)
    };
    scratch::start(output).map(Some).map_err(without)
}

/// Validates the newest migration of a chain on the [`server`], if there is one, and prints the outcome; `previous` is the
/// schema before it.
pub fn validate(
    chain: &Chain,
    previous: &Schema,
    scratch: Option<Scratch>,
    output: &Output,
) -> Result<Option<Validation>, Failure> {
    let Some(scratch) = scratch else { return Ok(None) };
    let started = Instant::now();
    let next = chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default();
    let trial = Trial { scratch: &scratch, previous, next: &next };
    connect::block_on(trial.run(&chain.migrations))?;
    let validation =
        Validation { server: scratch.kind().to_string(), seconds: started.elapsed().as_secs_f64() };
    output.done(
        "Validated",
        format!(
            "on {} in {:.1} s: up, down, up; down undoes up, and up leads to the schema of the models",
            validation.server, validation.seconds
        ),
    );
    Ok(Some(validation))
}

/// A schema as a server prints it: what [`introspect`] finds in a database made from it. None without a server.
pub fn canonical(schema: &Schema, output: &Output) -> Result<Option<Schema>, Failure> {
    let scratch = match scratch::start(output) {
        Ok(scratch) => scratch,
        Err(why) => {
            let without = "expressions are compared as they are written, without a PostgreSQL to ask";
            output.warn(format!("{without}\n{}", why.message));
            return Ok(None);
        }
    };
    let trial = Trial { scratch: &scratch, previous: &Schema::default(), next: schema };
    connect::block_on(trial.build(&[])).map(Some)
}

struct Trial<'a> {
    scratch: &'a Scratch,
    previous: &'a Schema,
    next: &'a Schema,
}

impl Trial<'_> {
    /// Takes an empty database there, back, and there again with the last of these migrations.
    async fn run(&self, migrations: &[Migration]) -> Result<(), Failure> {
        let pool = self.database("validation").await?;
        let all = Migrator::new(migrations.to_vec());
        let before = &migrations[..migrations.len().saturating_sub(1)];
        Migrator::new(before.to_vec()).run(&pool).await.map_err(|error| {
            Failure::from(error)
                .hint(WITHOUT)
                .named("the migrations before this one fail on an empty database")
        })?;
        let fails = |what: &'static str| {
            move |error| Failure::from(error).named(&format!("not valid: {what}; nothing was written"))
        };
        let start = self.catalog(&pool).await?;
        all.run(&pool).await.map_err(fails("the up file fails"))?;
        let up = self.catalog(&pool).await?;
        let undo = Revert::steps(1).with_allow_data_loss(true);
        all.revert(&pool, undo).await.map_err(fails("the down file fails"))?;
        same(&start, &self.catalog(&pool).await?, "the down file does not undo the up file")?;
        all.run(&pool).await.map_err(fails("the up file fails the second time"))?;
        same(&up, &self.catalog(&pool).await?, "the up file leads elsewhere the second time")?;
        let extensions: Vec<String> =
            sqlx::query_scalar(EXTENSIONS).fetch_all(&pool).await.map_err(|error| failed(&error))?;
        pool.close().await;
        let direct = self.build(&extensions).await?;
        same(&direct, &only(&up, self.next), "the up file leads elsewhere than the models")
    }

    /// The catalog of a database that is made from the models at once.
    async fn build(&self, extensions: &[String]) -> Result<Schema, Failure> {
        let sql = migration::create(self.next)?;
        let pool = self.database("direct").await?;
        for create in extensions.iter().chain([&sql]) {
            execute(&pool, create).await?;
        }
        let schema = self.catalog(&pool).await?;
        pool.close().await;
        Ok(schema)
    }

    async fn database(&self, name: &str) -> Result<PgPool, Failure> {
        scratch::database(self.scratch, name).await.map_err(|failure| failure.hint(WITHOUT))
    }

    /// What the schemas hold that either side of the migration uses.
    async fn catalog(&self, pool: &PgPool) -> Result<Schema, Failure> {
        let names = [self.previous, self.next].into_iter();
        let names = names.flat_map(|schema| schema.tables.keys().chain(schema.enums.keys()));
        let schemas: BTreeSet<&str> =
            names.map(|name| name.schema.as_str()).chain([DEFAULT_SCHEMA]).collect();
        let mut connection = pool.acquire().await.map_err(|error| failed(&error))?;
        Ok(introspect(&mut connection, &Vec::from_iter(schemas)).await?)
    }
}

const WITHOUT: &str = "`--no-validate` skips the scratch database";

/// Statements of this program's own, as they stand in a migration.
async fn execute(pool: &PgPool, sql: &str) -> Result<(), Failure> {
    scratch::execute(pool, sql).await.map_err(|error| failed(&error))
}

fn failed(error: &sqlx::Error) -> Failure {
    scratch::failed(error).hint(WITHOUT)
}

/// Only what `schema` has, too: a migration written by hand may make what no model describes.
pub fn only(catalog: &Schema, schema: &Schema) -> Schema {
    let mut only = catalog.clone();
    only.tables.retain(|name, _| schema.tables.contains_key(name));
    only.enums.retain(|name, _| schema.enums.contains_key(name));
    only
}

fn same(expected: &Schema, found: &Schema, what: &str) -> Result<(), Failure> {
    let changes = diff(expected, found, &Hints::default());
    if changes.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(format!("not valid: {what}; nothing was written"));
    failure.causes = changes.iter().map(|change| format!("difference: {change}")).collect();
    Err(failure.hint(WITHOUT))
}
