//! Validates a migration on a scratch database: it goes up, down and up again, and the catalog shows whether down
//! undoes up and whether up leads to what the models describe.

use std::time::Instant;

use serde::Serialize;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use whimbrel::__private::introspect::introspect;
use whimbrel::__private::migration::{Chain, Migration};
use whimbrel::DatabaseError;
use whimbrel::Migrator;
use whimbrel::migrate::Revert;
use whimbrel_schema::diff::diff;
use whimbrel_schema::model::{DEFAULT_SCHEMA, Hints};
use whimbrel_schema::{Schema, migration};
use whimbrel_scratch::{Kind, Scratch, ScratchError};

use crate::connect;
use crate::failure::Failure;
use crate::output::Output;
use crate::scratch;

/// The statements that create the extensions which migrations created, in their order.
const EXTENSIONS: &str = "SELECT format('CREATE EXTENSION IF NOT EXISTS %I', extname)
    FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY oid";

/// Empties a database: the embedded server has only one.
const EMPTY: &str = "DO $$ DECLARE name name; BEGIN
    FOR name IN SELECT nspname FROM pg_catalog.pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
    CREATE SCHEMA public;
END $$";

/// How a migration was validated.
#[derive(Debug, Clone, Serialize)]
pub struct Validation {
    /// The server.
    pub server: String,
    /// How long it took.
    pub seconds: f64,
}

/// Validates the newest migration of a chain, unless it shall not be or there is no server, and prints the outcome;
/// `previous` is the schema before it.
pub fn validate(
    chain: &Chain,
    previous: &Schema,
    skip: bool,
    output: &Output,
) -> Result<Option<Validation>, Failure> {
    if skip {
        output.warn("not validated: --no-validate");
        return Ok(None);
    }
    let Some((newest, before)) = chain.migrations.split_last() else {
        return Err(Failure::new("there is no migration to validate"));
    };
    let started = Instant::now();
    let scratch = match scratch::start(output) {
        Ok(scratch) => scratch,
        Err(why) => {
            output.warn(format!("not validated, since there is no scratch PostgreSQL\n{}", why.message));
            return Ok(None);
        }
    };
    let next = chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default();
    let direct = Direct { scratch: &scratch, previous, next: &next };
    connect::block_on(Trial { newest, before, direct }.run())?;
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
            output.warn(format!(
                "expressions are compared as they are written, without a PostgreSQL to ask\n{}",
                why.message
            ));
            return Ok(None);
        }
    };
    let nothing = Schema::default();
    let direct = Direct { scratch: &scratch, previous: &nothing, next: schema };
    connect::block_on(direct.build(scratch.url(), &[])).map(Some)
}

struct Trial<'a> {
    newest: &'a Migration,
    before: &'a [Migration],
    direct: Direct<'a>,
}

impl Trial<'_> {
    async fn run(&self) -> Result<(), Failure> {
        let url = match self.direct.scratch.kind() {
            Kind::Installed(_) => self.direct.scratch.create_database("validation").map_err(no_database)?,
            Kind::Embedded => self.direct.scratch.url().to_owned(),
        };
        let pool = pool(&url)?;
        let all: Vec<Migration> = self.before.iter().chain([self.newest]).cloned().collect();
        let all = Migrator::new(all);
        Migrator::new(self.before.to_vec()).run(&pool).await.map_err(|error| {
            Failure::from(error)
                .hint(WITHOUT)
                .named("the migrations before this one fail on an empty database")
        })?;
        let start = self.catalog(&pool).await?;
        all.run(&pool).await.map_err(|error| {
            Failure::from(error).named("not valid: the up file fails; nothing was written")
        })?;
        let up = self.catalog(&pool).await?;
        all.revert(&pool, Revert::steps(1).with_allow_data_loss(true)).await.map_err(|error| {
            Failure::from(error).named("not valid: the down file fails; nothing was written")
        })?;
        same(&start, &self.catalog(&pool).await?, "the down file does not undo the up file")?;
        all.run(&pool).await.map_err(|error| {
            Failure::from(error).named("not valid: the up file fails the second time; nothing was written")
        })?;
        same(&up, &self.catalog(&pool).await?, "the up file leads elsewhere the second time")?;
        let extensions = extensions(&pool).await?;
        pool.close().await;
        let direct = self.direct.build(&url, &extensions).await?;
        same(&direct, &only(&up, self.direct.next), "the up file leads elsewhere than the models")
    }

    /// What the schemas hold that either side of the migration uses.
    async fn catalog(&self, pool: &PgPool) -> Result<Schema, Failure> {
        let mut connection = pool.acquire().await.map_err(|error| failed(&error))?;
        let schemas = self.direct.schemas();
        Ok(introspect(&mut connection, &schemas).await?)
    }
}

/// A database that is made from the models at once.
struct Direct<'a> {
    scratch: &'a Scratch,
    previous: &'a Schema,
    next: &'a Schema,
}

impl Direct<'_> {
    fn schemas(&self) -> Vec<&str> {
        let mut schemas: Vec<&str> = [self.previous, self.next]
            .into_iter()
            .flat_map(|schema| schema.tables.keys().chain(schema.enums.keys()))
            .map(|name| name.schema.as_str())
            .chain([DEFAULT_SCHEMA])
            .collect();
        schemas.sort_unstable();
        schemas.dedup();
        schemas
    }

    /// Its catalog.
    async fn build(&self, url: &str, extensions: &[String]) -> Result<Schema, Failure> {
        let url = match self.scratch.kind() {
            Kind::Installed(_) => self.scratch.create_database("direct").map_err(no_database)?,
            Kind::Embedded => url.to_owned(),
        };
        let sql = migration::create(self.next)
            .map_err(|error| Failure::new("PostgreSQL would refuse this schema").caused_by(&error))?;
        let pool = pool(&url)?;
        let mut connection = pool.acquire().await.map_err(|error| failed(&error))?;
        if *self.scratch.kind() == Kind::Embedded {
            execute(&mut connection, EMPTY.to_owned()).await?;
        }
        for create in extensions {
            execute(&mut connection, create.clone()).await?;
        }
        execute(&mut connection, sql).await?;
        let schema = introspect(&mut connection, &self.schemas()).await?;
        drop(connection);
        pool.close().await;
        Ok(schema)
    }
}

const WITHOUT: &str = "`--no-validate` skips the scratch database";

/// One connection is enough, and all that the embedded server takes.
fn pool(url: &str) -> Result<PgPool, Failure> {
    PgPoolOptions::new().max_connections(1).connect_lazy(url).map_err(|error| failed(&error))
}

/// Statements of this program's own, as they stand in a migration.
async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), Failure> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ()).map_err(|error| failed(&error))
}

async fn extensions(pool: &PgPool) -> Result<Vec<String>, Failure> {
    sqlx::query_scalar(EXTENSIONS).fetch_all(pool).await.map_err(|error| failed(&error))
}

fn failed(error: &sqlx::Error) -> Failure {
    Failure::new("a statement failed on the scratch database")
        .caused_by(&DatabaseError::from(error))
        .hint(WITHOUT)
}

fn no_database(error: ScratchError) -> Failure {
    Failure::new("no database can be created on the scratch PostgreSQL").caused_by(&error).hint(WITHOUT)
}

/// Only what `schema` has, too: a migration written by hand may make what no model describes.
fn only(catalog: &Schema, schema: &Schema) -> Schema {
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
