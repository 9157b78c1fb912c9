//! `transfer`.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::{
    MaxRejects, OutputArgs, SourceArgs, abort, jobs, print_json, printable, progress, render_transfer,
    report_error, signals, target,
};
use crate::error::Remedies;
use crate::outcome::TransferReport;
use crate::run::{Mode, Transfer, WAIT};
use tokio_util::sync::CancellationToken;

/// `transfer`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(
    mut_arg("from", |from| {
        from.required(false).default_value("").hide_default_value(true).required_unless_present("abort")
    }),
    after_help = "Exit code 1: more rows were rejected than --max-rejects, or a constraint was not restored.\n\n\
                  Examples:\n  \
                  transfer --from dump/ --max-rejects 100 --fail-fast\n  \
                  transfer --abort"
)]
pub struct TransferArgs {
    /// Both ends.
    #[command(flatten)]
    pub source: SourceArgs,
    /// Continue an interrupted transfer after its last checkpoint
    #[arg(long, conflicts_with = "clean")]
    pub resume: bool,
    /// Empty the target tables, forget an earlier transfer, start over
    #[arg(long)]
    pub clean: bool,
    /// Give an interrupted transfer up: restore the constraints and indexes it dropped, and close it; rows stay
    #[arg(long, conflicts_with_all = ["resume", "clean"])]
    pub abort: bool,
    /// How many rejected rows are acceptable: a number, or `all`
    #[arg(long, value_name = "N|all", default_value = "0")]
    pub max_rejects: MaxRejects,
    /// Stop loading as soon as more rows are rejected than acceptable
    #[arg(long)]
    pub fail_fast: bool,
    /// How many seconds to wait while another transfer or a migration is at work
    #[arg(long, value_name = "SECONDS", default_value_t = WAIT.as_secs())]
    pub wait: u64,
    /// How many connections load side by side; otherwise as many as there are processors, 4 at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

impl TransferArgs {
    fn mode(&self) -> Mode {
        match (self.resume, self.clean) {
            (true, _) => Mode::Resume,
            (false, true) => Mode::Clean,
            (false, false) => Mode::Fresh,
        }
    }
}

/// Runs it; gives the exit code.
pub(super) async fn run(command: &TransferArgs, output: &OutputArgs) -> Result<u8, u8> {
    let target = target(command.source.to.as_ref())?;
    if command.abort {
        return abort::run(target, Duration::from_secs(command.wait), output).await;
    }
    let source = command.source.open().await?;
    let stop = CancellationToken::new();
    let signals = signals::watch(stop.clone(), "continue with --resume");
    let result = Transfer::new(source, target)
        .ignore(&command.source.ignore)
        .only(&command.source.only)
        .mode(command.mode())
        .jobs(jobs(command.jobs))
        .max_rejects(command.max_rejects.0)
        .fail_fast(command.fail_fast)
        .wait(Duration::from_secs(command.wait))
        .stop(stop)
        .progress(progress(output.quiet, output.verbose > 0))
        .run()
        .await;
    signals.abort();
    show(&result.map_err(|error| report_error(&error, error.remedy(&REMEDIES)))?, output)
}

pub(super) const REMEDIES: Remedies = Remedies {
    resume: "--resume",
    clean: "--clean",
    abort: "--abort",
    wait: "--wait SECONDS",
    again: "continue with --resume",
};

fn show(report: &TransferReport, output: &OutputArgs) -> Result<u8, u8> {
    if !output.quiet || report.exit_code() != 0 {
        // If stderr cannot be written to, there is still the exit code.
        anstream::stderr().write_all(printable(&render_transfer(report), true).as_bytes()).ok();
    }
    if output.json {
        print_json(report)?;
    }
    Ok(report.exit_code())
}
