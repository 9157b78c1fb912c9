//! A transfer's report for people.

use std::fmt::{self, Write as _};
use std::time::Duration;

use comfy_table::{Cell, CellAlignment};
use indicatif::{DecimalBytes, HumanCount};

use super::MaxRejects;
use super::format::{counted, duration, number, table};
use super::printable;
use super::style::{DONE, ERROR, HINT, STRONG, WARNING};
use crate::fields;
use crate::outcome::{Outcome, TransferReport};

/// The report for people, with ANSI colours.
pub fn render_transfer(report: &TransferReport) -> String {
    let mut out = String::new();
    // A String takes everything.
    let _ = headline(report, &mut out)
        .and_then(|()| tables(report, &mut out))
        .and_then(|()| rejects(report, &mut out))
        .and_then(|()| rest(report, &mut out));
    out
}

fn rest(report: &TransferReport, out: &mut String) -> fmt::Result {
    for line in fields::lines(&report.findings) {
        writeln!(out, "{WARNING}fields:{WARNING:#} {}", printable(&line, false))?;
    }
    for (what, names) in [
        ("no transform reads these collections", &report.unread),
        ("the source does not have these collections", &report.absent),
        ("not dropped during the load", &report.not_dropped),
    ] {
        if !names.is_empty() {
            writeln!(out, "{WARNING}note:{WARNING:#} {what}: {}", printable(&names.join(", "), false))?;
        }
    }
    for note in &report.notes {
        writeln!(out, "{WARNING}note:{WARNING:#} {}", printable(note, false))?;
    }
    for object in &report.not_restored {
        writeln!(out, "{ERROR}error:{ERROR:#} not restored: {}", printable(object, false))?;
    }
    match report.outcome {
        Outcome::Interrupted => {
            writeln!(
                out,
                "{HINT}hint:{HINT:#} the same command with --resume continues; --clean starts over"
            )?;
        }
        Outcome::TooManyRejects => {
            writeln!(
                out,
                "{HINT}hint:{HINT:#} --resume with a higher --max-rejects, or without --fail-fast, continues; \
                 --clean starts over"
            )?;
        }
        Outcome::Complete | Outcome::AlreadyComplete | Outcome::Incomplete => {}
    }
    MaxRejects(report.max_rejects).last_line(report.rejected().unsigned_abs(), out)
}

fn headline(report: &TransferReport, out: &mut String) -> fmt::Result {
    let time = duration(Duration::from_secs_f64(report.seconds.max(0.0)));
    let id = report.transfer;
    match report.outcome {
        Outcome::Complete => writeln!(out, "{DONE}transfer {id} is complete{DONE:#} after {time}"),
        Outcome::AlreadyComplete => {
            writeln!(out, "{DONE}transfer {id} was already complete{DONE:#}: nothing left to do")
        }
        Outcome::Incomplete => writeln!(
            out,
            "{ERROR}transfer {id} has loaded its rows, but {} of {} constraints and indexes could not be \
             restored{ERROR:#} after {time}",
            report.dropped - report.restored,
            report.dropped
        ),
        Outcome::TooManyRejects => {
            writeln!(out, "{ERROR}transfer {id} was stopped{ERROR:#} after {time}: too many rejects")
        }
        Outcome::Interrupted => {
            writeln!(out, "{WARNING}transfer {id} was interrupted{WARNING:#} after {time}")
        }
    }
}

fn tables(report: &TransferReport, out: &mut String) -> fmt::Result {
    let mut lines = table(["collection", "documents", "bytes", "rejected", "rows"]);
    for entry in &report.collections {
        let rows: Vec<String> =
            entry.rows.iter().map(|(table, rows)| format!("{table} {}", HumanCount(*rows))).collect();
        lines.add_row([
            Cell::new(printable(&entry.collection, false)),
            number(entry.documents),
            Cell::new(DecimalBytes(entry.bytes)).set_alignment(CellAlignment::Right),
            number(entry.rejects),
            Cell::new(rows.join(", ")),
        ]);
    }
    writeln!(out, "{lines}")?;
    if report.load_seconds > 0.0 && report.loaded_rows > 0 {
        let speed = HumanCount((report.loaded_rows as f64 / report.load_seconds) as u64);
        writeln!(out, "  {} loaded at {speed} rows/s", counted(report.loaded_rows, "row"))?;
    }
    for (table, count) in &report.quarantined {
        let rows = counted(*count, "row");
        writeln!(
            out,
            "  {WARNING}{rows} of {table} moved to whimbrel.rejects: a constraint is violated{WARNING:#}"
        )?;
    }
    Ok(())
}

fn rejects(report: &TransferReport, out: &mut String) -> fmt::Result {
    if report.rejects.is_empty() {
        return Ok(());
    }
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    let total = counted(count(report.rejected()), "reject");
    writeln!(out, "{WARNING}{total}{WARNING:#}, in whimbrel.rejects with their documents:")?;
    for summary in &report.rejects {
        let place = match &summary.table {
            Some(table) => format!("{} -> {table}", summary.collection),
            None => summary.collection.clone(),
        };
        let count = HumanCount(count(summary.count)).to_string();
        writeln!(out, "  {count:>9}  {STRONG}{}{STRONG:#}  {}", summary.code, printable(&place, false))?;
        let path = summary.example_path.as_deref().filter(|path| !path.is_empty());
        let path = path.map(|path| format!("{path}: ")).unwrap_or_default();
        let id = summary.example_document.as_deref().map(|id| format!("_id {id}: ")).unwrap_or_default();
        let example = printable(&format!("{id}{path}{}", summary.example), false);
        writeln!(out, "             for example {example}")?;
    }
    Ok(())
}
