//! States of a database, from wherever they are described: models, migrations, a snapshot, a database, SQL files.
//!
//! What is not read from a server already is realised on the scratch server and read back, so that every text is as
//! PostgreSQL prints it and no spelling differs.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::PgPool;
use whimbrel::__private::introspect::{self, Catalog, Unmanaged};
use whimbrel::__private::migration::Migration;
use whimbrel::__private::redact::ConnectUrl;
use whimbrel::DatabaseError;
use whimbrel_schema::catalog::Outside;
use whimbrel_schema::privilege::Owners;
use whimbrel_schema::{State, object, render, snapshot};
use whimbrel_scratch::Scratch;
use whimbrel_syntax::Schema;
use whimbrel_syntax::objects::pair_up;

use crate::args::Global;
use crate::config::Config;
use crate::connect::Database;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::output::Output;
use crate::{models, objects, scratch, sql_files};

/// Where a state is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Models,
    Migrations,
    Snapshot(PathBuf),
    /// The configured one if none is named.
    Database(Option<ConnectUrl>),
    Sql(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = |text: &str| Some(PathBuf::from(text)).filter(|path| !path.as_os_str().is_empty());
        let source = match text.split_once(':') {
            None if text == "models" => Some(Source::Models),
            None if text == "migrations" => Some(Source::Migrations),
            Some(("snapshot", file)) => path(file).map(Source::Snapshot),
            Some(("sql", file)) => path(file).map(Source::Sql),
            None if text == "db" => Some(Source::Database(None)),
            Some(("db", url)) => Some(Source::Database(Some(ConnectUrl::from(url)))),
            // Not left to the message below, which would show its password.
            Some(("postgres" | "postgresql", _)) => Some(Source::Database(Some(ConnectUrl::from(text)))),
            _ => None,
        };
        source.ok_or_else(|| {
            "a state is models, migrations, snapshot:FILE, db, db:URL, sql:FILE or sql:FOLDER".to_owned()
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Models => f.write_str("models"),
            Source::Migrations => f.write_str("migrations"),
            Source::Snapshot(file) => write!(f, "snapshot:{}", file.display()),
            Source::Database(None) => f.write_str("db"),
            Source::Database(Some(url)) => write!(f, "db:{url}"),
            Source::Sql(path) => write!(f, "sql:{}", path.display()),
        }
    }
}

/// A state that was read.
#[derive(Debug)]
pub struct Reading {
    pub state: State,
    /// What its database holds beside it.
    pub not_compared: Vec<Unmanaged>,
    /// What of that, or of schemas that are not read, depends on objects of the state or is needed by them.
    pub outside: Vec<Outside<String>>,
    /// The major version of the server that it was read from; unknown of a snapshot.
    pub server: Option<u32>,
    pub owners: Owners,
    pub origin: Origin,
    /// The models that it was made from.
    pub models: Option<Schema>,
}

impl Reading {
    /// Adds what only models know: which columns are kept in step, and so are filled when they are added.
    pub fn pair_up(&mut self, other: &State) {
        if let Some(models) = &self.models {
            pair_up(&mut self.state, models, other);
        }
    }
}

/// What kind of source a state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Models or migrations, which need not have what jobs make.
    Project,
    /// A database in use.
    Database,
    /// A snapshot or SQL files, which have all that is wanted.
    Text,
}

/// Reads states, with scratch servers that serve all of them.
pub struct States<'a> {
    global: &'a Global,
    /// The schemas to read; none means all.
    schemas: Vec<&'a str>,
    /// Those that there are in what was read.
    found: RefCell<BTreeSet<String>>,
    output: &'a Output,
    scratch: OnceCell<Scratch>,
    /// The one whose template database has migrations.
    migrated: OnceCell<Scratch>,
}

impl<'a> States<'a> {
    pub fn new(global: &'a Global, schemas: &'a [String], output: &'a Output) -> Self {
        let schemas = schemas.iter().map(String::as_str).collect();
        let (scratch, migrated) = (OnceCell::new(), OnceCell::new());
        States { global, schemas, found: RefCell::default(), output, scratch, migrated }
    }

    /// Each schema to read must be in one of the states that were read: a name that is misspelt has no differences.
    pub fn refuse_unknown_schemas(&self) -> Result<(), Failure> {
        let found = self.found.borrow();
        let Some(unknown) = self.schemas.iter().find(|name| !found.contains(**name)) else { return Ok(()) };
        let names: Vec<&str> = found.iter().map(String::as_str).collect();
        Err(Failure::new(format!("there is no schema {unknown} in what was read"))
            .hint(format!("there are the schemas {}", names.join(", "))))
    }

    pub async fn read(&self, source: &Source) -> Result<Reading, Failure> {
        match source {
            Source::Models => self.models().await,
            Source::Migrations => {
                let config = Config::find(self.global)?;
                self.replay(&Folder::read(&config.migrations)?.chain.migrations).await
            }
            Source::Snapshot(path) => {
                let text = std::fs::read_to_string(path).map_err(Failure::file(path, "read"))?;
                let mut state = snapshot::from_json(&text).map_err(|error| {
                    Failure::new(format!("{} cannot be read: {error}", path.display()))
                        .hint("`whimbrel snapshot STATE` writes one")
                })?;
                if !self.schemas.is_empty() {
                    self.found.borrow_mut().extend(state.schemas().into_iter().map(str::to_owned));
                    state.keep_schemas(&self.schemas);
                }
                Ok(Reading {
                    state,
                    not_compared: Vec::new(),
                    outside: Vec::new(),
                    server: None,
                    owners: Owners::default(),
                    origin: Origin::Text,
                    models: None,
                })
            }
            Source::Database(url) => {
                let config = Config::find_any(self.global)?;
                let database = match url {
                    Some(url) => Database::new(url.clone(), "db:", config.as_ref()),
                    None => Database::named(None, self.global, config.as_ref())?,
                };
                let pool = database.pool().await?;
                self.database(&pool).await
            }
            Source::Sql(path) => {
                let files = sql_files::read(path)?;
                let reading = self.realise(async |pool| sql_files::apply(pool, &files).await).await?;
                files.iter().for_each(|file| objects::warn_passed_over(file, self.output));
                Ok(Reading { origin: Origin::Text, ..reading })
            }
        }
    }

