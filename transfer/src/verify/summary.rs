//! The report for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::progress::grouped;
use crate::verify::report::{Difference, TableReport, VerifyReport};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

/// The report in some lines, with ANSI colours; a stream that is no terminal takes them out.
pub fn summary(report: &VerifyReport) -> String {
    let mut text = String::new();
    let _ = tables(&mut text, report)
        .and_then(|()| references(&mut text, report))
        .and_then(|()| rejects(&mut text, report))
        .and_then(|()| rest(&mut text, report))
        .and_then(|()| verdict(&mut text, report));
    text
}

fn mark(ok: bool) -> String {
    if ok { format!("{GOOD}ok{GOOD:#}        ") } else { format!("{BAD}DIFFERENT{BAD:#} ") }
}

fn tables(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let width = report.tables.iter().map(|table| table.table.chars().count()).max().unwrap_or(0).max(5);
    writeln!(
        text,
        "{DIM}{:10}{:width$}  {:>12} {:>9} {:>12} {:>14}{DIM:#}",
        "", "table", "source", "refused", "PostgreSQL", "values"
    )?;
    for table in &report.tables {
        writeln!(
            text,
            "{}{:width$}  {:>12} {:>9} {:>12} {:>14}",
            mark(table.ok()),
            table.table,
            grouped(table.source_rows),
            grouped(table.refused_rows),
            grouped(table.target_rows),
            grouped(table.values)
        )?;
        differences(text, table)?;
    }
    Ok(())
}

fn differences(text: &mut String, table: &TableReport) -> std::fmt::Result {
    if table.differing_ranges == 0 {
        return Ok(());
    }
    let found = table.found;
    writeln!(
        text,
        "          {} missing, {} extra, {} changed in {} of {} differing key ranges",
        found.missing, found.extra, found.changed, table.narrowed_ranges, table.differing_ranges
    )?;
    for difference in &table.differences {
        match difference {
            Difference::Missing { key } => {
                writeln!(text, "          {BAD}-{BAD:#} {key} is not in PostgreSQL")?
            }
            Difference::Extra { key } => {
                writeln!(text, "          {BAD}+{BAD:#} {key} is not in the source")?
            }
            Difference::Changed { key, column, expected, found } => writeln!(
                text,
                "          {BAD}~{BAD:#} {key}: {column} should be {expected}, PostgreSQL has {found}"
            )?,
        }
    }
    Ok(())
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
        let enforced = if key.enforced { "" } else { "; the constraint does not stand or is not validated" };
        writeln!(
            text,
            "          {BAD}~{BAD:#} {} on {}: {} rows refer to no row of {}{enforced}",
            key.name, key.table, key.dangling, key.references
        )?;
    }
    Ok(())
}

fn rejects(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let rejects = &report.rejects;
    writeln!(
        text,
        "{}rejects: {} of {} kept byte for byte, {} rows refused by constraints, {} unexplained",
        mark(rejects.ok()),
        rejects.recorded,
        rejects.expected,
        rejects.refused,
        rejects.unexplained
    )?;
    rejects
        .missing
        .iter()
        .try_for_each(|lost| writeln!(text, "          {BAD}-{BAD:#} {lost}, and not in whimbrel.rejects"))
}

fn rest(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    for problem in &report.structure {
        writeln!(text, "{}{}: {}", mark(false), problem.table, problem.problem)?;
    }
    for place in &report.unreadable {
        writeln!(text, "{}the source breaks off: {place}", mark(false))?;
    }
    for note in &report.notes {
        writeln!(text, "{WARN}note{WARN:#}      {note}")?;
    }
    for collection in &report.uncovered {
        let documents = collection.documents.map(|count| format!(" ({count} documents)")).unwrap_or_default();
        writeln!(
            text,
            "{WARN}not read{WARN:#}  collection {}{documents}: no transform takes it",
            collection.collection
        )?;
    }
    for collection in &report.absent {
        writeln!(text, "{WARN}absent{WARN:#}    collection {collection}: the source does not have it")?;
    }
    Ok(())
}

fn verdict(text: &mut String, report: &VerifyReport) -> std::fmt::Result {
    let rows: u64 = report.tables.iter().map(|table| table.target_rows).sum();
    let values: u64 = report.tables.iter().map(|table| table.values).sum();
    if report.ok {
        writeln!(
            text,
            "{GOOD}verified{GOOD:#}: {} rows, {} values, all equal",
            grouped(rows),
            grouped(values)
        )
    } else {
        writeln!(text, "{BAD}not verified{BAD:#}: the two sides differ")
    }
}
