//! `verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use whimbrel::Hint as _;

use super::{
    DIFFERENT, MaxRejects, OK, OutputArgs, SourceArgs, jobs, print_json, printable, progress, render_verify,
    report_error, target,
};
use crate::verify::{Verify, VerifyReport};

/// `verify`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(
    after_help = "Exit code 1: the two sides differ, or more rows were rejected than --max-rejects.\n\n\
                  Example: verify --from dump/ --max-rejects 100"
)]
pub struct VerifyArgs {
    /// Both ends.
    #[command(flatten)]
    pub source: SourceArgs,
    /// How many threads read the source; otherwise as many as there are processors, 4 at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// How many differences of each table are described
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub differences: usize,
    /// How many rejected rows are acceptable: a number, or `all`
    #[arg(long, value_name = "N|all", default_value = "0")]
    pub max_rejects: MaxRejects,
    /// Write the report as JSON into FILE
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Runs it; gives the exit code.
pub(super) async fn run(command: &VerifyArgs, output: &OutputArgs) -> Result<u8, u8> {
    let target = target(command.source.to.as_ref())?;
    let source = command.source.open().await?;
    let verify = Verify::new(source, target)
        .only(&command.source.only)
        .ignore(&command.source.ignore)
        .jobs(jobs(command.jobs))
        .differences(command.differences)
        .max_rejects(command.max_rejects.0)
        .progress(progress(output.quiet, output.verbose > 0));
    let report = verify.run().await.map_err(|error| report_error(&error, error.hint()))?;
    show(&report, command, output)
}

fn show(report: &VerifyReport, command: &VerifyArgs, output: &OutputArgs) -> Result<u8, u8> {
    if !output.quiet || !report.ok {
        // If stderr cannot be written to, there is still the exit code.
        anstream::stderr().write_all(printable(&render_verify(report), true).as_bytes()).ok();
    }
    if let Some(file) = &command.report
        && let Err(error) = write(report, file)
    {
        return Err(report_error(&format!("cannot write the report to {}: {error}", file.display()), None));
    }
    if output.json {
        print_json(report)?;
    }
    Ok(if report.ok { OK } else { DIFFERENT })
}

fn write(report: &VerifyReport, file: &Path) -> std::io::Result<()> {
    std::fs::write(file, serde_json::to_string_pretty(report)? + "\n")
}
