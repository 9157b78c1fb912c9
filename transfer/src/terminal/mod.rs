//! The command line of programs that link models: `transfer` and `verify`.
//!
//! A production binary needs no cargo and three lines:
//!
//! ```no_run
//! // use my_models as _;
//! fn main() -> std::process::ExitCode {
//!     whimbrel_transfer::main()
//! }
//! ```
//!
//! Nothing outside of this module prints.

mod abort;
mod bars;
mod format;
mod lines;
mod linked;
mod max_rejects;
mod printable;
mod rejects;
mod signals;
pub mod style;
mod transfer;
mod transfer_report;
mod verify;
mod verify_report;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize, Serializer};
use sqlx::postgres::PgConnectOptions;
use whimbrel::__private::redact::ConnectUrl;
use whimbrel::__private::redact::redact;
use whimbrel::Hint as _;

pub use format::{counted, number, table};
pub use max_rejects::MaxRejects;
pub use printable::printable;
pub use rejects::RejectsArgs;
pub use transfer::TransferArgs;
pub use transfer_report::render_transfer;
pub use verify::VerifyArgs;
pub use verify_report::render_verify;

use crate::progress::Progress;
use crate::source::Source;

/// An environment variable, name and value, for programs that transfer: the GNU C library then gives large blocks back
/// when they are freed (mallopt(3), `M_MMAP_THRESHOLD`). Otherwise each thread that has met documents of many megabytes
/// keeps as much memory. It must be set before the program starts; other systems ignore it.
pub const GLIBC_TUNABLES: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=1048576");

/// Exit code: everything is as it should be.
const OK: u8 = 0;
/// Exit code: a difference or a failed check was found.
const DIFFERENT: u8 = 1;
/// Exit code: it could not run, or not to its end.
const FAILED: u8 = 2;

/// Moves documents of an old system into PostgreSQL, and verifies that they arrived.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Messages go to stderr, data to stdout. Exit codes: 0 fine; 1 a difference or a failed check was \
                  found; 2 could not run, or was interrupted."
)]
struct Arguments {
    /// The PostgreSQL to work on
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    database_url: Option<ConnectUrl>,
    #[command(flatten)]
    invocation: Invocation,
}

/// A parsed command line, which one program can give to another.
#[derive(Debug, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    /// How much is printed.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Move the data of another database into PostgreSQL
    Transfer(TransferArgs),
    /// Compare every value of the source with PostgreSQL
    Verify(VerifyArgs),
    /// List, show, export or retry what could not become a row
    Rejects(RejectsArgs),
}

/// How much is printed, and how it looks.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Global options")]
pub struct OutputArgs {
    /// Print more; twice: print everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Print nothing but warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print the result as JSON on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes this the choice of the whole process.
    pub fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::AlwaysAnsi,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

impl Invocation {
    /// The environment variable in which [`main`] looks for an invocation before it reads its arguments: `ps` does not
    /// show it, so it may hold passwords.
    const VARIABLE: &str = "WHIMBREL_INVOCATION";

    /// The environment variable, name and value, that makes another program's [`main`] do this.
    ///
    /// # Errors
    /// A path is not valid Unicode.
    pub fn to_variable(&self) -> serde_json::Result<(&'static str, String)> {
        Ok((Self::VARIABLE, serde_json::to_string(self)?))
    }

    /// Does it in this process, with the models that are linked; gives the exit code. Aborting a transfer and
    /// reading rejects need none.
    pub fn run(&self) -> u8 {
        let Invocation { output, command } = self;
        output.color.apply();
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return report_error(&error, None),
        };
        let done = runtime.block_on(async {
            match command {
                Command::Transfer(command) => transfer::run(command, output).await,
                Command::Verify(command) => verify::run(command, output).await,
                Command::Rejects(command) => rejects::run(command, output).await,
            }
        });
        // A reader that still waits for its source must not hold the process back.
        runtime.shutdown_background();
        match done {
            Ok(code) | Err(code) => code,
        }
    }
}

/// The `main` of a program that links models: does what its arguments say, or what the program that started it gave
/// it with [`Invocation::to_variable`].
///
/// Exit code 0: fine; 1: a difference or a failed check was found; 2: it could not run, or was interrupted.
///
/// With documents of many megabytes, start the program with [`GLIBC_TUNABLES`].
pub fn main() -> ExitCode {
    let Some(text) = std::env::var_os(Invocation::VARIABLE) else { return run(std::env::args_os()) };
    match serde_json::from_str(&text.to_string_lossy()) {
        Ok(invocation) => ExitCode::from(Invocation::run(&invocation)),
        Err(error) => {
            let hint = "the program that started this one must have the same version of Whimbrel";
            let error = format!("{} cannot be read: {error}", Invocation::VARIABLE);
            ExitCode::from(report_error(&error, Some(hint.to_owned())))
        }
    }
}

