//! `seal`: takes edited SQL of the newest migration into the chain.

use std::borrow::Cow;

use serde::Serialize;
use whimbrel::__private::migration::{self, ChainFile, Checksum};
use whimbrel_schema::chain::{self, Meta};

use crate::args::Seal;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::folder;
use crate::output::Output;
use crate::prove::{self, Proof};

/// Makes the newest migration's meta file say what its SQL files are now, after trying them.
///
/// # Errors
///
/// There is no migration, another one was edited, too, or the edited one does not prove true.
pub fn run(command: &Seal, config: &Config, output: &Output) -> Result<Outcome, Failure> {
    let path = &config.migrations;
    let mut files = migration::read_files(path)?;
    let newest = newest_meta(&files).ok_or_else(|| {
        Failure::new(format!("{} holds no migration", path.display()))
            .hint("`whimbrel generate` writes the first one")
    })?;
    let old = read_meta(&files, &newest)?;
    let up = text(&files, &old, "up")?;
    let down = text(&files, &old, "down")?;
    let losses = |direction: &str, sql: &str| -> Vec<String> {
        chain::data_loss(sql).into_iter().map(|loss| format!("{direction}: {loss}")).collect()
    };
    let new = Meta {
        up_checksum: Checksum::of(&up),
        down_checksum: Checksum::of(&down),
        data_loss: [losses("up", &up), losses("down", &down)].concat(),
        ..old.clone()
    };
    let content = new.to_json();
    if let Some(file) = files.iter_mut().find(|file| file.name == newest) {
        file.content = Cow::Owned(content.clone());
    }
    let sound = migration::check_files(path, &files)?;
    let mut report = Report { version: new.version, name: new.name.clone(), sealed: new != old, proof: None };
    if !report.sealed {
        output.done("Sealed already:", format!("{}_{} is as it was written", new.version, new.name));
        output.json(&report);
        return Ok(Outcome::Fine);
    }
    report.proof = prove::tell(&sound, &before(&files, &new)?, command.no_prove, output)?;
    let meta_file = path.join(&newest);
    folder::replace(&meta_file, &content).map_err(|error| {
        Failure::new(format!("{} cannot be written", meta_file.display())).caused_by(&error)
    })?;
    output
        .done("Sealed", format!("{}_{}: {} knows the new text", new.version, new.name, meta_file.display()));
    output
        .hint("a database that ran the old text will refuse the new one; seal only what was not applied yet");
    output.json(&report);
    Ok(Outcome::Fine)
}

/// The path of the newest meta file in the folder.
fn newest_meta(files: &[ChainFile<'_>]) -> Option<String> {
    let metas = files.iter().filter_map(|file| {
        let version: i64 = file.name.strip_prefix("meta/")?.strip_suffix(".json")?.parse().ok()?;
        Some((version, file.name.to_string()))
    });
    metas.max().map(|(_, name)| name)
}

fn read_meta(files: &[ChainFile<'_>], name: &str) -> Result<Meta, Failure> {
    let content = files.iter().find(|file| file.name == name).map(|file| &*file.content).unwrap_or_default();
    serde_json::from_str(content).map_err(|error| {
        Failure::new(format!("{name} cannot be read"))
            .caused_by(&error)
            .hint("restore it from version control; only the SQL files are meant to be edited")
    })
}

fn text(files: &[ChainFile<'_>], meta: &Meta, direction: &str) -> Result<String, Failure> {
    let name = format!("{}_{}.{direction}.sql", meta.version, meta.name);
    files.iter().find(|file| file.name == name).map(|file| file.content.to_string()).ok_or_else(|| {
        Failure::new(format!("{name} is missing; meta/{}.json lists it", meta.version))
            .hint("restore it from version control")
    })
}

/// The schema before the newest migration.
fn before(files: &[ChainFile<'_>], newest: &Meta) -> Result<whimbrel_schema::Schema, Failure> {
    match newest.parent {
        Some(parent) => read_meta(files, &format!("meta/{parent}.json")).map(|meta| meta.snapshot),
        None => Ok(whimbrel_schema::Schema::default()),
    }
}

/// The result for machines.
#[derive(Debug, Serialize)]
struct Report {
    version: i64,
    name: String,
    sealed: bool,
    proof: Option<Proof>,
}
