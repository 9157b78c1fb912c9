//! `transfer` and `verify`: build the runner, become it.

use whimbrel_transfer::terminal::{Command, Invocation, RejectsArgs, SourceArgs, TransferArgs, VerifyArgs};

use crate::args::{Global, RunnerArgs};
use crate::config::Config;
use crate::connect::{self, Database};
use crate::failure::{Failure, Outcome};
use crate::models;
use crate::output::Output;
use crate::runner::{self, Runner};

/// Moves the data. Closing an open transfer needs no models.
pub fn transfer(
    command: &RunnerArgs<TransferArgs>,
    global: &Global,
    output: &Output,
) -> Result<Outcome, Failure> {
    let mut args = command.args.clone();
    if args.abort {
        let config = Config::find_any(global)?;
        args.source.to = Some(Database::named(args.source.to.as_ref(), global, config.as_ref())?.url);
        return Ok(Outcome(invocation(Command::Transfer(args), global).run()));
    }
    let runner = build(&mut args.source, command.dev, global, &Config::find(global)?, output)?;
    runner.start(&invocation(Command::Transfer(args), global))
}

pub fn verify(
    command: &RunnerArgs<VerifyArgs>,
    global: &Global,
    output: &Output,
) -> Result<Outcome, Failure> {
    let mut args = command.args.clone();
    let runner = build(&mut args.source, command.dev, global, &Config::find(global)?, output)?;
    runner.start(&invocation(Command::Verify(args), global))
}

/// Reads rejects, or retries them, which needs the models.
pub fn rejects(
    command: &RunnerArgs<RejectsArgs>,
    global: &Global,
    output: &Output,
) -> Result<Outcome, Failure> {
    let mut args = command.args.clone();
    let config = Config::find_any(global)?;
    args.to = Some(Database::named(args.to.as_ref(), global, config.as_ref())?.url);
    if !args.needs_models() {
        return Ok(Outcome(invocation(Command::Rejects(args), global).run()));
    }
    let config = config.map_or_else(|| Config::find(global), Ok)?;
    let mut none = SourceArgs { to: args.to.clone(), ..SourceArgs::default() };
    let runner = build(&mut none, command.dev, global, &config, output)?;
    runner.start(&invocation(Command::Rejects(args), global))
}

fn invocation(command: Command, global: &Global) -> Invocation {
    Invocation { output: global.output.clone(), command }
}

/// Checks the source (retrying rejects has none), the target and the models, and builds the runner that reads this source.
fn build(
    source: &mut SourceArgs,
    dev: bool,
    global: &Global,
    config: &Config,
    output: &Output,
) -> Result<Runner, Failure> {
    source.ignore.extend(config.transfer.ignore.iter().cloned());
    let database = Database::named(source.to.as_ref(), global, Some(config))?;
    let schema = models::read(config)?.schema;
    let live = source.from.starts_with("mongodb") && source.from.contains("://");
    // What can be found out now is not found out after minutes of compiling.
    if !live && !source.from.is_empty() {
        whimbrel_transfer::source::from_arg(&source.from).map_err(Failure::from)?;
    }
    connect::block_on(async {
        database.pool().await?.close().await;
        Ok(())
    })?;
    source.to = Some(database.url);
    runner::build(config, &schema, dev, live, output)
}
