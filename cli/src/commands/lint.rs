//! `lint`: what is dangerous or unwise in migrations, before they run.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;
use whimbrel::__private::migration::ChainFile;
use whimbrel_syntax::scan::Diagnostic;

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
        match file
            .as_ref()
            .map_err(|error| vec![unreadable(path, error)])
            .and_then(|file| lint::lint(path, &file.content))
        {
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
                "errors": errors.iter().map(diagnostics::details).collect::<Vec<_>>(), "findings": findings,
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

/// A file, or why it cannot be read.
type Read = (PathBuf, io::Result<ChainFile<'static>>);

/// The SQL files of the folder of migrations, whose chain may be broken by the edit that is to be linted.
fn of_folder(folder: &Path, all: bool) -> Result<Vec<Read>, Failure> {
    let paths = match all {
        true => sql_files::find(folder)?.into_iter().filter(|path| path.parent() == Some(folder)).collect(),
        false => {
            let mut names: Vec<PathBuf> =
                Newest::read(folder)?.names().map(|name| folder.join(name)).collect();
            names.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
            names.sort();
            names
        }
    };
    Ok(paths.into_iter().map(read).collect())
}

/// Files, which pg_dump may have written, and those in folders.
fn named(paths: &[PathBuf]) -> Result<Vec<Read>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        files.extend(sql_files::find_some(path)?.into_iter().map(read));
    }
    for file in files.iter_mut().filter_map(|(_, file)| file.as_mut().ok()) {
        file.content = sql_files::without_restrict(&file.content).into();
    }
    Ok(files)
}

fn read(path: PathBuf) -> Read {
    let text = std::fs::read_to_string(&path);
    let file = text.map(|text| ChainFile::new(path.display().to_string(), text));
    (path, file)
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic {
        path: path.to_owned(),
        source: String::new(),
        span: 0..0,
        line: 1,
        column: 1,
        message: format!("this file cannot be read: {error}"),
        label: String::new(),
        help: None,
    }
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
