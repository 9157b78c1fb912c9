//! `rehash`: updates the newest migration's meta file after its SQL was edited.

use std::borrow::Cow;
use std::path::Path;

use serde_json::{Value, json};
use whimbrel::__private::migration::{self, ChainFile};
use whimbrel_syntax::Schema;
use whimbrel_syntax::chain::Meta;

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::folder::{read_meta, replace};
use crate::output::Output;
use crate::validate::{self, Validation, validate};
use crate::{models, scratch};

/// Makes the newest migration's meta file describe its SQL files as they are now, after they were validated against
/// the models.
pub fn run(no_validate: bool, config: &Config, output: &Output) -> Result<Outcome, Failure> {
    let path = &config.migrations;
    let newest = Newest::read(path)?;
    let old = newest.meta.snapshot.clone();
    let unchecked = newest.with(old.clone())?;
    if unchecked == newest.meta {
        migration::check_files(path, &newest.files)?;
        output.done("Up to date:", format!("{} describes its SQL files", newest.file));
        output.json(&report(&unchecked, false, None));
        return Ok(Outcome::FINE);
    }
    if newest.meta.replaces.is_some() {
        let (version, name) = (newest.meta.version, &newest.meta.name);
        return Err(Failure::new(format!("{version}_{name} replaces others, and must not be changed"))
            .hint("restore it from version control; a change to the database belongs in a new migration"));
    }
    let schema = models::read_with_objects(config)?.schema;
    let (new, validation) = match newest.validated(config, schema.clone(), no_validate, output) {
        // The models may have changes that belong to the next migration.
        Err(failure) if schema != old => {
            newest.validated(config, old, no_validate, output).map_err(|_| failure)
        }
        other => other,
    }?;
    // What was not validated says nothing about the models.
    let new = if validation.is_some() { new } else { unchecked };
    let file = path.join(&newest.file);
    replace(&file, &new.to_json(), &file).map_err(Failure::file(&file, "written"))?;
    output.done("Rehashed", format!("{}_{}: {}", new.version, new.name, file.display()));
    output.hint("a database that has applied the old text refuses the new one: `whimbrel status` shows that");
    if new.snapshot != schema {
        output.hint(
            "the models have changes that this migration does not make: `whimbrel generate` writes them",
        );
    }
    output.json(&report(&new, true, validation));
    Ok(Outcome::FINE)
}

/// The newest migration of a folder whose chain may be broken.
pub struct Newest {
    files: Vec<ChainFile<'static>>,
    /// The newest meta file, by its name in the folder.
    file: String,
    pub meta: Meta,
}

impl Newest {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let files = migration::read_files(path)?;
        let metas = files.iter().filter_map(|file| {
            let version: i64 = file.name.strip_prefix("meta/")?.strip_suffix(".json")?.parse().ok()?;
            Some((version, file.name.to_string()))
        });
        let (_, file) = metas.max().ok_or_else(|| {
            Failure::new(format!("{} holds no migration", path.display()))
                .hint("`whimbrel generate` writes the first one")
        })?;
        let meta = read_meta(&files, &file)?;
        Ok(Newest { files, file, meta })
    }

    /// The names of its files that exist.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let prefix = format!("{}_", self.meta.version);
        let names = self.files.iter().map(|file| &*file.name);
        names.filter(move |name| *name == self.file || (name.starts_with(&prefix) && name.ends_with(".sql")))
    }

    /// Validates the present SQL files: they must lead to this schema.
    fn validated(
        &self,
        config: &Config,
        schema: Schema,
        no_validate: bool,
        output: &Output,
    ) -> Result<(Meta, Option<Validation>), Failure> {
        let new = self.with(schema)?;
        let mut files = self.files.clone();
        if let Some(file) = files.iter_mut().find(|file| file.name == self.file) {
            file.content = Cow::Owned(new.to_json());
        }
        let chain = migration::check_files(&config.migrations, &files).map_err(|error| {
            Failure::from(error).hint(
                "this is for the newest migration; to change the one before it: `whimbrel discard`, `whimbrel rehash`, \
                 `whimbrel generate`",
            )
        })?;
        let before = &chain.migrations[..chain.migrations.len().saturating_sub(1)];
        // What it does with roles must find no template database that holds on to them.
        let known = if scratch::change_roles(&chain.migrations) { &[] } else { before };
        let trial = validate::server(no_validate, known, config.folder(), output)?;
        let previous = match self.meta.parent {
            Some(parent) => read_meta(&files, &format!("meta/{parent}.json"))?.snapshot,
            None => Schema::default(),
        };
        let validation =
            validate(&chain, (1, &previous, &[]), trial.as_ref(), true, output).map_err(|failure| {
                failure.hint(
                "correct the SQL or the models, or start again: `whimbrel discard`, then `whimbrel generate`",
            )
            })?;
        Ok((new, validation))
    }

    /// Its meta file for the present SQL files and this schema.
    fn with(&self, snapshot: Schema) -> Result<Meta, Failure> {
        let (up, down) = (self.sql("up")?, self.sql("down")?);
        let meta = self.meta.clone();
        Ok(Meta {
            parent: meta.parent,
            parent_hash: meta.parent_hash,
            joins: meta.joins,
            replaces: meta.replaces,
            ..Meta::of(meta.version, &meta.name, [up, down], snapshot)
        })
    }

    fn sql(&self, direction: &str) -> Result<&str, Failure> {
        let name = format!("{}_{}.{direction}.sql", self.meta.version, self.meta.name);
        self.files.iter().find(|file| file.name == name).map(|file| &*file.content).ok_or_else(|| {
            Failure::new(format!("{name} is missing; {} lists it", self.file))
                .hint("restore it from version control")
        })
    }
}

fn report(meta: &Meta, rehashed: bool, validation: Option<Validation>) -> Value {
    json!({ "version": meta.version, "name": meta.name, "rehashed": rehashed, "validation": validation })
}
