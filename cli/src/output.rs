//! Everything that leaves the program: messages to stderr, data to stdout, colours only on terminals.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Arc, OnceLock};

use anstyle::Style;
use serde::Serialize;
use serde_json::json;
use whimbrel_transfer::terminal::style::{DONE, ERROR, HINT, STRONG, WARNING};
use whimbrel_transfer::terminal::{self, printable};

use crate::args::Args;
use crate::failure::{Failure, Outcome};

/// The two streams, and how verbose they are.
#[derive(Debug, Clone)]
pub struct Output {
    json: bool,
    quiet: bool,
    verbose: u8,
    /// Why a result could not be written.
    unwritten: Arc<OnceLock<String>>,
}

impl Output {
    pub fn new(args: &Args) -> Self {
        let output = &args.global.output;
        output.color.apply();
        let (json, quiet, verbose) = (output.json, output.quiet, output.verbose);
        Output { json, quiet, verbose, unwritten: Arc::default() }
    }

    /// Sends the libraries' events to stderr: warnings, with `-v` information, with `-vv` everything.
    pub fn start_tracing(&self) {
        use tracing_subscriber::filter::Targets;
        use tracing_subscriber::prelude::*;
        let level = match (self.quiet, self.verbose) {
            (true, _) | (_, 0) => "warn",
            (_, 1) => "whimbrel=info,whimbrel_transfer=info,whimbrel_scratch=info,warn",
            _ => "whimbrel=debug,whimbrel_transfer=debug,whimbrel_scratch=debug,sqlx=info,info",
        };
        let filter = std::env::var_os("WHIMBREL_LOG").and_then(|text| {
            let text = text.to_string_lossy();
            let unread = |error| {
                self.warn(format!(
                    "WHIMBREL_LOG is ignored: {text}: {error}; it is written like `whimbrel=debug,sqlx=info`"
                ));
            };
            text.parse::<Targets>().map_err(unread).ok()
        });
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

    pub fn print(&self, text: impl AsRef<str>) {
        self.line(STRONG, "", text.as_ref());
    }

    /// What was done: the verb stands out.
    pub fn done(&self, verb: &str, text: impl AsRef<str>) {
        self.line(DONE, verb, text.as_ref());
    }

    pub fn heading(&self, text: &str) {
        self.print("");
        self.line(STRONG, text, "");
    }

    /// A line only `-v` shows.
    pub fn detail(&self, text: impl AsRef<str>) {
        if self.verbose > 0 {
            self.print(text);
        }
    }

    /// Something to look at, printed with `-q`, too.
    pub fn warn(&self, text: impl AsRef<str>) {
        write_line(WARNING, "warning:", text.as_ref());
    }

    /// What to do next.
    pub fn hint(&self, text: impl AsRef<str>) {
        self.line(HINT, "hint:", text.as_ref());
    }

    fn line(&self, style: Style, label: &str, text: &str) {
        if !self.quiet {
            write_line(style, label, text);
        }
    }

    /// Text that is the result: as it is, but for what would steer a terminal.
    pub fn data(&self, text: impl AsRef<str>) {
        let mut stdout = std::io::stdout().lock();
        let text = match stdout.is_terminal() {
            true => Cow::Owned(printable(&text.as_ref().replace("\r\n", "\n"), false)),
            false => Cow::Borrowed(text.as_ref()),
        };
        match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
            // A reader that went away (`| head`) is not an error.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.unwritten.get_or_init(|| error.to_string());
            }
            _ => {}
        }
    }

    /// How a command ends whose results were to be written: not as it says if they are not there.
    pub fn end(&self, outcome: Outcome) -> Outcome {
        let Some(error) = self.unwritten.get() else { return outcome };
        write_line(ERROR, "error:", &format!("the result cannot be written to stdout: {error}"));
        Outcome::COULD_NOT_RUN
    }

    /// The result for machines; nothing without `--json`.
    pub fn json(&self, value: &impl Serialize) {
        if !self.json {
            return;
        }
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.data(text),
            Err(error) => {
                self.unwritten.get_or_init(|| format!("as JSON: {error}"));
            }
        }
    }

    pub fn failure(&self, failure: &Failure) {
        if let Some(snippets) = &failure.snippets {
            write_styled(&printable(snippets, true));
        }
        write_line(ERROR, "error:", &failure.message);
        for cause in &failure.causes {
            write_line(STRONG, "", &format!("  because {}", cause.replace('\n', "\n          ")));
        }
        for hint in &failure.hints {
            write_line(HINT, "hint:", hint);
        }
        let Failure { message, causes, hints, details, .. } = failure;
        let mut error = json!({ "message": message });
        for (key, texts) in [("causes", causes), ("hints", hints)] {
            if !texts.is_empty() {
                error[key] = json!(texts);
            }
        }
        if let Some(details) = details {
            error["details"] = (**details).clone();
        }
        self.json(&json!({ "error": error }));
    }
}

/// `1 table`, `2 tables`.
pub fn counted(number: usize, noun: &str) -> String {
    terminal::counted(number as u64, noun)
}

/// The text may hold data, and data must not steer a terminal.
fn labelled(style: Style, label: &str, text: &str) -> String {
    let text = printable(text, false);
    match label {
        "" => text,
        label => format!("{style}{label}{style:#} {text}").trim_end().to_owned(),
    }
}

fn write_line(style: Style, label: &str, text: &str) {
    write_styled(&labelled(style, label, text));
}

/// Writes a text whose colours are this program's own.
pub fn write_styled(text: &str) {
    let mut stderr = anstream::stderr().lock();
    // When stderr is closed, the exit code remains.
    let _gone = writeln!(stderr, "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_data_are_written_out() {
        assert_eq!(labelled(HINT, "", "a\u{1b}[31mb"), "a\\u{1b}[31mb");
        let own = format!("{HINT}hint:{HINT:#} ");
        assert_eq!(labelled(HINT, "hint:", "\u{1b}[8m"), format!("{own}\\u{{1b}}[8m"));
    }
}
