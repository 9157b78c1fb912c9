//! What a program that links models can be told on its command line: `transfer` and `verify`.
//!
//! A production binary needs no cargo and three lines:
//!
//! ```no_run
//! // use my_models as _;
//! fn main() -> std::process::ExitCode {
//!     whimbrel_transfer::main()
//! }
//! ```

mod allocator;
mod signals;
mod transfer;
mod verify;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use sqlx::postgres::PgConnectOptions;
use whimbrel::redact::redact;
use whimbrel::{ConnectUrl, Hint as _};

pub use transfer::TransferArgs;
pub use verify::VerifyArgs;

use crate::error::{CONNECTING, TransferError};

/// Everything is as it should be.
pub const FINE: u8 = 0;
/// A difference or a failed check was found.
pub const DIFFERENT: u8 = 1;
/// It could not run, or not to its end.
pub const FAILED: u8 = 2;

/// Moves documents of an old system into PostgreSQL, and proves that they arrived.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Words go to stderr, data to stdout. Exit codes: 0 fine; 1 a difference or a failed check was \
                  found; 2 could not run, or was interrupted."
)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The PostgreSQL to work on
    #[arg(long, global = true, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<ConnectUrl>,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

/// How much is said, and how it looks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Voice {
    /// Say more; twice: say everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing but warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Move the data of another database into PostgreSQL
    Transfer(TransferArgs),
    /// Compare every value of the source with PostgreSQL
    Verify(VerifyArgs),
}

/// Runs the command line of this process: the `main` of a program that links models.
///
/// Exit code 0: fine; 1: a difference or a failed check was found; 2: it could not run, or was interrupted.
///
/// To be called first. On Linux with the GNU C library the program starts once more, as the same process, with
/// `glibc.malloc.mmap_threshold` in `GLIBC_TUNABLES`: otherwise every thread that has met documents of many megabytes
/// keeps as much memory. A program that calls [`run`] or [`crate::Transfer`] itself may set it for itself.
pub fn main() -> ExitCode {
    allocator::settle();
    run(std::env::args_os())
}

/// Runs a command line; the first argument is the program's name.
pub fn run<I, T>(arguments: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to stdout, bad usage to stderr; when nobody reads either, the exit code still speaks.
            error.print().ok();
            return ExitCode::from(if error.use_stderr() { FAILED } else { FINE });
        }
    };
    match arguments.global.voice.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return ExitCode::from(complain(&error, None)),
    };
    let code = runtime.block_on(async {
        match &arguments.command {
            Command::Transfer(command) => transfer::run(command, &arguments.global).await,
            Command::Verify(command) => verify::run(command, &arguments.global).await,
        }
    });
    // A reader that still waits for its source must not hold the process back.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Says what went wrong, and what to do about it.
fn complain(error: &dyn Display, hint: Option<String>) -> u8 {
    let mut out = anstream::stderr();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    // When nobody reads stderr, the exit code still speaks.
    writeln!(out, "{red}error:{red:#} {}", redact(&error.to_string())).ok();
    if let Some(hint) = hint {
        let green = anstyle::AnsiColor::Green.on_default();
        writeln!(out, "{green}hint:{green:#} {}", redact(&hint)).ok();
    }
    FAILED
}

/// What to do about it on the command line.
fn hint_for(error: &TransferError) -> Option<String> {
    let text = match error {
        TransferError::Connection { doing, .. } if doing != CONNECTING => {
            "committed rows are kept: when the server is back, continue with --resume"
        }
        TransferError::Database { .. } => {
            return error.hint().map(|hint| format!("{hint}; then continue with --resume"));
        }
        TransferError::Damaged { .. } => {
            "repair or replace the source and continue with --resume; everything before the damage is in the database"
        }
        TransferError::Shape { .. } => "bring the database up to date with `whimbrel migrate`",
        TransferError::NotEmpty { .. } => {
            "--resume continues an interrupted transfer; --clean empties these tables and starts again"
        }
        TransferError::Unfinished { .. } => "--resume continues it; --clean forgets it and starts again",
        TransferError::RowsGone { .. } => "start again with --clean, or abort the transfer",
        TransferError::OtherSource { .. } => {
            "give the same source again with --from, or start again with --clean"
        }
        TransferError::OtherTransforms { .. } => {
            "resume it with the program that began it; or abort it, migrate, and start again"
        }
        TransferError::CheckpointMoved { .. } => "continue with --resume",
        TransferError::NotFoundAgain { .. } => {
            "did the source change since it was read? Restore it and continue with --resume, or remove the rows by hand"
        }
        TransferError::Bookkeeping { .. } => {
            "was it written by another version of Whimbrel? Finish with that one, or start again with --clean"
        }
        other => return other.hint(),
    };
    Some(text.to_owned())
}

/// The most workers that are taken when nobody says how many: the server works, too.
const DEFAULT_JOBS: usize = 4;

/// As many workers as asked for, otherwise as there are processors, [`DEFAULT_JOBS`] at most.
fn jobs(asked: Option<u16>) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.map_or_else(|| processors().min(DEFAULT_JOBS), usize::from)
}

/// Where documents come from.
#[derive(Debug, Clone, Args)]
pub struct From {
    /// A mongodump folder, an --archive file, a mongoexport file, or mongodb://…
    #[arg(long, value_name = "SOURCE", env = "WHIMBREL_FROM", hide_env_values = true)]
    pub from: String,
    /// The PostgreSQL to work on; otherwise --database-url or DATABASE_URL
    #[arg(long, value_name = "URL")]
    pub to: Option<ConnectUrl>,
}

impl From {
    /// Opens the source; it may block for a while.
    async fn open(&self) -> Result<std::sync::Arc<dyn crate::source::Source>, u8> {
        let argument = self.from.clone();
        let opened = tokio::task::spawn_blocking(move || crate::source::from_arg(&argument)).await;
        match opened {
            Ok(Ok(source)) => Ok(std::sync::Arc::from(source)),
            Ok(Err(error)) => Err(complain(&error, error.hint())),
            Err(error) => Err(complain(&error, None)),
        }
    }

    /// Where the database is.
    fn target(&self, global: &Global) -> Result<PgConnectOptions, u8> {
        let Some(url) = self.to.as_ref().or(global.database_url.as_ref()) else {
            let hint = "give --to URL or set DATABASE_URL: postgres://user@host/database";
            return Err(complain(&"no target database was given", Some(hint.to_owned())));
        };
        url.postgres().map_err(|error| complain(&format!("the target is {error}"), error.hint()))
    }
}
