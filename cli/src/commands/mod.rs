//! The commands, one file each.

mod baseline;
#[cfg(feature = "demo")]
mod demo;
mod diff;
mod discard;
mod drift;
pub mod generate;
mod init;
mod introspect;
pub mod lint;
mod merge;
mod migrate;
mod rehash;
mod repair;
mod rollback;
mod snapshot;
mod squash;
pub mod status;
mod transfer;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::connect::Database;
use crate::failure::{Failure, Outcome};
use crate::output::Output;

pub fn run(args: &Args, output: &Output) -> Result<Outcome, Failure> {
    let global = &args.global;
    let config = || Config::find(global);
    let in_use = || -> Result<(Config, Database), Failure> {
        let config = config()?;
        let database = Database::named(None, global, Some(&config))?;
        Ok((config, database))
    };
    match &args.command {
        Command::Init { folder } => init::run(folder, output),
        Command::Generate(command) => generate::run(command, global, &config()?, output),
        Command::Rehash { no_validate } => rehash::run(*no_validate, &config()?, output),
        Command::Merge { name } => merge::run(name.as_deref(), &config()?, output),
        Command::Squash { to, name } => squash::run(*to, name.as_deref(), &config()?, output),
        Command::Discard => discard::run(&in_use()?, output),
        Command::Migrate(command) => migrate::run(command, &in_use()?, output),
        Command::Rollback(command) => {
            let config = Config::find_any(global)?;
            let database = Database::named(None, global, config.as_ref())?;
            rollback::run(command, config.as_ref(), &database, output)
        }
        Command::Status { drift } => status::run(*drift, global, &in_use()?, output),
        Command::Diff(command) => diff::run(command, global, output),
        Command::Drift { schemas, online } => drift::run((schemas, *online), global, &in_use()?, output),
        Command::Introspect(command) => introspect::run(command, global, output),
        Command::Lint { files, all } => lint::run(files, *all, config, output),
        Command::Snapshot { state, schemas } => snapshot::run(state, schemas, global, output),
        Command::Baseline { to } => baseline::run(*to, global, &in_use()?, output),
        Command::Repair { version, finding } => repair::run(*version, *finding, &in_use()?, output),
        Command::Transfer(command) => transfer::transfer(command, global, output),
        Command::Rejects(command) => transfer::rejects(command, global, output),
        Command::Verify(command) => transfer::verify(command, global, output),
        #[cfg(feature = "demo")]
        Command::Demo(command) => demo::run(command, output),
    }
}
