//! `transfer` and `verify`: build the runner, become it.

use whimbrel_transfer::terminal::{Command, Invocation, SourceArgs};

use crate::args::{Build, Global, Transfer, Verify};
use crate::config::Config;
use crate::connect::Database;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::runner::{self, Profile};

/// Moves the data.
///
/// # Errors
///
/// No target is named, or the runner cannot be built or started.
pub fn transfer(
    command: &Transfer,
    global: &Global,
    config: &Config,
    output: &Output,
) -> Result<Outcome, Failure> {
    let mut args = command.args.clone();
    let binary = build(&mut args.source, command.build, global, config, output)?;
    runner::become_runner(&binary, &invocation(Command::Transfer(args), global))
}

/// Closes the open transfer; needs no models.
///
/// # Errors
///
/// No target is named.
pub fn abort(command: &Transfer, global: &Global, config: Option<&Config>) -> Result<Outcome, Failure> {
    let mut args = command.args.clone();
    if args.source.to.is_none() {
        args.source.to = Some(Database::named(global, config)?.url);
    }
    Ok(Outcome::Code(invocation(Command::Transfer(args), global).run()))
}

/// Compares both sides.
///
/// # Errors
///
/// No target is named, or the runner cannot be built or started.
pub fn verify(
    command: &Verify,
    global: &Global,
    config: &Config,
    output: &Output,
) -> Result<Outcome, Failure> {
    let mut args = command.args.clone();
    let binary = build(&mut args.source, command.build, global, config, output)?;
    runner::become_runner(&binary, &invocation(Command::Verify(args), global))
}

fn invocation(command: Command, global: &Global) -> Invocation {
    Invocation { output: global.output.clone(), command }
}

/// Names the target, and builds the runner that reads this source.
fn build(
    source: &mut SourceArgs,
    build: Build,
    global: &Global,
    config: &Config,
    output: &Output,
) -> Result<std::path::PathBuf, Failure> {
    if source.to.is_none() {
        source.to = Some(Database::named(global, Some(config))?.url);
    }
    let profile = if build.dev { Profile::Dev } else { Profile::Release };
    output.say(match profile {
        Profile::Release => {
            "Building a program that links your models, optimised (the first time takes a while; --dev is quicker to build)"
        }
        Profile::Dev => "Building a program that links your models, not optimised (without --dev it runs several times faster)",
    });
    let live = source.from.starts_with("mongodb") && source.from.contains("://");
    runner::build(config, profile, live, output)
}
