//! Runs Cargo.

use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cargo_metadata::Message;

use crate::failure::Failure;
use crate::output::Output;

/// Cargo as the user started it, without what an outer Cargo says about its own package: build scripts watch that, and
/// would run again.
pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let about_a_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name == "CARGO_CRATE_NAME"
        });
        if about_a_package {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a `cargo build` and returns the path of the binary of that name; `None` when Cargo, which prints why, fails.
pub fn build(mut cargo: Command, binary: &str, output: &Output) -> Result<Option<PathBuf>, Failure> {
    cargo.arg("--message-format=json-render-diagnostics");
    if output.is_quiet() {
        cargo.arg("--quiet");
    }
    let mut child =
        cargo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(&error))?;
    let unreadable = |error| Failure::new("Cargo's messages cannot be read").caused_by(&error);
    let mut built = None;
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            if let Message::CompilerArtifact(artifact) = message.map_err(unreadable)?
                && artifact.target.name == binary
            {
                built = artifact.executable.map(PathBuf::from).or(built);
            }
        }
    }
    if !child.wait().map_err(unreadable)?.success() {
        return Ok(None);
    }
    built.map(Some).ok_or_else(|| {
        Failure::new(format!("Cargo built {binary} but named no binary")).hint(
            "this Cargo may be too old: Whimbrel needs the version its Cargo.toml names as rust-version",
        )
    })
}

pub fn cannot_start(error: &std::io::Error) -> Failure {
    Failure::new("Cargo cannot be started").caused_by(error).hint(
        "transfer and verify compile a small program that links your models; where there is no Cargo, build a program \
         of your own with these lines: use your_models as _; \
         fn main() -> std::process::ExitCode { whimbrel_transfer::main() }",
    )
}