    /// What a database in use holds.
    pub async fn database(&self, pool: &PgPool) -> Result<Reading, Failure> {
        Ok(Reading { origin: Origin::Database, ..self.catalog(pool).await? })
    }

    async fn catalog(&self, pool: &PgPool) -> Result<Reading, Failure> {
        let mut connection = pool.acquire().await.map_err(|error| {
            Failure::new("no connection to the database").caused_by(&DatabaseError::from(error))
        })?;
        let Catalog { state, owners, outside } = introspect::catalog(&mut connection, &self.schemas).await?;
        if !self.schemas.is_empty() {
            let found = introspect::schemas(&mut connection).await?;
            self.found.borrow_mut().extend(found);
        }
        let not_compared = introspect::not_managed(&mut connection, &self.schemas).await?;
        let server = connection.server_version_num().map(|number| number / 10_000);
        Ok(Reading { state, not_compared, outside, server, owners, origin: Origin::Project, models: None })
    }

    /// What these migrations make of an empty database.
    pub async fn replay(&self, migrations: &[Migration]) -> Result<Reading, Failure> {
        let empty = self.scratch.get().filter(|_| migrations.is_empty());
        let (scratch, migrated) = match self.migrated.get().or(empty) {
            Some(scratch) => (scratch, None),
            None => {
                let (scratch, migrated) =
                    scratch::start_migrated(migrations, self.output).await.map_err(no_server)?;
                (self.migrated.get_or_init(|| scratch), migrated)
            }
        };
        let pool = match migrated {
            Some(options) => scratch::pool(options.as_ref().clone()),
            None => scratch::migrated(scratch, "state", migrations)
                .await
                .map_err(|failure| failure.named("the migrations fail on an empty database"))?,
        };
        let reading = self.catalog(&pool).await;
        pool.close().await;
        reading
    }

    /// What models and files of objects make of an empty database, with the extensions that they need and migrations
    /// create.
    async fn models(&self) -> Result<Reading, Failure> {
        let config = Config::find(self.global)?;
        let linked = models::read_with_objects(&config)?;
        let schema = linked.schema;
        let base = config.folder();
        let build = async |first: &[String]| {
            let reading = self.realise(async |pool| objects::build(pool, &schema, first, base).await).await?;
            Ok(Reading { models: Some(schema.clone()), ..reading })
        };
        let failure = match build(&[]).await {
            Err(failure) if self.server().is_some() => failure,
            reading => return reading,
        };
        let migrations = Folder::read(&config.migrations)?.chain.migrations;
        let mut state = self.replay(&migrations).await?.state;
        let declared = objects::extensions(&schema);
        let extensions = state
            .objects
            .iter()
            .filter(|(id, _)| id.kind == object::Kind::Extension && !declared.contains(id.name()));
        let needed: Vec<_> =
            extensions.flat_map(|(id, entry)| entry.depends.iter().chain([id])).cloned().collect();
        if needed.is_empty() {
            return Err(models::locate(failure, &linked.models));
        }
        state.objects.retain(|id, _| needed.contains(id));
        let steps = whimbrel_schema::plan(&State::default(), &state)
            .map_err(|cycle| Failure::new(cycle.to_string()))?;
        build(&[render::file(&steps, &[])]).await
    }

    /// What models and files of objects make of an empty database.
    pub async fn made(&self, schema: &Schema) -> Result<Reading, Failure> {
        self.realise(async |pool| objects::build(pool, schema, &[], Path::new("")).await).await
    }

    fn server(&self) -> Option<&Scratch> {
        self.migrated.get().or(self.scratch.get())
    }

    /// What stands in an empty database of the scratch server after this ran on it.
    async fn realise(
        &self,
        run: impl AsyncFnOnce(&PgPool) -> Result<(), Failure>,
    ) -> Result<Reading, Failure> {
        let scratch = match self.server() {
            Some(scratch) => scratch,
            None => {
                let scratch = scratch::start(self.output).map_err(no_server)?;
                self.scratch.get_or_init(|| scratch)
            }
        };
        let pool = scratch::database(scratch, "state").await?;
        let reading = match run(&pool).await {
            Ok(()) => self.catalog(&pool).await,
            Err(failure) => Err(failure),
        };
        pool.close().await;
        reading
    }
}

fn no_server(why: Failure) -> Failure {
    why.named("there is no scratch PostgreSQL to apply migrations or SQL to")
        .hint("snapshots are compared without one: `whimbrel diff --offline`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_in_one_way() {
        for text in
            ["models", "migrations", "db", "snapshot:a/b.json", "sql:a:b.sql", "db:postgres://me@host/db"]
        {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        let url: Source = "postgres://me:hunter2@host/db".parse().unwrap();
        assert_eq!(url.to_string(), "db:postgres://me:***@host/db");
        for text in ["", "model", "sql:", "snapshot:", "sql", "file:x"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}
