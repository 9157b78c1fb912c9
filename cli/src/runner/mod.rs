//! The runner: a small program that links the user's crates of models, so that their compiled transforms can run.
//!
//! It is a crate of its own below the target folder, with a copy of the workspace's `Cargo.lock`, `[patch]` and
//! `[profile]`, so that versions and features agree and what is compiled already is used again.

mod manifest;
mod metadata;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use metadata::ModelsCrate;
use serde_json::Value;
use whimbrel_transfer::terminal::{GLIBC_TUNABLES, Invocation};

use crate::config::Config;
use crate::failure::Failure;
use crate::models;
use crate::output::Output;

/// How the runner is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Optimised: what moves real data.
    Release,
    /// Not optimised: quick to build.
    Dev,
}

/// Writes and builds the runner for the configured crates of models, and says where its binary is. `live`: it reads
/// a running MongoDB.
///
/// # Errors
///
/// Cargo is missing or fails, a crate of models is no library or does not use `whimbrel`, or a file cannot be written.
pub fn build(config: &Config, profile: Profile, live: bool, output: &Output) -> Result<PathBuf, Failure> {
    let mut crates = Vec::new();
    for path in &config.models {
        let enabled = models::features(&models::manifest(path)?, &config.features);
        let features = config.features.iter().filter(|feature| enabled.contains(*feature)).cloned().collect();
        crates.push(ModelsCrate { features, ..metadata::models_crate(path)? });
    }
    let Some(first) = crates.first() else {
        return Err(Failure::new(format!("{} names no models", config.file.display())));
    };
    let folder = first.target_directory.join("whimbrel").join("runner");
    let target = first.target_directory.clone();
    let root = first.workspace_root.clone();
    let files = manifest::files(&crates, live)?;
    for (path, content) in &files {
        write_if_changed(&folder.join(path), content)?;
    }
    take_over_lock(&root.join("Cargo.lock"), &folder)?;
    compile(&folder, &root, &target, profile, output)
}

/// Copies the workspace's lock unless the copy was made from the same one before; Cargo adds to it what the runner needs more.
fn take_over_lock(lock: &Path, folder: &Path) -> Result<(), Failure> {
    let Ok(content) = std::fs::read_to_string(lock) else {
        // A crate that was never built has none; Cargo makes one.
        return Ok(());
    };
    let seen = folder.join("Cargo.lock.seen");
    if folder.join("Cargo.lock").is_file() && std::fs::read_to_string(&seen).is_ok_and(|old| old == content) {
        return Ok(());
    }
    write_if_changed(&folder.join("Cargo.lock"), &content)?;
    write_if_changed(&seen, &content)
}

fn write_if_changed(path: &Path, content: &str) -> Result<(), Failure> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let write = || {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, content)
    };
    write().map_err(|error| Failure::new(format!("{} cannot be written", path.display())).caused_by(&error))
}

fn compile(
    folder: &Path,
    root: &Path,
    target: &Path,
    profile: Profile,
    output: &Output,
) -> Result<PathBuf, Failure> {
    let mut cargo = metadata::cargo();
    cargo.current_dir(root).arg("build").arg("--manifest-path").arg(folder.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(target).arg("--message-format=json-render-diagnostics");
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    if output.is_quiet() {
        cargo.arg("--quiet");
    }
    output.detail(format!("building the runner in {}", folder.display()));
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| metadata::no_cargo(&error))?;
    let mut binary = None;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line =
                line.map_err(|error| Failure::new("Cargo's messages cannot be read").caused_by(&error))?;
            binary = executable(&line).or(binary);
        }
    }
    let status =
        child.wait().map_err(|error| Failure::new("Cargo cannot be waited for").caused_by(&error))?;
    if !status.success() {
        return Err(Failure::new("the runner, which links your models, does not compile")
            .hint("Cargo's messages above say where; `cargo check` in the crate of your models shows its own errors")
            .hint("whimbrel and whimbrel-transfer must have the same version"));
    }
    binary.ok_or_else(|| {
        Failure::new("Cargo built the runner but named no binary").hint(
            "this Cargo may be too old: Whimbrel needs the version its Cargo.toml names as rust-version",
        )
    })
}

/// The binary that a line of Cargo's messages names.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message.get("reason")?.as_str()? != "compiler-artifact"
        || message.get("target")?.get("name")?.as_str()? != manifest::PACKAGE
    {
        return None;
    }
    message.get("executable")?.as_str().map(PathBuf::from)
}

/// Becomes the runner: its streams, signals and exit code are this program's own.
///
/// # Errors
///
/// It cannot be started. Otherwise this does not return.
pub fn become_runner(binary: &Path, invocation: &Invocation) -> Result<crate::failure::Outcome, Failure> {
    let (name, value) = invocation
        .to_variable()
        .map_err(|error| Failure::new("the runner cannot be given its arguments").caused_by(&error))?;
    let mut command = Command::new(binary);
    command.env(name, value);
    if std::env::var_os(GLIBC_TUNABLES.0).is_none() {
        command.env(GLIBC_TUNABLES.0, GLIBC_TUNABLES.1);
    }
    start(command, binary)
}

#[cfg(unix)]
fn start(mut command: Command, binary: &Path) -> Result<crate::failure::Outcome, Failure> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(cannot_start(binary, &error))
}

#[cfg(not(unix))]
fn start(mut command: Command, binary: &Path) -> Result<crate::failure::Outcome, Failure> {
    let status = command.status().map_err(|error| cannot_start(binary, &error))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2);
    Ok(crate::failure::Outcome::Code(code))
}

fn cannot_start(binary: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("the runner {} cannot be started", binary.display())).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"whimbrel-runner"},"executable":"/t/release/whimbrel-runner"}"#;
        assert_eq!(executable(line), Some(PathBuf::from("/t/release/whimbrel-runner")));
        for other in [
            "",
            "{}",
            r#"{"reason":"build-finished"}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"x"},"executable":"/x"}"#,
        ] {
            assert_eq!(executable(other), None, "{other}");
        }
    }

    #[test]
    fn a_lock_is_copied_once_and_again_when_it_changes() {
        let temp = tempfile::tempdir().unwrap();
        let (lock, folder) = (temp.path().join("Cargo.lock"), temp.path().join("runner"));
        let read = || std::fs::read_to_string(folder.join("Cargo.lock")).unwrap();
        std::fs::write(&lock, "one").unwrap();
        take_over_lock(&lock, &folder).unwrap();
        assert_eq!(read(), "one");
        std::fs::write(folder.join("Cargo.lock"), "one and more").unwrap();
        take_over_lock(&lock, &folder).unwrap();
        assert_eq!(read(), "one and more");
        std::fs::write(&lock, "two").unwrap();
        take_over_lock(&lock, &folder).unwrap();
        assert_eq!(read(), "two");
    }
}
