//! Everything that leaves the program: messages to stderr, data to stdout, colours only on terminals.

use std::io::Write;

use serde::Serialize;
use whimbrel_transfer::terminal::printable;
use whimbrel_transfer::terminal::style::{DONE, ERROR, HINT, STRONG, WARNING};

use crate::args::Args;
use crate::failure::Failure;

/// The two streams, and how verbose they are.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    quiet: bool,
    verbose: u8,
}

impl Output {
    /// Streams as the global flags want them.
    pub fn new(args: &Args) -> Self {
        let output = &args.global.output;
        output.color.apply();
        Output { json: output.json, quiet: output.quiet, verbose: output.verbose }
    }

    /// Sends the libraries' events to stderr: warnings, with `-v` information, with `-vv` everything.
    pub fn start_tracing(&self) {
        use tracing_subscriber::filter::Targets;
        use tracing_subscriber::prelude::*;
        let level = match (self.quiet, self.verbose) {
            (true, _) => "error",
            (_, 0) => "warn",
            (_, 1) => "whimbrel=info,whimbrel_transfer=info,whimbrel_scratch=info,warn",
            _ => "whimbrel=debug,whimbrel_transfer=debug,whimbrel_scratch=debug,sqlx=info,info",
        };
        let filter = std::env::var("WHIMBREL_LOG").ok().and_then(|filter| filter.parse::<Targets>().ok());
        let filter = filter.unwrap_or_else(|| level.parse().unwrap_or_default());
        let colours = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        // A second subscriber means that one is set already.
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(colours)
            .without_time()
            .with_target(self.verbose > 1);
        let _already = tracing_subscriber::registry().with(layer).with(filter).try_init();
    }

    /// Whether machines read stdout.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether only warnings and errors are printed.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a message.
    pub fn print(&self, text: impl AsRef<str>) {
        if !self.quiet {
            write_line(text.as_ref());
        }
    }

    /// What was done: the verb stands out.
    pub fn done(&self, verb: &str, text: impl AsRef<str>) {
        self.print(format!("{DONE}{verb}{DONE:#} {}", text.as_ref()));
    }

    /// A heading.
    pub fn heading(&self, text: &str) {
        self.print(format!("\n{STRONG}{text}{STRONG:#}"));
    }

    /// A line only `-v` shows.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.verbose > 0 {
            write_line(text.as_ref());
        }
    }

    /// Something to look at.
    pub fn warn(&self, text: impl AsRef<str>) {
        self.print(format!("{WARNING}warning:{WARNING:#} {}", text.as_ref()));
    }

    /// What to do next.
    pub fn hint(&self, text: impl AsRef<str>) {
        self.print(format!("{HINT}hint:{HINT:#} {}", text.as_ref()));
    }

    /// Text that is the result.
    pub fn data(&self, text: impl AsRef<str>) {
        let mut stdout = anstream::stdout().lock();
        // A reader that went away (`| head`) is not an error.
        let _gone = writeln!(stdout, "{}", text.as_ref()).and_then(|()| stdout.flush());
    }

    /// The result for machines; nothing without `--json`.
    pub fn json(&self, value: &impl Serialize) {
        if !self.json {
            return;
        }
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.data(text),
            Err(error) => {
                write_line(&format!("{ERROR}error:{ERROR:#} the result cannot be written as JSON: {error}"))
            }
        }
    }

    /// Why the command could not do its work.
    pub fn failure(&self, failure: &Failure) {
        if let Some(snippets) = &failure.snippets {
            write_line(snippets);
        }
        write_line(&format!("{ERROR}error:{ERROR:#} {}", failure.message));
        for cause in &failure.causes {
            for (number, line) in cause.lines().enumerate() {
                write_line(&format!("  {}{line}", if number == 0 { "because " } else { "        " }));
            }
        }
        for hint in &failure.hints {
            write_line(&format!("{HINT}hint:{HINT:#} {hint}"));
        }
        self.json(&JsonFailure {
            error: JsonError {
                message: &failure.message,
                causes: &failure.causes,
                hints: &failure.hints,
                details: failure.details.as_deref(),
            },
        });
    }
}

#[derive(Serialize)]
struct JsonFailure<'a> {
    error: JsonError<'a>,
}

#[derive(Serialize)]
struct JsonError<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    causes: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a serde_json::Value>,
}

fn write_line(text: &str) {
    let mut stderr = anstream::stderr().lock();
    // When stderr is closed, the exit code remains.
    let _gone = writeln!(stderr, "{}", printable(text, true));
}
