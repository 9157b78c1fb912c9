//! The runner: a small program that links the user's crates of models, so that their compiled transforms can run.
//!
//! It is a crate of its own below the target folder, one for each configuration, with a copy of the workspace's
//! `Cargo.lock`, `[patch]` and `[profile]`, so that versions and features agree and what is compiled already is used
//! again. It holds the schema that the command line scanned, and compares it with the models it links before it
//! connects to a database.

mod manifest;
mod metadata;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;

use metadata::ModelsCrate;
use whimbrel::__private::migration::Checksum;
use whimbrel_syntax::{Schema, snapshot};
use whimbrel_transfer::terminal::{GLIBC_TUNABLES, Invocation};

use crate::cargo;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::models;
use crate::output::Output;

/// A runner that was built. Until it starts, no other process builds the one of the same configuration.
pub struct Runner {
    binary: PathBuf,
    _lock: File,
}

/// Writes and builds the runner for the configured crates of models, whose scanned schema is `schema`. `dev`: not
/// optimised; `live`: it reads a running MongoDB.
pub fn build(
    config: &Config,
    schema: &Schema,
    dev: bool,
    live: bool,
    output: &Output,
) -> Result<Runner, Failure> {
    output.print(match dev {
        false => {
            "Building a program that links your models, optimised (the first time takes a while; --dev is quicker to \
             build)"
        }
        true => {
            "Building a program that links your models, not optimised (without --dev it runs several times faster)"
        }
    });
    let mut crates = Vec::new();
    for path in &config.models {
        let enabled = models::features(&models::manifest(path)?, &config.features);
        let features = config.features.iter().filter(|feature| enabled.contains(*feature)).cloned().collect();
        crates.push(ModelsCrate { features, ..metadata::models_crate(path)? });
    }
    let Some(first) = crates.first() else {
        return Err(Failure::new(format!("{} names no models", config.file.display())));
    };
    let name = name(&config.file)?;
    let folder = first.target_directory.join("whimbrel").join(&name);
    let lock = lock(&folder, output)?;
    for (path, content) in &manifest::files(&name, &crates, live)? {
        write_if_changed(&folder.join(path), content)?;
    }
    write_if_changed(&folder.join("src/schema.json"), &snapshot::to_json(schema))?;
    take_over_lock(&first.workspace_root.join("Cargo.lock"), &folder)?;
    let mut command = cargo::command();
    command
        .current_dir(&first.workspace_root)
        .arg("build")
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"));
    command.arg("--target-dir").arg(&first.target_directory);
    if !dev {
        command.arg("--release");
    }
    output.detail(format!("building the runner in {}", folder.display()));
    let binary = cargo::build(command, &name, output)?.ok_or_else(|| {
        Failure::new("the runner, which links your models, does not compile")
            .hint("Cargo's messages above say where; `cargo check` in the crate of your models shows its own errors")
            .hint("whimbrel and whimbrel-transfer must have the same version")
    })?;
    Ok(Runner { binary, _lock: lock })
}

/// The name of the runner's package and binary: projects that share a target folder do not share a runner.
fn name(config: &Path) -> Result<String, Failure> {
    let path = config.canonicalize().map_err(Failure::file(config, "found"))?;
    let checksum = Checksum::of(&path.to_string_lossy()).to_string();
    Ok(format!("whimbrel-runner-{}", checksum.get(..12).unwrap_or_default()))
}

/// Locks the runner's folder, and waits for another process that holds it.
fn lock(folder: &Path, output: &Output) -> Result<File, Failure> {
    let path = folder.join("lock");
    let open = || {
        std::fs::create_dir_all(folder)?;
        let file = File::create(&path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                output.print(format!("Waiting for another process that builds in {}", folder.display()));
                file.lock()?;
            }
            other => other?,
        }
        Ok(file)
    };
    open().map_err(Failure::file::<std::io::Error>(&path, "locked"))
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
    write().map_err(Failure::file(path, "written"))
}

impl Runner {
    /// Becomes the runner: its streams, signals and exit code are this program's own.
    pub fn start(self, invocation: &Invocation) -> Result<Outcome, Failure> {
        let (name, value) = invocation
            .to_variable()
            .map_err(|error| Failure::new("the runner cannot be given its arguments").caused_by(&error))?;
        let mut command = Command::new(&self.binary);
        command.env(name, value);
        if std::env::var_os(GLIBC_TUNABLES.0).is_none() {
            command.env(GLIBC_TUNABLES.0, GLIBC_TUNABLES.1);
        }
        exec(command).map_err(|error| {
            Failure::new(format!("the runner {} cannot be started", self.binary.display())).caused_by(&error)
        })
    }
}

#[cfg(unix)]
fn exec(mut command: Command) -> std::io::Result<Outcome> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn exec(mut command: Command) -> std::io::Result<Outcome> {
    let code = command.status()?.code();
    Ok(Outcome(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
