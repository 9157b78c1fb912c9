//! The report for people.

use std::fmt::Write as _;

use comfy_table::Cell;
use indicatif::HumanCount;

use super::format::{counted, number, table};
use super::style::{DONE, ERROR, STRONG, WARNING};
use super::{MaxRejects, printable};
use crate::fields;
use crate::verify::{Counts, Difference, TableReport, VerifyReport};

const EQUAL: &str = "ok";
const DIFFERENT: &str = "DIFFERENT";

/// The report in some lines, with ANSI colours.
pub fn render_verify(report: &VerifyReport) -> String {
    let mut text = String::new();
    let _ = tables(&mut text, report)
        .and_then(|()| references(&mut text, report))
        .and_then(|()| rejects(&mut text, report))
        .and_then(|()| rest(&mut text, report))
        .and_then(|()| verdict(&mut text, report))
        .and_then(|()| MaxRejects(report.max_rejects).last_line(report.rejected(), &mut text));
    text
}

fn mark(ok: bool) -> String {
    if ok { format!("{DONE}{EQUAL}{DONE:#}: ") } else { format!("{ERROR}{DIFFERENT}{ERROR:#}: ") }
}

fn tables(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let mut lines = table(["", "table", "source", "refused", "PostgreSQL", "values"]);
    for table in &report.tables {
        lines.add_row([
            Cell::new(if table.ok() { EQUAL } else { DIFFERENT }),
            Cell::new(&table.table),
            number(table.source_rows),
            number(table.refused_rows),
            number(table.target_rows),
            number(table.values),
        ]);
    }
    // A cell is plain text: its colour comes after its width was measured.
    for line in lines.lines() {
        let (mark, rest) = line.split_at(line.find(DIFFERENT).map_or(0, |at| at + DIFFERENT.len()));
        writeln!(text, "{ERROR}{mark}{ERROR:#}{}", rest.trim_end())?;
    }
    report.tables.iter().try_for_each(|table| differences(text, table))
}

fn differences(text: &mut String, table: &TableReport) -> std::fmt::Result {
    if table.differing_ranges == 0 {
        return Ok(());
    }
    let Counts { missing, extra, changed } = table.found;
    let (looked, all) = (table.compared_ranges, table.differing_ranges);
    let found = format!("{missing} missing, {extra} extra, {changed} changed");
    write!(text, "{STRONG}{}{STRONG:#}: ", table.table)?;
    if looked == all {
        writeln!(text, "{found}")?;
    } else {
        writeln!(text, "at least {found}; {looked} of {all} differing key ranges were compared row by row")?;
    }
    for difference in &table.differences {
        let (sign, line) = match difference {
            Difference::Missing { key, document } => {
                ('-', format!("{key}{} is not in PostgreSQL", of(document)))
            }
            Difference::Extra { key } => ('+', format!("{key} is not in the source")),
            Difference::Changed { key, document, column, expected, found } => {
                let of = of(document);
                ('~', format!("{key}{of}: {column} should be {expected}, PostgreSQL has {found}"))
            }
        };
        writeln!(text, "  {ERROR}{sign}{ERROR:#} {}", printable(&line, false))?;
    }
    Ok(())
}

/// The document that a row comes from.
fn of(document: &Option<String>) -> String {
    document.as_ref().map(|id| format!(" (_id {id})")).unwrap_or_default()
}

fn references(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let broken: Vec<_> = report.foreign_keys.iter().filter(|key| !key.enforced || key.dangling > 0).collect();
    let all = report.foreign_keys.len();
    writeln!(
        text,
        "{}foreign keys: {} of {all} hold and are enforced",
        mark(broken.is_empty()),
        all - broken.len()
    )?;
    for key in broken {
        let enforced = if key.enforced { "" } else { "; the constraint is missing or not validated" };
        writeln!(
            text,
            "  {ERROR}~{ERROR:#} {} on {}: {} without a row of {} to refer to{enforced}",
            key.name,
            key.table,
            counted(key.dangling, "row"),
            key.references
        )?;
    }
    Ok(())
}

fn rejects(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let rejects = &report.rejects;
    writeln!(
        text,
        "{}rejects: {} of {} are in whimbrel.rejects byte for byte, {} refused by constraints, {} unexplained",
        mark(rejects.ok()),
        HumanCount(rejects.recorded),
        HumanCount(rejects.expected),
        counted(rejects.refused, "row"),
        HumanCount(rejects.unexplained)
    )?;
    rejects.missing.iter().try_for_each(|lost| {
        writeln!(text, "  {ERROR}-{ERROR:#} {}, and not in whimbrel.rejects", printable(lost, false))
    })
}

fn rest(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    for finding in &report.structure {
        writeln!(text, "{}{}: {}", mark(false), finding.table, printable(&finding.finding, false))?;
    }
    for place in &report.unreadable {
        writeln!(text, "{}the source breaks off: {}", mark(false), printable(place, false))?;
    }
    let unread = report.unread.iter().map(|unread| {
        let documents = unread.documents.map(|count| format!(" ({})", counted(count, "document")));
        format!("collection {}{}: no transform reads it", unread.collection, documents.unwrap_or_default())
    });
    for line in fields::lines(&report.findings) {
        writeln!(text, "{ERROR}fields:{ERROR:#} {}", printable(&line, false))?;
    }
    let absent = report.absent.iter().map(|name| format!("collection {name}: the source does not have it"));
    for note in report.notes.iter().cloned().chain(unread).chain(absent) {
        writeln!(text, "{WARNING}note:{WARNING:#} {}", printable(&note, false))?;
    }
    Ok(())
}

fn verdict(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let rows: u64 = report.tables.iter().map(|table| table.target_rows).sum();
    let values: u64 = report.tables.iter().map(|table| table.values).sum();
    let equal = report.is_equal();
    if equal && report.findings.is_empty() {
        writeln!(
            text,
            "{DONE}verified{DONE:#}: {}, {}, all equal{}",
            counted(rows, "row"),
            counted(values, "value"),
            if report.only.is_empty() { String::new() } else { format!("; only {}", report.only.join(", ")) }
        )
    } else {
        let why = match equal {
            true => "the two sides are equal, but fields of the source are not declared",
            false => "the two sides differ",
        };
        writeln!(text, "{ERROR}not verified{ERROR:#}: {why}")
    }
}
