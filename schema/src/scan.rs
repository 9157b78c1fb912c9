//! Reads the sources of models by following `mod` declarations, as rustc does, and hands all items to
//! `link`.
//!
//! Pure but for the function that reads a file. Only what is written is seen: items that a macro makes are not,
//! and of `cfg` only `test` is known (items for tests are left out, all others are taken).

mod attributes;
mod items;
mod resolve;

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::errors::{Errors, Problem};
use crate::link;
use crate::model::{Hints, QName, Schema};

pub(crate) use items::{Crates, Def, Found};
pub(crate) use resolve::Resolved;

/// All models together.
#[derive(Debug, Clone, Default)]
pub struct Linked {
    /// The tables and enum types.
    pub schema: Schema,
    /// The declared renames.
    pub hints: Hints,
    /// The models, by table name.
    pub models: Vec<ModelInfo>,
    /// The files that were read, in the order in which they were.
    pub files: Vec<PathBuf>,
}

/// Where a table comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// The struct's name.
    pub ident: String,
    /// The module it stands in: `crate`, `crate::account`.
    pub module_path: String,
    /// Its table.
    pub table: QName,
    /// Whether it derives `Transform`.
    pub has_transform: bool,
    /// The file it stands in.
    pub file: PathBuf,
    /// The line of its name, from 1.
    pub line: usize,
}

/// One mistake, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file.
    pub path: PathBuf,
    /// The file's text; empty when it could not be read.
    pub source: String,
    /// The bytes of `source` it is about.
    pub span: Range<usize>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// A few words for the marked place; may be empty.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Diagnostic { path, line, column, message, .. } = self;
        write!(f, "{}:{line}:{column}: {message}", path.display())
    }
}

/// Reads the crates whose root files are given, usually one.
///
/// # Errors
/// All mistakes of a phase: files that cannot be read or parsed and mistakes within items; if there is none, those
/// between items.
pub fn scan(
    roots: &[&Path],
    read: &mut dyn FnMut(&Path) -> std::io::Result<String>,
) -> Result<Linked, Vec<Diagnostic>> {
    let crates = Crates::read(roots, read);
    let problems = crates.problems();
    if !problems.is_empty() {
        crates.close();
        return Err(problems);
    }
    let linked = link::link(&crates);
    let problems = crates.problems();
    crates.close();
    if problems.is_empty() { Ok(linked) } else { Err(problems) }
}

/// A file that was read, and what is wrong in it.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) errors: Errors,
}

impl SourceFile {
    /// Its mistakes in the order of their places; it has none afterwards.
    fn problems(&self) -> Vec<Diagnostic> {
        let mut problems: Vec<_> =
            self.errors.drain().iter().map(|problem| self.diagnostic(problem)).collect();
        problems.sort_by_key(|problem| problem.span.start);
        problems
    }

    fn diagnostic(&self, problem: &Problem) -> Diagnostic {
        let start = problem.range.start.byte_range();
        let end = problem.range.end.byte_range().end.max(start.end);
        // A place outside the text would make the one who shows it panic.
        let clamp = |at: usize| self.text.floor_char_boundary(at.min(self.text.len()));
        let span = clamp(start.start)..clamp(end);
        let before = &self.text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Diagnostic {
            path: self.path.clone(),
            source: self.text.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
            message: problem.message.clone(),
            label: problem.label.clone(),
            help: problem.help.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
