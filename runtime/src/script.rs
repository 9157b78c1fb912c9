//! A migration file as statements: where each begins and ends, and what a migrator must know about it.

mod inspect;
mod scan;

pub(crate) use inspect::Probe;
pub use inspect::Unsupported;

use whimbrel_schema::render::REPEATABLE;
use whimbrel_syntax::lex::Token;

/// One statement of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Its text from its first token on, without the semicolon.
    pub text: &'a str,
    /// The byte at which it begins.
    pub start: usize,
    /// The byte after its semicolon, or the end of the file.
    pub(crate) end: usize,
    /// Its words, names, strings and signs, without comments.
    pub tokens: Vec<Token<'a>>,
}

/// A file and its statements.
#[derive(Debug, Clone)]
pub struct Script<'a> {
    pub(crate) sql: &'a str,
    pub statements: Vec<Statement<'a>>,
}

impl<'a> Script<'a> {
    /// Splits a file as psql does: at semicolons outside of strings, quoted names, dollar quotes, comments,
    /// parentheses and `BEGIN ATOMIC … END` bodies.
    pub fn parse(sql: &'a str) -> Self {
        Script { sql, statements: scan::statements(sql) }
    }

    /// Whether a statement (an index from 0) can simply run again where it was interrupted: a comment before it says so.
    pub(crate) fn is_repeatable(&self, at: usize) -> bool {
        let before = self.prefix(at).len();
        let comments = self.statements.get(at).and_then(|statement| self.sql.get(before..statement.start));
        comments.is_some_and(|comments| comments.lines().any(|line| line.trim() == REPEATABLE))
    }

    /// The line and column (from 1) of a byte.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.sql.get(..byte).unwrap_or(self.sql);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The text up to the end of the statement before the given one (an index from 0).
    pub(crate) fn prefix(&self, done: usize) -> &'a str {
        let end = done.checked_sub(1).and_then(|last| self.statements.get(last)).map_or(0, |last| last.end);
        self.sql.get(..end).unwrap_or_default()
    }
}
