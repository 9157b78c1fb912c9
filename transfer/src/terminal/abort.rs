//! `transfer --abort`.

use std::io::{self, Write};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::format::counted;
use super::printable;
use super::style::{DONE, ERROR, HINT, WARNING};
use super::transfer::REMEDIES;
use super::{OutputArgs, print_json, progress, report_error};
use crate::run::abort::{Abort, AbortReport};

/// Restores what the open transfer dropped, and closes it; gives the exit code.
pub(super) async fn run(target: PgConnectOptions, wait: Duration, output: &OutputArgs) -> Result<u8, u8> {
    let progress = progress(output.quiet, output.verbose > 0);
    let aborted = Abort::new(target).wait(wait).run(progress.as_ref()).await;
    let report = aborted.map_err(|error| report_error(&error, error.remedy(&REMEDIES)))?;
    let code = report.as_ref().map_or(0, AbortReport::exit_code);
    if !output.quiet || code != 0 {
        // If stderr cannot be written to, there is still the exit code.
        render(report.as_ref(), &mut anstream::stderr()).ok();
    }
    if output.json {
        print_json(&report)?;
    }
    Ok(code)
}

fn render(report: Option<&AbortReport>, out: &mut dyn Write) -> io::Result<()> {
    let Some(report) = report else { return writeln!(out, "no transfer is open: nothing to abort") };
    let id = report.transfer;
    for left in &report.left {
        writeln!(out, "{WARNING}warning:{WARNING:#} not restored: {}", printable(left, false))?;
    }
    for violation in &report.violated {
        writeln!(out, "{ERROR}error:{ERROR:#} not restored: {}", printable(&violation.to_string(), false))?;
    }
    let restored = counted(report.restored as u64, "object");
    if report.closed {
        return writeln!(out, "{DONE}transfer {id} is aborted{DONE:#}: {restored} restored; its rows stay");
    }
    writeln!(
        out,
        "{ERROR}transfer {id} is still open{ERROR:#}: {restored} restored; rows violate the others"
    )?;
    writeln!(
        out,
        "{HINT}hint:{HINT:#} correct or delete these rows and abort again; or --resume, which moves such rows to \
         whimbrel.rejects; or --clean, which deletes all rows and starts again"
    )
}
