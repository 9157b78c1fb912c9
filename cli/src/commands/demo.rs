//! `demo`: the whole path on a scratch PostgreSQL. Nothing need be installed or configured.

mod steps;

use std::path::{Path, PathBuf};

use comfy_table::Cell;
use serde::Serialize;
use whimbrel_transfer::terminal::{number, table};

use crate::args::Demo;
use crate::connect;
use crate::failure::{Failure, Outcome};
use crate::output::Output;

pub fn run(command: &Demo, output: &Output) -> Result<Outcome, Failure> {
    let temporary = tempfile::tempdir()
        .map_err(|error| Failure::new("no temporary folder can be made").caused_by(&error))?;
    let folder = command.keep.clone().unwrap_or_else(|| temporary.path().join("crm"));
    let mut steps = steps::Steps::new(command, folder, output);
    let report = connect::block_on(steps.run())?;
    show(&report, output);
    next(command, &report, output);
    output.json(&report);
    Ok(if report.ok { Outcome::FINE } else { Outcome::DIFFERENCE })
}

fn next(command: &Demo, report: &Report, output: &Output) {
    output.heading("To try next");
    if command.keep.is_none() {
        output.print("  whimbrel demo --keep crm-dump            keep the dump, to transfer it yourself");
    }
    let dump = command.keep.as_deref().unwrap_or(Path::new("crm-dump")).display().to_string();
    output.print(format!(
        "  whimbrel generate --check                are the migrations of examples/crm up to date?
  export DATABASE_URL=postgres://user:password@localhost/crm
  whimbrel migrate --dry-run               the SQL, before anything is changed
  whimbrel migrate
  whimbrel transfer --from {dump:<16} move it
  whimbrel verify --from {dump:<18} compare it
(`cargo run -p cli --` in place of `whimbrel`, where it is not installed)"
    ));
    if report.ok {
        output.done("\nDone", format!("in {:.1} s; the scratch PostgreSQL is removed.", report.seconds));
    }
}

#[derive(Debug, Clone, Serialize)]
pub struct Step {
    name: &'static str,
    what: String,
    seconds: f64,
}

#[derive(Debug, Clone, Serialize)]
pub struct TableReport {
    table: String,
    expected: u64,
    arrived: u64,
}

/// Rows that did not arrive, of one kind.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RejectReport {
    table: String,
    code: String,
    expected: u64,
    rejected: u64,
    example: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    ok: bool,
    server: String,
    documents: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dump: Option<PathBuf>,
    steps: Vec<Step>,
    tables: Vec<TableReport>,
    rejects: Vec<RejectReport>,
    verified: bool,
    seconds: f64,
}

/// Shows what happened in two short tables on stdout, unless machines read it.
fn show(report: &Report, output: &Output) {
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
