//! What can be typed: commands, their arguments, and the global flags.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use whimbrel::__private::redact::ConnectUrl;
use whimbrel_transfer::terminal::{OutputArgs, TransferArgs, VerifyArgs};

/// From annotated Rust structs to PostgreSQL: schema, migrations and data.
#[derive(Debug, Parser)]
#[command(
    name = "whimbrel",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Messages go to stderr, data to stdout. Exit codes: 0 fine; 1 a difference or a failed check was \
                  found; 2 could not run."
)]
pub struct Args {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command understands, before or after its name.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The configuration; otherwise `whimbrel.toml` in this folder or above it
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The PostgreSQL to work on; otherwise DATABASE_URL, otherwise the configuration
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<ConnectUrl>,
    /// How much is printed.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set an existing crate up: dependencies, an example model, whimbrel.toml
    Init(Init),
    /// Write the migration that takes the database from the last snapshot to the models
    Generate(Generate),
    /// Take edited SQL of the newest migration into the chain
    Seal(Seal),
    /// Apply the pending migrations
    Migrate(Migrate),
    /// Take applied migrations back, the newest first
    Rollback(Rollback),
    /// Compare the migrations with the database's journal; writes nothing
    Status,
    /// Count migrations as applied, since the database was like that before
    Adopt(Adopt),
    /// Tell the journal what only a person can know
    Repair(Repair),
    /// Move the data of another database into PostgreSQL
    Transfer(Transfer),
    /// Compare every value of the source with PostgreSQL; writes nothing
    Verify(Verify),
    /// See the whole story on a throw-away PostgreSQL
    Demo(Demo),
}

/// `whimbrel init`
#[derive(Debug, ClapArgs)]
pub struct Init {
    /// The folder of the crate
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

/// `whimbrel generate`
#[derive(Debug, ClapArgs)]
pub struct Generate {
    /// The migration's name; derived from the changes when left out
    pub name: Option<String>,
    /// Show the SQL, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write nothing; exit with 1 when models and migrations disagree
    #[arg(long, conflicts_with_all = ["dry_run", "name", "empty", "allow_data_loss"])]
    pub check: bool,
    /// Write the migration even though carrying it out loses data
    #[arg(long)]
    pub allow_data_loss: bool,
    /// Do not try the migration on a throw-away PostgreSQL first
    #[arg(long)]
    pub no_prove: bool,
    /// Write a migration without statements, to be filled in by hand
    #[arg(long, requires = "name")]
    pub empty: bool,
}

/// `whimbrel seal`
#[derive(Debug, ClapArgs)]
pub struct Seal {
    /// Do not try the migration on a throw-away PostgreSQL first
    #[arg(long)]
    pub no_prove: bool,
}

/// `whimbrel migrate`
#[derive(Debug, ClapArgs)]
pub struct Migrate {
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Show what would be applied, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `whimbrel rollback`
#[derive(Debug, ClapArgs)]
pub struct Rollback {
    /// How many migrations to take back
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: Option<u32>,
    /// Take back every migration after this version; 0 takes back all
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Take back migrations whose way back loses data
    #[arg(long)]
    pub allow_data_loss: bool,
    /// Show what would be taken back, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `whimbrel adopt`
#[derive(Debug, ClapArgs)]
pub struct Adopt {
    /// The newest migration that the database already holds
    #[arg(long, value_name = "VERSION")]
    pub to: i64,
}

/// `whimbrel repair`
#[derive(Debug, ClapArgs)]
pub struct Repair {
    /// The migration
    #[arg(id = "migration", value_name = "VERSION")]
    pub version: i64,
    /// What was found out about it
    #[arg(value_name = "FINDING")]
    pub finding: Finding,
}

/// What a person found out about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Finding {
    /// The statement that was cut off, outside a transaction, did take effect
    StatementApplied,
    /// That statement did not take effect, and nothing of it is left
    StatementNotApplied,
    /// The edited files stand for what was applied: only comments or layout were changed
    AcceptFiles,
}

/// `whimbrel transfer`
#[derive(Debug, ClapArgs)]
pub struct Transfer {
    /// What the runner is given.
    #[command(flatten)]
    pub args: TransferArgs,
    /// How the runner is built.
    #[command(flatten)]
    pub build: Build,
}

/// `whimbrel verify`
#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// What the runner is given.
    #[command(flatten)]
    pub args: VerifyArgs,
    /// How the runner is built.
    #[command(flatten)]
    pub build: Build,
}

/// How the runner is built.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub struct Build {
    /// Build the runner without optimisation: quicker to build, several times slower to run
    #[arg(long)]
    pub dev: bool,
}

/// `whimbrel demo`
#[derive(Debug, ClapArgs)]
pub struct Demo {
    /// How many documents the generated dump holds
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    pub documents: u64,
    /// Keep the dump in this folder instead of throwing it away
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn json_is_understood_on_both_sides_of_the_command() {
        for words in [["whimbrel", "--json", "status"], ["whimbrel", "status", "--json"]] {
            assert!(Args::parse_from(words).global.output.json);
        }
    }
}
