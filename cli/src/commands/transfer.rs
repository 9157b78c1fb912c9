//! `transfer` and `verify`: build the runner, become it.

use std::ffi::OsString;

use whimbrel_transfer::command::Color;

use crate::args::{Global, Run, Transfer, Verify};
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
    let mut arguments: Vec<OsString> = vec!["transfer".into()];
    for (given, flag) in [(command.resume, "--resume"), (command.clean, "--clean")] {
        if given {
            arguments.push(flag.into());
        }
    }
    if let Some(jobs) = command.jobs {
        arguments.extend(["--jobs".into(), jobs.to_string().into()]);
    }
    if output.is_json() {
        arguments.push("--json".into());
    }
    start(arguments, &command.run, global, config, output)
}

/// Proves that it arrived.
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
    let mut arguments: Vec<OsString> = vec!["verify".into()];
    if let Some(jobs) = command.jobs {
        arguments.extend(["--jobs".into(), jobs.to_string().into()]);
    }
    if let Some(differences) = command.differences {
        arguments.extend(["--differences".into(), differences.to_string().into()]);
    }
    match &command.json {
        Some(Some(file)) => arguments.extend(["--json".into(), file.into()]),
        Some(None) => arguments.push("--json".into()),
        None if output.is_json() => arguments.push("--json".into()),
        None => {}
    }
    start(arguments, &command.run, global, config, output)
}

fn start(
    mut arguments: Vec<OsString>,
    run: &Run,
    global: &Global,
    config: &Config,
    output: &Output,
) -> Result<Outcome, Failure> {
    let target = match &run.to {
        Some(url) => url.clone(),
        None => Database::named(global, Some(config))?.url,
    };
    if output.is_quiet() {
        arguments.push("--quiet".into());
    }
    arguments.extend((0..output.verbosity()).map(|_| "--verbose".into()));
    match global.voice.color {
        Color::Auto => {}
        Color::Always => arguments.push("--color=always".into()),
        Color::Never => arguments.push("--color=never".into()),
    }
    let profile = if run.dev { Profile::Dev } else { Profile::Release };
    output.say(match profile {
        Profile::Release => {
            "Building a program that links your models, optimised (the first time takes a while; --dev is quicker to build)"
        }
        Profile::Dev => "Building a program that links your models, not optimised (without --dev it runs several times faster)",
    });
    let binary =
        runner::build(config, profile, run.from.starts_with("mongodb") && run.from.contains("://"), output)?;
    let secrets = [("WHIMBREL_FROM", run.from.clone()), ("DATABASE_URL", target.reveal().to_owned())];
    runner::become_runner(&binary, &arguments, &secrets)
}
