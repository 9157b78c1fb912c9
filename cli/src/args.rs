//! The command line: commands, their arguments, and the global flags.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use whimbrel::__private::redact::ConnectUrl;
use whimbrel_transfer::terminal::{OutputArgs, RejectsArgs, TransferArgs, VerifyArgs};

use crate::state::Source;

/// From annotated Rust structs to PostgreSQL: schema, migrations and data.
#[derive(Debug, Parser)]
#[command(
    name = "whimbrel",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Messages go to stderr, data to stdout. Exit codes: 0 success; 1 a difference or a failed check was \
                  found; 2 could not run, or was interrupted."
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command, before or after its name.
#[derive(Debug, Clone, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The configuration; otherwise `whimbrel.toml` in this folder or above it
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The PostgreSQL database to work on; otherwise DATABASE_URL, otherwise the configuration
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    pub database_url: Option<ConnectUrl>,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set an existing crate up: dependencies, an example model, whimbrel.toml
    #[command(after_help = "Example: cargo init --lib crm && whimbrel init crm")]
    Init {
        /// The folder of the crate
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Write the migration that leads from the migrations so far to the models and the files of objects
    Generate(Generate),
    /// Update the newest migration's meta file after its SQL was edited
    #[command(
        after_help = "Example: edit migrations/20260102030405_add_stage.up.sql, then: whimbrel rehash\nThe SQL is \
                      validated on a scratch PostgreSQL, and must lead to the schema of the models."
    )]
    Rehash {
        /// Do not validate the migration on a scratch PostgreSQL
        #[arg(long)]
        no_validate: bool,
    },
    /// Join two branches of migrations, if either can be applied before the other
    #[command(
        after_help = "Both orders are tried on a scratch PostgreSQL: they must lead to the same objects, and to those of the \
                      models. What statements do to rows is not compared.\n\nExample: git merge feature && whimbrel merge"
    )]
    Merge {
        /// The name of the migration
        name: Option<String>,
    },
    /// Replace the oldest migrations by one that makes the same objects at once
    #[command(
        after_help = "A database that has none of them runs the new one; any other goes on with those that it has: they are \
                      kept in the folder `replaced`.\n\nExample: whimbrel squash --to 20260102030405"
    )]
    Squash {
        /// The newest migration to replace
        #[arg(long, value_name = "VERSION")]
        to: i64,
        /// The name of the new one
        name: Option<String>,
    },
    /// Remove the newest migration's files, unless the configured database has applied it
    #[command(
        after_help = "Example: whimbrel discard, after a migration that failed; then: whimbrel generate\nOther databases \
                      are not asked."
    )]
    Discard,
    /// Apply the pending migrations
    Migrate(Migrate),
    /// Undo applied migrations, the newest first
    Rollback(Rollback),
    /// Compare the migrations with the database's journal; writes nothing
    #[command(after_help = "Example: whimbrel status --json")]
    Status {
        /// Also compare the database with what its journal says it should be, like `whimbrel drift`
        #[arg(long)]
        drift: bool,
    },
    /// Compare two states of a database: print the SQL that leads from one to the other
    Diff(Diff),
    /// Compare a database with what its journal says it should be; writes nothing
    #[command(
        after_help = "Exit code 1: somebody changed the database by hand. The SQL on stdout brings it back.\n\n\
                      Example: whimbrel drift --json"
    )]
    Drift {
        #[arg(long = "schema", value_name = "NAME", help = SCHEMA_HELP)]
        schemas: Vec<String>,
        /// Print the forms that others hardly wait for, to be run outside a transaction
        #[arg(long)]
        online: bool,
    },
    /// Write models, and SQL files for what structs do not carry, from a database or another state
    Introspect(Introspect),
    /// Find what is dangerous or unwise in migrations, generated and written by hand, before they run
    #[command(
        after_help = "Exit code 1: something was found. In a file, `-- whimbrel:allow RULE REASON` before a statement lets \
                      it break a rule.\n\nExample: whimbrel lint --all"
    )]
    Lint {
        /// SQL files, and folders of them [default: the newest migration]
        files: Vec<PathBuf>,
        /// Every migration of the folder
        #[arg(long, conflicts_with = "files")]
        all: bool,
    },
    /// Print the snapshot of a state, to be compared later or without a server
    #[command(after_help = "Example: whimbrel snapshot migrations > schema.json")]
    Snapshot {
        #[arg(value_name = "STATE", help = STATE_HELP)]
        state: Source,
        #[arg(long = "schema", value_name = "NAME", help = SCHEMA_HELP)]
        schemas: Vec<String>,
    },
    /// Mark migrations as applied without running them, in a database that already has their tables
    #[command(
        after_help = "Example: whimbrel baseline --to 20260102030405\nWhat these migrations make must be in the database \
                      as they would make it, which a scratch PostgreSQL shows; it may hold more."
    )]
    Baseline {
        /// The newest migration that the database already has
        #[arg(long, value_name = "VERSION")]
        to: i64,
    },
    /// Record in the journal what the catalog cannot show
    #[command(after_help = "Example: whimbrel repair 20260102030405 statement-applied")]
    Repair {
        /// The migration
        #[arg(id = "migration", value_name = "VERSION")]
        version: i64,
        /// What was found out about it
        #[arg(value_name = "FINDING")]
        finding: Finding,
    },
    /// Move the data of another database into PostgreSQL
    #[command(
        after_help = "Exit code 1: more rows were rejected than --max-rejects, fields of the source are neither read nor \
                      ignored, or a constraint was not restored.\n\n\
                      Examples:\n  \
                      whimbrel transfer --from dump/ --max-rejects 100 --fail-fast\n  \
                      whimbrel transfer --from dump/ --only accounts --only crm_Tasks --ignore __v\n  \
                      whimbrel transfer --abort\n\n\
                      The models are compiled and linked into a small program of their own, which takes minutes the \
                      first time."
    )]
    Transfer(RunnerArgs<TransferArgs>),
    /// Compare every value of the source with PostgreSQL; writes nothing
    #[command(
        after_help = "Exit code 1: the two sides differ, fields of the source are neither read nor ignored, or more \
                      rows were rejected than --max-rejects.\n\n\
                      Examples:\n  \
                      whimbrel verify --from dump/ --max-rejects 100 --report report.json\n  \
                      whimbrel verify --from dump/ --only accounts --ignore __v --differences 100"
    )]
    Verify(RunnerArgs<VerifyArgs>),
    /// List, show, export or retry what could not become a row
    Rejects(RunnerArgs<RejectsArgs>),
    /// Show all commands at work on a scratch PostgreSQL
    #[cfg(feature = "demo")]
    Demo(Demo),
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example: whimbrel generate add_stage\nThe SQL is validated on a scratch PostgreSQL before it \
                        is written: up, down, up.\nThe SQL files of the folder that `objects` in whimbrel.toml names \
                        (views, functions, policies, grants, …) are part of what it leads to."
)]
pub struct Generate {
    /// The migration's name; derived from the changes when left out
    pub name: Option<String>,
    /// Show the SQL, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write nothing; exit with 1 when models and migrations differ
    #[arg(long, conflicts_with_all = ["dry_run", "name", "empty", "allow_data_loss", "drop", "blocking"])]
    pub check: bool,
    /// Write the short forms, in one migration: reads or writes of a table may wait for long
    #[arg(long)]
    pub blocking: bool,
    /// Write the migration even though applying it loses data
    #[arg(long)]
    pub allow_data_loss: bool,
    /// This table, column (`accounts.name`), sequence, attribute or label may be dropped with its data, and is another one than what is added; can be repeated
    #[arg(long, value_name = "NAME", conflicts_with = "allow_data_loss")]
    pub drop: Vec<String>,
    /// Do not validate the migration on a scratch PostgreSQL
    #[arg(long)]
    pub no_validate: bool,
    /// Write a migration without statements, to be filled in by hand
    #[arg(long, requires = "name")]
    pub empty: bool,
}

