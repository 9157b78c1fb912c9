//! What a transfer did: for people and for machines.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::progress::{duration, grouped, megabytes};
use crate::reject::RejectSummary;

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything is loaded, and all constraints and indexes are restored.
    Complete,
    /// It had ended before: nothing was left to do.
    AlreadyComplete,
    /// Everything is loaded, but not every constraint and index is restored.
    Incomplete,
    /// It was asked to stop and can be resumed.
    Interrupted,
}

/// What became of one collection, earlier runs of the same transfer included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionReport {
    /// Its name.
    pub collection: String,
    /// Documents read, malformed ones counted.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Entries made in `whimbrel.rejects` while loading.
    pub rejects: u64,
    /// Rows written, by table.
    pub rows: BTreeMap<String, u64>,
}

/// A transfer's report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TransferReport {
    /// The transfer's number in `whimbrel.transfers`.
    pub transfer: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// What was read, described without passwords.
    pub source: String,
    /// Whether this run continued an earlier one.
    pub resumed: bool,
    /// How many connections loaded side by side.
    pub jobs: usize,
    /// How long this run took, in seconds.
    pub seconds: f64,
    /// How long of it was loading.
    pub load_seconds: f64,
    /// Rows written by this run, while loading.
    pub loaded_rows: u64,
    /// What became of each collection.
    pub collections: Vec<CollectionReport>,
    /// Rows that were moved to `whimbrel.rejects` because they violate a constraint, by table; this run only.
    pub quarantined: BTreeMap<String, u64>,
    /// Everything that could not become a row, by reason.
    pub rejects: Vec<RejectSummary>,
    /// How many constraints and indexes were dropped and triggers disabled.
    pub dropped: i64,
    /// How many of them are restored.
    pub restored: i64,
    /// Constraints and indexes that stayed in place while rows were loaded, since something depends on them.
    pub kept: Vec<String>,
    /// Collections of the source that no transform reads.
    pub unread: Vec<String>,
    /// Collections that transforms read and the source does not have.
    pub absent: Vec<String>,
    /// What the source holds but does not hand out.
    pub notes: Vec<String>,
    /// Constraints and indexes that could not be restored, and why.
    pub problems: Vec<String>,
}

impl TransferReport {
    /// How many rejects there are.
    pub fn rejected(&self) -> i64 {
        self.rejects.iter().map(|summary| summary.count).sum()
    }

    /// The exit code: 0 when everything is done, 1 when a constraint is not restored, 2 when it was
    /// interrupted.
    pub fn exit_code(&self) -> u8 {
        match self.outcome {
            Outcome::Complete | Outcome::AlreadyComplete => 0,
            Outcome::Incomplete => 1,
            Outcome::Interrupted => 2,
        }
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// `out` cannot be written to.
    pub fn render(&self, out: &mut dyn Write) -> io::Result<()> {
        self.headline(out)?;
        self.render_tables(out)?;
        self.render_rejects(out)?;
        for (what, names) in [
            ("no transform reads these collections", &self.unread),
            ("the source does not have these collections", &self.absent),
            ("stayed in place while loading", &self.kept),
        ] {
            if !names.is_empty() {
                writeln!(out, "{YELLOW}note:{YELLOW:#} {what}: {}", names.join(", "))?;
            }
        }
        for note in &self.notes {
            writeln!(out, "{YELLOW}note:{YELLOW:#} {note}")?;
        }
        for problem in &self.problems {
            writeln!(out, "{RED}error:{RED:#} not restored: {problem}")?;
        }
        if self.outcome == Outcome::Interrupted {
            writeln!(out, "hint: the same command with --resume continues; --clean starts anew")?;
        }
        Ok(())
    }

    fn headline(&self, out: &mut dyn Write) -> io::Result<()> {
        let time = duration(Duration::from_secs_f64(self.seconds.max(0.0)));
        match self.outcome {
            Outcome::Complete => {
                writeln!(out, "{GREEN}transfer {} is complete{GREEN:#} after {time}", self.transfer)
            }
            Outcome::AlreadyComplete => {
                writeln!(
                    out,
                    "{GREEN}transfer {} was complete already{GREEN:#}: nothing left to do",
                    self.transfer
                )
            }
            Outcome::Incomplete => writeln!(
                out,
                "{RED}transfer {} is loaded, but {} of {} constraints and indexes are not restored{RED:#} after {time}",
                self.transfer,
                self.dropped - self.restored,
                self.dropped
            ),
            Outcome::Interrupted => {
                writeln!(out, "{YELLOW}transfer {} was interrupted{YELLOW:#} after {time}", self.transfer)
            }
        }
    }

    fn render_tables(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = self.collections.iter().map(|entry| entry.collection.chars().count()).max().unwrap_or(0);
        for entry in &self.collections {
            let rows: Vec<String> =
                entry.rows.iter().map(|(table, rows)| format!("{table} {}", grouped(*rows))).collect();
            let rejects = match entry.rejects {
                0 => String::new(),
                count => format!("  {YELLOW}{} rejected{YELLOW:#}", grouped(count)),
            };
            writeln!(
                out,
                "  {:width$}  {:>12} documents  {:>9}  ->  {}{rejects}",
                entry.collection,
                grouped(entry.documents),
                megabytes(entry.bytes),
                if rows.is_empty() { "no rows".to_owned() } else { rows.join(", ") },
            )?;
        }
        if self.load_seconds > 0.0 && self.loaded_rows > 0 {
            let speed = self.loaded_rows as f64 / self.load_seconds;
            writeln!(out, "  {} rows loaded at {} rows/s", grouped(self.loaded_rows), grouped(speed as u64))?;
        }
        for (table, count) in &self.quarantined {
            writeln!(
                out,
                "  {YELLOW}{} rows of {table} violate a constraint and were moved to whimbrel.rejects{YELLOW:#}",
                grouped(*count)
            )?;
        }
        Ok(())
    }

    fn render_rejects(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rejects.is_empty() {
            return Ok(());
        }
        let total = u64::try_from(self.rejected()).unwrap_or(0);
        writeln!(
            out,
            "{YELLOW}{} rejects{YELLOW:#}, kept in whimbrel.rejects with their documents:",
            grouped(total)
        )?;
        for summary in &self.rejects {
            let place = match &summary.table {
                Some(table) => format!("{} -> {table}", summary.collection),
                None => summary.collection.clone(),
            };
            let count = grouped(u64::try_from(summary.count).unwrap_or(0));
            writeln!(out, "  {count:>9}  {BOLD}{}{BOLD:#}  {place}", summary.code)?;
            let path = summary.example_path.as_deref().filter(|path| !path.is_empty());
            let path = path.map(|path| format!("{path}: ")).unwrap_or_default();
            let id = summary.example_document.as_deref().map(|id| format!("_id {id}: ")).unwrap_or_default();
            writeln!(out, "             for example {id}{path}{}", summary.example)?;
        }
        Ok(())
    }
}

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();
