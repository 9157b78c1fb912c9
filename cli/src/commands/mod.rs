//! The commands, one file each.

mod adopt;
mod demo;
pub mod generate;
mod init;
mod migrate;
mod repair;
mod rollback;
mod seal;
pub mod status;
mod transfer;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::connect::Database;
use crate::failure::{Failure, Outcome};
use crate::output::Output;

/// Carries a command out.
///
/// # Errors
///
/// It could not run, or a check that it makes before its work failed.
pub fn run(args: &Args, output: &Output) -> Result<Outcome, Failure> {
    let global = &args.global;
    let config = || Config::find(global);
    let both = || -> Result<(Config, Database), Failure> {
        let config = config()?;
        let database = Database::named(global, Some(&config))?;
        Ok((config, database))
    };
    match &args.command {
        Command::Init(command) => init::run(command, output),
        Command::Generate(command) => generate::run(command, &config()?, output),
        Command::Seal(command) => seal::run(command, &config()?, output),
        Command::Migrate(command) => {
            let (config, database) = both()?;
            migrate::run(command, &config, &database, output)
        }
        Command::Rollback(command) => {
            let config = Config::find_any(global)?;
            rollback::run(command, &Database::named(global, config.as_ref())?, output)
        }
        Command::Status => {
            let (config, database) = both()?;
            status::run(&config, &database, output)
        }
        Command::Adopt(command) => {
            let (config, database) = both()?;
            adopt::run(command, &config, &database, output)
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
        Command::Verify(command) => transfer::verify(command, global, &config()?, output),
        Command::Demo(command) => demo::run(command, output),
    }
}
