//! The commands, one file each.

mod transfer;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::output::Output;

/// Carries a command out.
///
/// # Errors
///
/// It could not run, or a check that it makes before its work failed.
pub fn run(args: &Args, output: &Output) -> Result<Outcome, Failure> {
    let config = || Config::find(&args.global);
    match &args.command {
        Command::Transfer(command) => transfer::transfer(command, &args.global, &config()?, output),
        Command::Verify(command) => transfer::verify(command, &args.global, &config()?, output),
        Command::Generate(_)
        | Command::Migrate(_)
        | Command::Rollback(_)
        | Command::Status(_)
        | Command::Demo(_) => Err(Failure::new("this command is not part of this build")),
    }
}
