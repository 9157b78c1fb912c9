//! Everything that leaves the program: messages to stderr, data to stdout, colours only where they are wanted.

use std::io::Write;

use serde::Serialize;
use whimbrel_transfer::terminal::style::{DONE, ERROR, HINT, STRONG, WARNING};

use crate::args::Args;
use crate::failure::Failure;

/// The two streams, and how much may be said on them.
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
        use tracing_subscriber::EnvFilter;
        let level = match (self.quiet, self.verbose) {
            (true, _) => "error",
            (_, 0) => "warn",
            (_, 1) => "whimbrel=info,whimbrel_transfer=info,whimbrel_scratch=info,warn",
            _ => "whimbrel=debug,whimbrel_transfer=debug,whimbrel_scratch=debug,sqlx=info,info",
        };
        let filter = EnvFilter::try_from_env("WHIMBREL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
        let colours = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        // A second subscriber can only mean that somebody else listens already.
        let _already = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(colours)
            .without_time()
            .with_target(self.verbose > 1)
            .try_init();
    }

    /// Whether machines read stdout.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether nothing but errors may be said.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A line of words.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            words(text.as_ref());
        }
    }

    /// What was done: the verb stands out.
    pub fn done(&self, verb: &str, text: impl AsRef<str>) {
        self.say(format!("{DONE}{verb}{DONE:#} {}", text.as_ref()));
    }

    /// A heading.
    pub fn heading(&self, text: &str) {
        self.say(format!("\n{STRONG}{text}{STRONG:#}"));
    }

    /// A line only `-v` shows.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.verbose > 0 {
            words(text.as_ref());
        }
    }

    /// Something to look at.
    pub fn warn(&self, text: impl AsRef<str>) {
        self.say(format!("{WARNING}warning:{WARNING:#} {}", text.as_ref()));
    }

    /// What to do next.
    pub fn hint(&self, text: impl AsRef<str>) {
        self.say(format!("{HINT}hint:{HINT:#} {}", text.as_ref()));
    }

    /// Text that is the result.
    pub fn data(&self, text: impl AsRef<str>) {
        let mut stdout = anstream::stdout().lock();
        // A reader that went away (`| head`) is no error.
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
                words(&format!("{ERROR}error:{ERROR:#} the result cannot be written as JSON: {error}"))
            }
        }
    }

    /// Why the command could not do its work.
    pub fn failure(&self, failure: &Failure) {
        if let Some(snippets) = &failure.snippets {
            words(snippets);
        }
        words(&format!("{ERROR}error:{ERROR:#} {}", failure.message));
        for cause in &failure.causes {
            for (number, line) in cause.lines().enumerate() {
                words(&format!("  {}{line}", if number == 0 { "because " } else { "        " }));
            }
        }
        for hint in &failure.hints {
            words(&format!("{HINT}hint:{HINT:#} {hint}"));
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

fn words(text: &str) {
    let mut stderr = anstream::stderr().lock();
    // Nobody is left to tell.
    let _gone = writeln!(stderr, "{text}");
}
