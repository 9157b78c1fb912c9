//! `transfer`.

use std::io::Write;

use clap::Args;

use super::{From, Global, complain, hint_for, jobs, signals};
use crate::error::TransferError;
use crate::outcome::TransferReport;
use crate::progress;
use crate::run::{Mode, Transfer};
use crate::stop::Stop;

/// `transfer`
#[derive(Debug, Clone, Args)]
pub struct TransferArgs {
    /// Both ends.
    #[command(flatten)]
    pub from: From,
    /// Go on where an interrupted transfer ended
    #[arg(long, conflicts_with = "clean")]
    pub resume: bool,
    /// Empty the target tables, forget an earlier transfer, start anew
    #[arg(long)]
    pub clean: bool,
    /// How many connections load side by side; otherwise as many as there are processors, 4 at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Print the report as JSON on stdout
    #[arg(long)]
    pub json: bool,
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
pub async fn run(command: &TransferArgs, global: &Global) -> u8 {
    match start(command, global).await {
        Ok(Ok(report)) => show(&report, command.json, global.voice.quiet),
        Ok(Err(error)) => complain(&error, hint_for(&error)),
        Err(code) => code,
    }
}

async fn start(command: &TransferArgs, global: &Global) -> Result<Result<TransferReport, TransferError>, u8> {
    let target = command.from.target(global)?;
    let source = command.from.open().await?;
    let stop = Stop::new();
    let signals = signals::watch(stop.clone());
    let result = Transfer::builder()
        .source(source)
        .target(target)
        .mode(command.mode())
        .jobs(jobs(command.jobs))
        .stop(stop)
        .progress(progress::for_stderr(global.voice.quiet, global.voice.verbose > 0))
        .run()
        .await;
    signals.abort();
    Ok(result)
}

fn show(report: &TransferReport, json: bool, quiet: bool) -> u8 {
    let written =
        if quiet && report.problems.is_empty() { Ok(()) } else { report.render(&mut anstream::stderr()) };
    // When nobody reads stderr, the exit code still speaks.
    written.ok();
    if json {
        let printed = serde_json::to_string_pretty(report)
            .map_err(std::io::Error::other)
            .and_then(|text| writeln!(std::io::stdout(), "{text}"));
        if let Err(error) = printed {
            return complain(&format!("cannot write the report to stdout: {error}"), None);
        }
    }
    report.exit_code()
}
