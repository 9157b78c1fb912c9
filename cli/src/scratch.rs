//! A scratch PostgreSQL: an installed one, or the embedded one, which a checkout of Whimbrel builds when it is needed.

use std::path::Path;

use whimbrel_scratch::{PROGRAM, Scratch, ScratchError};

use crate::cargo;
use crate::failure::Failure;
use crate::output::Output;

/// The manifest of the embedded server, beside this package in a checkout; an installed program has none.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scratch/embedded/Cargo.toml");

/// Starts one. Blocks.
pub fn start(output: &Output) -> Result<Scratch, Failure> {
    let unavailable = |error: &ScratchError| Failure::new(error.to_string());
    match Scratch::start() {
        Err(ScratchError::NotFound(_)) if Path::new(MANIFEST).is_file() => {
            output.print(format!(
                "No PostgreSQL is installed here: building the embedded one, {PROGRAM} (once; it takes about ten minutes)"
            ));
            let mut command = cargo::command();
            command.args(["build", "--manifest-path", MANIFEST]);
            let program = cargo::build(command, PROGRAM, output)?.ok_or_else(|| {
                Failure::new("the embedded PostgreSQL does not compile")
                    .hint("Cargo's messages above say where")
                    .hint("an installed PostgreSQL 14 or newer does as well (Debian: apt-get install postgresql)")
            })?;
            Scratch::embedded(&program).map_err(|error| unavailable(&error))
        }
        other => other.map_err(|error| unavailable(&error)),
    }
}
