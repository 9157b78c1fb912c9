//! `lint`: what is dangerous or unwise in migrations, before they run.

use std::path::{Path, PathBuf};

use serde_json::json;
use whimbrel::__private::migration::{self, ChainFile};

use super::rehash::Newest;
use crate::config::Config;
use crate::diagnostics;
use crate::failure::{Failure, Outcome};
use crate::lint::{self, Finding};
use crate::output::{Output, counted, write_styled};
use crate::sql_files;

/// Lints the files named, all of the folder of migrations, or its newest migration.
pub fn run(
    files: &[PathBuf],
    all: bool,
    config: impl FnOnce() -> Result<Config, Failure>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let files = match files {
        [] => of_folder(&config()?.migrations, all)?,
        files => named(files)?,
    };
    let (mut findings, mut errors) = (Vec::new(), Vec::new());
    for (path, file) in &files {
        match lint::lint(path, &file.content) {
            Ok(found) => findings.extend(found),
            Err(found) => errors.extend(found),
        }
    }
    if !findings.is_empty() {
        write_styled(&(diagnostics::render_findings(&findings) + "\n"));
    }
    if let Some(first) = errors.first() {
        let message = format!("{}: {first}", counted(errors.len(), "error"));
        return Err(Failure {
            snippets: Some(diagnostics::render(&errors) + "\n"),
            details: Some(Box::new(json!({
                "errors": errors.iter().map(lint::details).collect::<Vec<_>>(), "findings": findings,
            }))),
            ..Failure::new(message)
        });
    }
    output.json(&findings);
    if findings.is_empty() {
        output.done("Nothing found", format!("in {}", counted(files.len(), "file")));
        return Ok(Outcome::FINE);
    }
    output.print(format!("{} in {}", counted(findings.len(), "finding"), counted(files.len(), "file")));
    output.hint("`-- whimbrel:allow RULE REASON` before a statement lets it break a rule");
    Ok(Outcome::DIFFERENCE)
}

/// The SQL files of the folder of migrations, whose chain may be broken by the edit that is to be linted.
fn of_folder(folder: &Path, all: bool) -> Result<Vec<(PathBuf, ChainFile<'static>)>, Failure> {
    let newest: Option<Vec<String>> = match all {
        true => None,
        false => Some(Newest::read(folder)?.names().map(str::to_owned).collect()),
    };
    let wanted = |file: &ChainFile<'_>| {
        let listed = newest.as_ref().is_none_or(|names| names.iter().any(|name| *name == file.name));
        listed && file.name.ends_with(".sql") && !file.name.contains('/')
    };
    let mut files = migration::read_files(folder)?;
    files.retain(wanted);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files.into_iter().map(|file| (folder.join(&*file.name), file)).collect())
}

fn named(paths: &[PathBuf]) -> Result<Vec<(PathBuf, ChainFile<'static>)>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        for path in sql_files::find(path)? {
            let text = std::fs::read_to_string(&path).map_err(Failure::file(&path, "read"))?;
            files.push((path.clone(), ChainFile::new(path.display().to_string(), text)));
        }
    }
    Ok(files)
}

/// What the linter finds in new files: a warning for each rule, with its first place.
pub fn warn(folder: &Path, files: &[ChainFile<'_>], output: &Output) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for file in files.iter().filter(|file| file.name.ends_with(".sql")) {
        match lint::lint(&folder.join(&*file.name), &file.content) {
            Ok(found) => findings.extend(found),
            Err(errors) => {
                errors.first().inspect(|error| output.warn(format!("not linted: {error}")));
            }
        }
    }
    let mut rules: Vec<&str> = Vec::new();
    for Finding { rule, diagnostic } in &findings {
        if rules.contains(&rule.as_str()) {
            continue;
        }
        rules.push(rule);
        let places = match findings.iter().filter(|other| other.rule == *rule).count() {
            1 => String::new(),
            more => format!(" (and at {})", counted(more - 1, "other place")),
        };
        output.warn(format!("{diagnostic} [{rule}]{places}"));
        diagnostic.help.iter().for_each(|help| output.hint(help));
    }
    findings
}
