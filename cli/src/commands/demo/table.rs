//! What happened, in two short tables.

use comfy_table::Cell;
use whimbrel_transfer::terminal::{number, table};

use super::Report;
use crate::output::Output;

/// Shows them on stdout, unless machines read it.
pub fn show(report: &Report, output: &Output) {
    if output.is_json() {
        return;
    }
    let mut arrived = table(["table", "rows expected", "rows loaded"]);
    for row in &report.tables {
        arrived.add_row([Cell::new(&row.table), number(row.expected), number(row.arrived)]);
    }
    output.data(format!("\n{arrived}\n"));
    let mut rejects = table(["rejected", "reason", "expected", "found", "example"]);
    for row in &report.rejects {
        rejects.add_row([
            Cell::new(if row.table.is_empty() { "(no table)" } else { &row.table }),
            Cell::new(&row.code),
            number(row.expected),
            number(row.rejected),
            Cell::new(shortened(&row.example)),
        ]);
    }
    output.data(rejects.to_string());
}

/// The first line, as far as it fits.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    line.chars().take(MOST - 1).chain(['…']).collect()
}
