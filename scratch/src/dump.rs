//! What pg_dump prints of a database.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::ScratchError;

/// The schema of a database as pg_dump prints it: its lines, but for comments and blank ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump(Vec<String>);

impl Dump {
    pub(crate) fn of(program: &Path, url: &str, arguments: &[&str]) -> Result<Dump, ScratchError> {
        let mut command = Command::new(program);
        command.args(["--schema-only", "--no-owner", "--dbname", url]).args(arguments).stdin(Stdio::null());
        let output = command.output().map_err(ScratchError::when(format!("run {}", program.display())))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            return Err(ScratchError::Failed(format!("pg_dump fails: {}", message.trim())));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        // Newer versions print a random key with `\restrict`.
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with(['-', '\\']));
        Ok(Dump(lines.map(str::to_owned).collect()))
    }

    /// The lines that only `found` has, each after `found `, and those that it lacks, each after `missing `. Their order does not
    /// count, since a column that comes back comes last.
    pub fn difference(&self, found: &Dump) -> Vec<String> {
        difference(&self.sorted(), &found.sorted())
    }

    /// Its lines, sorted, without the commas at their ends.
    pub fn sorted(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.0.iter().map(|line| line.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        lines
    }
}

/// The lines that only one of two sorted texts has, or has more often.
pub fn difference(wanted: &[String], found: &[String]) -> Vec<String> {
    let (mut wanted, mut found) = (wanted.iter().peekable(), found.iter().peekable());
    let mut lines = Vec::new();
    loop {
        let order = match (found.peek(), wanted.peek()) {
            (Some(found), Some(wanted)) => found.cmp(wanted),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return lines,
        };
        let extra = if order.is_le() { found.next() } else { None };
        let missing = if order.is_ge() { wanted.next() } else { None };
        match (extra, missing) {
            (Some(line), None) => lines.push(format!("found   {}", line.trim())),
            (None, Some(line)) => lines.push(format!("missing {}", line.trim())),
            _ => {}
        }
    }
}
