//! `verify`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use sqlx::postgres::PgPoolOptions;
use whimbrel::Hint as _;

use super::{DIFFERENT, FINE, From, Global, complain, jobs};
use crate::progress;
use crate::verify::{VerifyError, VerifyOptions, VerifyReport, summary, verify};

/// `verify`
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// Both ends.
    #[command(flatten)]
    pub from: From,
    /// How many threads read the source; otherwise as many as there are processors, 4 at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// How many differences of each table are described; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub differences: usize,
    /// Write the report as JSON to FILE; without FILE, or for -, to stdout
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    pub json: Option<PathBuf>,
}

/// Runs it; gives the exit code.
pub async fn run(command: &VerifyArgs, global: &Global) -> u8 {
    match start(command, global).await {
        Ok(Ok(report)) => show(&report, command.json.as_deref(), global.voice.quiet),
        Ok(Err(error)) => complain(&error, error.hint()),
        Err(code) => code,
    }
}

async fn start(command: &VerifyArgs, global: &Global) -> Result<Result<VerifyReport, VerifyError>, u8> {
    let target = command.from.target(global)?;
    let source = command.from.open().await?;
    let options = VerifyOptions {
        progress: progress::for_stderr(global.voice.quiet, global.voice.verbose > 0),
        jobs: jobs(command.jobs),
        differences: command.differences,
        target: format!(
            "{} on {}",
            target.get_database().unwrap_or("the role's own database"),
            target.get_socket().map_or_else(|| target.get_host().into(), |socket| socket.to_string_lossy())
        ),
    };
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(target);
    let report = verify(source, &pool, &whimbrel::registry::transforms(), &options).await;
    pool.close().await;
    Ok(report)
}

fn show(report: &VerifyReport, json: Option<&Path>, quiet: bool) -> u8 {
    if !quiet || !report.ok {
        // When nobody reads stderr, the exit code still speaks.
        anstream::stderr().write_all(summary(report).as_bytes()).ok();
    }
    if let Some(file) = json
        && let Err(error) = write(report, file)
    {
        return complain(&format!("cannot write the report to {}: {error}", file.display()), None);
    }
    if report.ok { FINE } else { DIFFERENT }
}

fn write(report: &VerifyReport, file: &Path) -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    if file == Path::new("-") {
        writeln!(std::io::stdout(), "{text}")
    } else {
        std::fs::write(file, text + "\n")
    }
}
