//! `whimbrel`: the command line of Whimbrel.
//!
//! Messages go to stderr, data to stdout. Exit code 0 means success, 1 that a difference or a failed check was found,
//! 2 that the command could not run.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

mod args;
mod cargo;
mod commands;
mod comments;
mod comparison;
mod config;
mod connect;
mod diagnostics;
mod failure;
mod folder;
mod lint;
mod look;
mod losses;
mod models;
mod naming;
mod objects;
mod output;
mod rows;
mod runner;
mod scratch;
mod sql_files;
mod state;
mod usage;
mod validate;
mod views;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::output::Output;

fn main() -> ExitCode {
    let args = Args::parse();
    let output = Output::new(&args);
    output.start_tracing();
    let outcome = commands::run(&args, &output).unwrap_or_else(|failure| {
        output.failure(&failure);
        failure.outcome
    });
    ExitCode::from(output.end(outcome).0)
}
