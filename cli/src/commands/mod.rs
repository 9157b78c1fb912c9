//! The commands, one file each.

mod baseline;
#[cfg(feature = "demo")]
mod demo;
mod discard;
pub mod generate;
mod init;
mod migrate;
mod rehash;
mod repair;
mod rollback;
pub mod status;
mod transfer;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::connect::Database;
use crate::failure::{Failure, Outcome};
use crate::output::Output;

/// Runs a command.
pub fn run(args: &Args, output: &Output) -> Result<Outcome, Failure> {
    let global = &args.global;
    let config = || Config::find(global);
    let both = || -> Result<(Config, Database), Failure> {
        let config = config()?;
        let database = Database::named(None, global, Some(&config))?;
        Ok((config, database))
    };
    match &args.command {
        Command::Init(command) => init::run(command, output),
        Command::Generate(command) => generate::run(command, &config()?, output),
        Command::Rehash(command) => rehash::run(command, &config()?, output),
        Command::Discard => {
            let (config, database) = both()?;
            discard::run(&config, &database, output)
        }
        Command::Migrate(command) => {
            let (config, database) = both()?;
            migrate::run(command, &config, &database, output)
        }
        Command::Rollback(command) => {
            let config = Config::find_any(global)?;
            rollback::run(command, &Database::named(None, global, config.as_ref())?, output)
        }
        Command::Status => {
            let (config, database) = both()?;
            status::run(&config, &database, output)
        }
        Command::Baseline(command) => {
            let (config, database) = both()?;
            baseline::run(command, &config, &database, output)
        }
        Command::Repair(command) => {
            let (config, database) = both()?;
            repair::run(command, &config, &database, output)
        }
        Command::Transfer(command) if command.args.abort => {
            let config = Config::find_any(global)?;
            transfer::abort(command, global, config.as_ref())
        }
        Command::Transfer(command) => transfer::transfer(command, global, &config()?, output),
        Command::Rejects(command) => transfer::rejects(command, global, Config::find_any(global)?, output),
        Command::Verify(command) => transfer::verify(command, global, &config()?, output),
        #[cfg(feature = "demo")]
        Command::Demo(command) => demo::run(command, output),
    }
}
