//! Reads the sources of models by following `mod` declarations and `include!`, as rustc does, and hands all items to
//! `link`.
//!
//! Pure but for the function that reads a file. `cfg` is evaluated by [`Cfg`]. Macros are not expanded: one whose
//! tokens derive a model is an error.

mod cfg;
mod derives;
mod items;
mod resolve;

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::errors::{Error, Errors};
use crate::link;
use crate::model::{Hints, QName, Schema};

pub use cfg::Cfg;
pub(crate) use items::{Crates, Def, Found};
pub(crate) use resolve::Resolved;

#[derive(Debug, Clone, Default)]
pub struct Linked {
    pub schema: Schema,
    pub hints: Hints,
    pub models: Vec<ModelInfo>,
    /// The files that were read, in the order in which they were.
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    pub ident: String,
    /// Its module: `crate`, `crate::account`.
    pub module_path: String,
    pub table: QName,
    pub has_transform: bool,
    pub file: PathBuf,
    /// The line of its name, from 1.
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub path: PathBuf,
    /// The file's text; empty when it could not be read.
    pub source: String,
    /// The bytes of `source` it is about.
    pub span: Range<usize>,
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    pub message: String,
    /// A few words for the marked place; may be empty.
    pub label: String,
    pub help: Option<String>,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Diagnostic { path, line, column, message, .. } = self;
        write!(f, "{}:{line}:{column}: {message}", path.display())
    }
}

/// Reads the crates whose root files are given, usually one, each with what its `cfg` predicates are evaluated with.
///
/// # Errors
/// All errors of a phase: files that cannot be read or parsed and errors within items; if there is none, those
/// between items.
pub fn scan(
    roots: &[(&Path, Cfg)],
    read: &mut dyn FnMut(&Path) -> std::io::Result<String>,
) -> Result<Linked, Vec<Diagnostic>> {
    let crates = Crates::read(roots, read);
    let errors = crates.errors();
    if !errors.is_empty() {
        crates.close();
        return Err(errors);
    }
    let linked = link::link(&crates);
    let errors = crates.errors();
    crates.close();
    if errors.is_empty() { Ok(linked) } else { Err(errors) }
}

/// A file that was read, and what is wrong in it.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) errors: Errors,
}

impl SourceFile {
    /// Its errors in the order of their places; it has none afterwards.
    fn errors(&self) -> Vec<Diagnostic> {
        let mut errors: Vec<_> = self.errors.drain().iter().map(|error| self.diagnostic(error)).collect();
        errors.sort_by_key(|error| error.span.start);
        errors.dedup();
        errors
    }

    fn diagnostic(&self, error: &Error) -> Diagnostic {
        let start = error.span.start.byte_range();
        let end = error.span.end.byte_range().end.max(start.end);
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
            message: error.message.clone(),
            label: error.label.clone(),
            help: error.help.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