const STATE_HELP: &str =
    "models, migrations, snapshot:FILE, db (the configured database), db:URL, sql:FILE or sql:FOLDER";
const SCHEMA_HELP: &str =
    "Only this PostgreSQL schema, and what is in none (extensions, casts); can be repeated [default: all]";

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Exit code 1: the states differ. models, migrations and SQL files are applied to a scratch PostgreSQL \
                  and read back. Two states do not tell what had another name: renames, declared ones too, are \
                  `generate`'s; here they are a drop and a create.\n\n\
                  Examples:\n  \
                  whimbrel diff --from migrations --to models\n  \
                  whimbrel diff --from db --to sql:schema/ --up up.sql --down down.sql\n  \
                  whimbrel diff --from snapshot:old.json --to snapshot:new.json --offline"
)]
pub struct Diff {
    #[arg(long, value_name = "STATE", help = STATE_HELP)]
    pub from: Source,
    #[arg(long, value_name = "STATE", help = STATE_HELP)]
    pub to: Source,
    /// Write the SQL into this file
    #[arg(long, value_name = "FILE")]
    pub up: Option<PathBuf>,
    /// Write the SQL that leads back into this file
    #[arg(long, value_name = "FILE")]
    pub down: Option<PathBuf>,
    #[arg(long = "schema", value_name = "NAME", help = SCHEMA_HELP)]
    pub schemas: Vec<String>,
    /// Compare snapshots, without a server
    #[arg(long)]
    pub offline: bool,
    /// Write the forms that others hardly wait for, to be run outside a transaction
    #[arg(long)]
    pub online: bool,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A table is a struct named like it in CamelCase; what a struct cannot say, and tables that cannot be \
                  structs, become SQL files in the folder of objects, and are listed. Models and files are made on a \
                  scratch PostgreSQL and compared with the state.\n\n\
                  Example: whimbrel introspect --from db:postgres://localhost/crm --out crm"
)]
pub struct Introspect {
    #[arg(long, value_name = "STATE", help = STATE_HELP, default_value = "db")]
    pub from: Source,
    #[arg(long = "schema", value_name = "NAME", help = SCHEMA_HELP)]
    pub schemas: Vec<String>,
    /// Write models/, objects/ and whimbrel.toml into this folder; otherwise src/models/, objects/ and whimbrel.toml here
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write over files that exist
    #[arg(long)]
    pub force: bool,
    /// Do not make models and files on a scratch PostgreSQL and compare them with the state
    #[arg(long)]
    pub no_validate: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: whimbrel migrate --dry-run")]
pub struct Migrate {
    /// Stop after this version
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Show what would be applied, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example: whimbrel rollback --steps 2\nThe SQL is the one that the journal stored. The files are \
                        needed only for a migration with a secret in it, whose SQL it does not store."
)]
pub struct Rollback {
    /// How many migrations to undo
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: Option<u32>,
    /// Undo every migration after this version; 0 undoes all
    #[arg(long, value_name = "VERSION")]
    pub to: Option<i64>,
    /// Undo migrations even though that loses data
    #[arg(long)]
    pub allow_data_loss: bool,
    /// Show what would be undone, write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What a person found out about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Finding {
    /// The statement that was interrupted, outside a transaction, took effect
    StatementApplied,
    /// That statement did not take effect, and nothing of it is left
    StatementNotApplied,
    /// The edited files stand for what was applied: that they do the same is yours to know, nothing checks it
    AcceptFiles,
}

/// What is done by a program that links the models.
#[derive(Debug, Clone, ClapArgs)]
pub struct RunnerArgs<T: ClapArgs> {
    #[command(flatten)]
    pub args: T,
    /// Build the runner, which links the models, without optimisation: quicker to build, several times slower to run
    #[arg(long, global = true)]
    pub dev: bool,
}

#[cfg(feature = "demo")]
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example: whimbrel demo --documents 1000000 --keep crm-dump")]
pub struct Demo {
    /// How many documents the generated dump holds
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    pub documents: u64,
    /// Keep the dump in this folder
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
