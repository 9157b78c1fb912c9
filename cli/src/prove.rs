//! The proof of a migration: on a throw-away PostgreSQL it goes up, down and up again, and the catalog says whether
//! down undoes up and whether up leads to what the models describe.

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
use whimbrel_schema::{Schema, migration, name};
use whimbrel_scratch::{Kind, Scratch, ScratchError};

use crate::connect;
use crate::failure::Failure;
use crate::output::Output;

/// What was proved, and on what.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// The server.
    pub server: String,
    /// How long it took.
    pub seconds: f64,
}

/// Whether a migration was proved.
#[derive(Debug)]
enum Proven {
    /// It was.
    Yes(Proof),
    /// There is no server to try it on.
    NoServer(ScratchError),
}

/// Proves the newest migration of a chain, unless it shall not be, and says so; `previous` is the schema before it.
///
/// # Errors
///
/// A statement fails, down does not undo up, or up leads elsewhere than the models say.
pub fn tell(
    chain: &Chain,
    previous: &Schema,
    without: bool,
    output: &Output,
) -> Result<Option<Proof>, Failure> {
    if without {
        output.warn("not proved: --no-prove");
        return Ok(None);
    }
    match prove(chain, previous)? {
        Proven::Yes(proof) => {
            output.done(
                "Proved",
                format!(
                    "on {} in {:.1} s: up, down, up; down undoes up, and up leads to what the models say",
                    proof.server, proof.seconds
                ),
            );
            Ok(Some(proof))
        }
        Proven::NoServer(why) => {
            output.warn(format!("not proved, since there is no PostgreSQL to try it on\n{why}"));
            Ok(None)
        }
    }
}

fn prove(chain: &Chain, previous: &Schema) -> Result<Proven, Failure> {
    let Some((newest, before)) = chain.migrations.split_last() else {
        return Err(Failure::new("there is no migration to prove"));
    };
    let started = Instant::now();
    let scratch = match Scratch::start() {
        Ok(scratch) => scratch,
        Err(why) => return Ok(Proven::NoServer(why)),
    };
    let next = chain.head.as_ref().map(|head| head.schema.clone()).unwrap_or_default();
    let direct = Direct { scratch: &scratch, previous, next: &next };
    let trial = Trial { newest, before, direct };
    connect::block_on(trial.run())?;
    Ok(Proven::Yes(Proof { server: scratch.kind().to_string(), seconds: started.elapsed().as_secs_f64() }))
}

/// A schema as a server prints it: what [`introspect`] finds in a database made from it. None without a server.
///
/// # Errors
///
/// The throw-away server refuses the schema.
pub fn canonical(schema: &Schema, output: &Output) -> Result<Option<Schema>, Failure> {
    let scratch = match Scratch::start() {
        Ok(scratch) => scratch,
        Err(why) => {
            output.warn(format!(
                "expressions are compared as they are written, without a PostgreSQL to ask\n{why}"
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
            Kind::Installed(_) => self.direct.scratch.create_database("proof").map_err(no_database)?,
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
            Failure::from(error).named("not proved: the way up fails; nothing was written")
        })?;
        let up = self.catalog(&pool).await?;
        all.revert(&pool, Revert::steps(1).with_allow_data_loss(true)).await.map_err(|error| {
            Failure::from(error).named("not proved: the way down fails; nothing was written")
        })?;
        same(
            &start,
            &self.catalog(&pool).await?,
            "the way down does not lead back to where the way up began",
        )?;
        all.run(&pool).await.map_err(|error| {
            Failure::from(error).named("not proved: the second way up fails; nothing was written")
        })?;
        same(&up, &self.catalog(&pool).await?, "the second way up leads elsewhere than the first")?;
        let extensions = extensions(&pool).await?;
        pool.close().await;
        let direct = self.direct.build(&url, &extensions).await?;
        same(&direct, &only(&up, self.direct.next), "the way up leads elsewhere than the models say")
    }

    /// What the schemas hold that either side of the migration uses.
    async fn catalog(&self, pool: &PgPool) -> Result<Schema, Failure> {
        let mut connection = pool.acquire().await.map_err(|error| trouble(&error))?;
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
        let mut connection = pool.acquire().await.map_err(|error| trouble(&error))?;
        if self.scratch.kind() == Kind::Embedded {
            for schema in self.schemas().into_iter().chain(["whimbrel"]) {
                let schema = name::quote(schema);
                execute(&mut connection, format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await?;
            }
            execute(&mut connection, format!("CREATE SCHEMA {}", name::quote(DEFAULT_SCHEMA))).await?;
        }
        for extension in extensions {
            execute(&mut connection, format!("CREATE EXTENSION IF NOT EXISTS {}", name::quote(extension)))
                .await?;
        }
        execute(&mut connection, sql).await?;
        let schema = introspect(&mut connection, &self.schemas()).await?;
        drop(connection);
        pool.close().await;
        Ok(schema)
    }
}

const WITHOUT: &str = "`whimbrel generate --no-prove` writes the migration without trying it";

/// One connection is enough, and all that the embedded server takes.
fn pool(url: &str) -> Result<PgPool, Failure> {
    PgPoolOptions::new().max_connections(1).connect_lazy(url).map_err(|error| trouble(&error))
}

/// Statements of this program's own, as they stand in a migration.
async fn execute(connection: &mut PgConnection, sql: String) -> Result<(), Failure> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ()).map_err(|error| trouble(&error))
}

async fn extensions(pool: &PgPool) -> Result<Vec<String>, Failure> {
    sqlx::query_scalar(
        "SELECT extname::text FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY oid",
    )
    .fetch_all(pool)
    .await
    .map_err(|error| trouble(&error))
}

fn trouble(error: &sqlx::Error) -> Failure {
    Failure::new("the throw-away PostgreSQL does not do what it is asked")
        .caused_by(&DatabaseError::from(error))
        .hint(WITHOUT)
}

fn no_database(error: ScratchError) -> Failure {
    Failure::new("the throw-away PostgreSQL does not make a database").caused_by(&error).hint(WITHOUT)
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
    let mut failure = Failure::new(format!("not proved: {what}; nothing was written"));
    failure.causes = changes.iter().map(|change| format!("there is this difference: {change}")).collect();
    Err(failure.hint(WITHOUT))
}