/// The `main` of the runner that the command line writes: like [`main`], but only if the linked models are those of
/// `schema`, the snapshot that the command line made from their sources.
#[doc(hidden)]
pub fn runner(schema: &str) -> ExitCode {
    match linked::differences(schema) {
        Ok(differences) if differences.is_empty() => main(),
        Ok(differences) => {
            let error = format!(
                "the models that are compiled are not those that the command line read:\n  {}",
                differences.join("\n  ")
            );
            let hint = "write such models out, name their crate in `models` of whimbrel.toml, or mark what is compiled \
                        out in both places alike";
            ExitCode::from(report_error(&error, Some(hint.to_owned())))
        }
        Err(error) => ExitCode::from(report_error(&error, None)),
    }
}

/// Runs a command line; the first argument is the program's name.
pub fn run<I, T>(arguments: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    match Arguments::try_parse_from(arguments) {
        Ok(Arguments { database_url, mut invocation }) => {
            let to = match &mut invocation.command {
                Command::Transfer(TransferArgs { source, .. })
                | Command::Verify(VerifyArgs { source, .. }) => &mut source.to,
                Command::Rejects(RejectsArgs { to, .. }) => to,
            };
            *to = to.take().or(database_url);
            ExitCode::from(invocation.run())
        }
        Err(error) => {
            // Help goes to stdout, wrong usage to stderr; if neither can be written, there is still the exit code.
            error.print().ok();
            ExitCode::from(if error.use_stderr() { FAILED } else { OK })
        }
    }
}

/// Bars when stderr is a terminal, plain lines otherwise; only warnings when `quiet`.
pub fn progress(quiet: bool, verbose: bool) -> Arc<dyn Progress> {
    if quiet {
        Arc::new(lines::Lines::new(false, false))
    } else if std::io::stderr().is_terminal() {
        Arc::new(bars::Bars::new(verbose))
    } else {
        Arc::new(lines::Lines::new(true, verbose))
    }
}

/// Prints an error with its hint, and gives the exit code.
fn report_error(error: &dyn Display, hint: Option<String>) -> u8 {
    use style::{ERROR, HINT};
    let mut out = anstream::stderr();
    // If stderr cannot be written to, there is still the exit code.
    writeln!(out, "{ERROR}error:{ERROR:#} {}", printable(&redact(&error.to_string()), false)).ok();
    if let Some(hint) = hint {
        writeln!(out, "{HINT}hint:{HINT:#} {}", printable(&redact(&hint), false)).ok();
    }
    FAILED
}

/// Prints a report as JSON on stdout.
fn print_json(report: &impl Serialize) -> Result<(), u8> {
    serde_json::to_string_pretty(report)
        .map_err(std::io::Error::other)
        .and_then(|text| writeln!(std::io::stdout(), "{text}"))
        .map_err(|error| report_error(&format!("cannot write the report to stdout: {error}"), None))
}

/// The most workers unless told otherwise: the server works, too.
const DEFAULT_JOBS: usize = 4;

/// As many workers as asked for, otherwise as there are processors, [`DEFAULT_JOBS`] at most.
fn jobs(asked: Option<u16>) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.map_or_else(|| processors().min(DEFAULT_JOBS), usize::from)
}

/// Where documents come from, and where they go.
#[derive(Clone, Default, Args, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceArgs {
    /// A mongodump folder, an --archive file, a mongoexport file, or mongodb://…
    #[arg(long, value_name = "SOURCE", env = "WHIMBREL_FROM", hide_env_values = true)]
    pub from: String,
    /// The PostgreSQL to work on; otherwise --database-url or DATABASE_URL
    #[arg(long, value_name = "URL")]
    #[serde(serialize_with = "reveal")]
    pub to: Option<ConnectUrl>,
    /// A path of fields that no column reads and that may be left out, in any collection; may be repeated
    #[arg(long, value_name = "PATH")]
    pub ignore: Vec<String>,
    /// Only what is made of this model, table or collection; may be repeated. Foreign keys to other tables are
    /// checked against the rows that are there
    #[arg(long, value_name = "MODEL|TABLE|COLLECTION")]
    pub only: Vec<String>,
}

/// The URL as it is, for the program that is to connect.
fn reveal<S: Serializer>(url: &Option<ConnectUrl>, serializer: S) -> Result<S::Ok, S::Error> {
    url.as_ref().map(ConnectUrl::reveal).serialize(serializer)
}

impl std::fmt::Debug for SourceArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceArgs").field("from", &redact(&self.from)).field("to", &self.to).finish()
    }
}

impl SourceArgs {
    /// Opens the source; it may block for a while.
    async fn open(&self) -> Result<Arc<dyn Source>, u8> {
        let argument = self.from.clone();
        let opened = tokio::task::spawn_blocking(move || crate::source::from_arg(&argument)).await;
        match opened {
            Ok(Ok(source)) => Ok(Arc::from(source)),
            Ok(Err(error)) => Err(report_error(&error, error.hint())),
            Err(error) => Err(report_error(&error, None)),
        }
    }
}

/// Where the database is.
fn target(url: Option<&ConnectUrl>) -> Result<PgConnectOptions, u8> {
    let Some(url) = url else {
        let hint = "give --to URL or set DATABASE_URL: postgres://user@host/database";
        return Err(report_error(&"no target database was given", Some(hint.to_owned())));
    };
    url.postgres().map_err(|error| report_error(&format!("the target is {error}"), error.hint()))
}
