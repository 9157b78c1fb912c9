//! A scratch PostgreSQL: an installed one, or the embedded one, which a checkout of Whimbrel builds when it is needed.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgErrorPosition, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgPool};
use whimbrel::__private::migration::{Checksum, Migration};
use whimbrel::__private::script::Script;
use whimbrel::{DatabaseError, Error, Migrator};
use whimbrel_scratch::{Kind, PROGRAM, Scratch, ScratchError};

use crate::cargo;
use crate::failure::Failure;
use crate::output::Output;

/// The manifest of the embedded server, beside this package in a checkout; an installed program has none.
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scratch/embedded/Cargo.toml");

/// Empties a database, and leaves `public` as initdb makes it: the embedded server has only one.
const EMPTY: &str = "DO $$ DECLARE name name; BEGIN
    FOR name IN SELECT nspname FROM pg_catalog.pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
    CREATE SCHEMA public;
    COMMENT ON SCHEMA public IS 'standard public schema';
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    IF current_setting('server_version_num')::int >= 150000 THEN
        ALTER SCHEMA public OWNER TO pg_database_owner;
    ELSE
        GRANT CREATE ON SCHEMA public TO PUBLIC;
    END IF;
END $$";

/// How long a replay of migrations may take that is done again each time.
const SLOW: Duration = Duration::from_secs(1);

/// Starts one. Blocks.
pub fn start(output: &Output) -> Result<Scratch, Failure> {
    start_from(&[], output)
}

/// Starts one whose template database has these migrations, as long as they run. What was kept of the longest known part of
/// them is continued, and if that takes long, the outcome is kept, too; otherwise the database in which they ran is given.
pub async fn start_migrated(
    migrations: &[Migration],
    output: &Output,
) -> Result<(Scratch, Option<Arc<PgConnectOptions>>), Failure> {
    let keys = if change_roles(migrations) { Vec::new() } else { keys(migrations) };
    let mut scratch = start_from(&keys, output)?;
    let Some(key) = keys.first().filter(|key| scratch.template() != Some(key.as_str())) else {
        return Ok((scratch, None));
    };
    if *scratch.kind() == Kind::Embedded {
        return Ok((scratch, None));
    }
    let started = Instant::now();
    // Why they fail is said by who needs them.
    let Ok(pool) = migrated(&scratch, "migrated", migrations).await else { return Ok((scratch, None)) };
    let options = pool.connect_options();
    pool.close().await;
    if started.elapsed() < SLOW {
        return Ok((scratch, Some(options)));
    }
    match scratch.set_template(options.get_database().unwrap_or_default(), key) {
        Ok(()) => scratch
            .keep()
            .map_err(|error| Failure::new("the scratch PostgreSQL cannot be used").caused_by(&error))?,
        // Without room for it, they are replayed each time.
        Err(error) => output.detail(format!("the migrations are not kept for the next time: {error}")),
    }
    Ok((scratch, None))
}

/// Whether they drop or alter roles, which the template database would hold on to, or have as they are at the end.
pub fn change_roles(migrations: &[Migration]) -> bool {
    let words = |sql: &str| {
        let words: Vec<String> = sql.split_whitespace().map(str::to_ascii_lowercase).collect();
        words.windows(2).any(|pair| {
            let [verb, noun] = pair else { return false };
            ["drop", "alter", "reassign"].iter().any(|one| verb.ends_with(one))
                && ["role", "user", "group", "owned"].contains(&noun.as_str())
        })
    };
    migrations.iter().any(|one| words(&one.up_sql) || words(&one.down_sql))
}

/// The keys of what migrations make of an empty database: of all of them, then always one less.
fn keys(migrations: &[Migration]) -> Vec<String> {
    let mut key = concat!("whimbrel ", env!("CARGO_PKG_VERSION")).to_owned();
    let mut next = |one: &Migration| {
        key = Checksum::of(&format!("{key} {} {}", one.link, one.up_sql)).to_string();
        key.clone()
    };
    let mut keys: Vec<String> = migrations.iter().map(&mut next).collect();
    keys.reverse();
    keys
}

fn start_from(keys: &[String], output: &Output) -> Result<Scratch, Failure> {
    let unavailable = |error: &ScratchError| Failure::new(error.to_string());
    match Scratch::start_from(keys) {
        Err(ScratchError::NotFound(_)) if Path::new(MANIFEST).is_file() => {
            output.print(format!(
                "No PostgreSQL is installed here: building the embedded one, {PROGRAM} (once; it takes about ten minutes)"
            ));
            let mut command = cargo::command();
            command.args(["build", "--manifest-path", MANIFEST]);
            let program = cargo::build(command, PROGRAM, output)?.ok_or_else(|| {
                Failure::new("the embedded PostgreSQL does not compile")
                    .hint("Cargo's messages above say where")
                    .hint("an installed PostgreSQL 14 or newer does as well (Debian: apt-get install postgresql)")
            })?;
            Scratch::embedded(&program).map_err(|error| unavailable(&error))
        }
        other => other.map_err(|error| unavailable(&error)),
    }
}

/// An empty database; those before it go if roles do.
pub async fn database(scratch: &Scratch, name: &str) -> Result<PgPool, Failure> {
    let embedded = *scratch.kind() == Kind::Embedded;
    clean(scratch, options(scratch.url())?).await.map_err(|error| failed(&error))?;
    let url = match embedded {
        true => scratch.url().to_owned(),
        false => scratch.create_database(name).map_err(|error| not_created(&error))?,
    };
    let pool = pool(options(&url)?);
    if embedded {
        execute(&pool, EMPTY).await.map_err(|error| failed(&error))?;
    }
    Ok(pool)
}

/// A database in which these migrations have run; those before it go if roles do.
pub async fn migrated(scratch: &Scratch, name: &str, migrations: &[Migration]) -> Result<PgPool, Failure> {
    let kept = scratch.template().is_some_and(|kept| keys(migrations).iter().any(|key| key == kept));
    let pool = match kept {
        true => {
            clean(scratch, options(scratch.url())?).await.map_err(|error| failed(&error))?;
            pool(options(&scratch.copy_template(name).map_err(|error| not_created(&error))?)?)
        }
        false => database(scratch, name).await?,
    };
    migrate(&pool, &Migrator::new(migrations.to_vec())).await?;
    Ok(pool)
}

/// One connection is enough, and all that the embedded server takes.
pub fn pool(options: PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(1).acquire_slow_threshold(Duration::MAX);
    pool.connect_lazy_with(options)
}

fn not_created(error: &ScratchError) -> Failure {
    Failure::new("no database can be created on the scratch PostgreSQL").caused_by(error)
}

/// Drops what was left beside a database's schemas: roles, which all databases share, and for their sake the databases in which
/// they have rights. What the template database was made with stays.
async fn clean(scratch: &Scratch, options: PgConnectOptions) -> Result<(), sqlx::Error> {
    const ROLES: &str =
        "SELECT format('DROP OWNED BY %1$I; DROP ROLE %1$I', rolname) FROM pg_catalog.pg_roles
        WHERE rolname !~ '^pg_' AND rolname <> current_user
            AND oid > (SELECT max(oid) FROM pg_catalog.pg_database WHERE datistemplate)";
    const DATABASES: &str =
        "SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_catalog.pg_database
        WHERE NOT datistemplate AND datname <> current_database()";
    let mut connection = options.connect().await?;
    let roles: Vec<String> = sqlx::query_scalar(ROLES).fetch_all(&mut connection).await?;
    if !roles.is_empty() {
        // The embedded server has one database, which is emptied before it is used again.
        let embedded = *scratch.kind() == Kind::Embedded;
        let databases: Vec<String> = match embedded {
            true => Vec::new(),
            false => sqlx::query_scalar(DATABASES).fetch_all(&mut connection).await?,
        };
        for statement in databases.into_iter().chain(roles) {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
    }
    connection.close().await
}

/// How to connect to a scratch server: that statements take long on a busy machine is nothing to warn of, nor is what the
/// server thinks of them there.
pub fn options(url: &str) -> Result<PgConnectOptions, Failure> {
    let options = PgConnectOptions::from_str(url).map_err(|error| failed(&error))?;
    Ok(options.disable_statement_logging().options([("client_min_messages", "error")]))
}

/// Runs statements, in one transaction if they begin none.
pub async fn execute(pool: &PgPool, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(pool).await.map(drop)
}

pub fn failed(error: &sqlx::Error) -> Failure {
    Failure::new("a statement failed on the scratch database").caused_by(&DatabaseError::from(error))
}

/// Runs migrations, and creates the roles that they refer to.
pub async fn migrate(pool: &PgPool, migrator: &Migrator) -> Result<(), Failure> {
    match apply(pool, migrator).await? {
        Ok(()) => Ok(()),
        Err(Error::Statement(error)) => {
            let cause = error.cause.clone();
            // What it says to do is about a database that is used.
            let failure = Failure { hints: Vec::new(), ..Failure::from(Error::Statement(error)) };
            Err(explain(failure, &cause))
        }
        Err(error) => Err(error.into()),
    }
}

/// The same, with how the migrations failed.
pub async fn apply(pool: &PgPool, migrator: &Migrator) -> Result<Result<(), Error>, Failure> {
    loop {
        match migrator.run(pool).await {
            Err(Error::Statement(error)) if add_missing_role(pool, &error.cause).await? => {}
            result => return Ok(result.map(drop)),
        }
    }
}

/// Runs statements, and creates the roles that they refer to.
pub async fn run(pool: &PgPool, sql: &str) -> Result<(), Failure> {
    loop {
        let error = match execute(pool, sql).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let cause = DatabaseError::from(&error);
        if !add_missing_role(pool, &cause).await? {
            let mut failure = explain(failed(&error), &cause);
            let at = match position(sql, &error) {
                Some(at) => Some(at),
                None => failing(pool, sql).await,
            };
            if let Some(at) = at {
                failure.causes.extend(step(sql, at).map(|step| format!("in: {step}")));
                failure.causes.extend(line(sql, at).map(|line| format!("at: {line}")));
            }
            return Err(failure);
        }
    }
}

/// The byte of SQL that the server names, which counts characters from 1.
pub fn position(sql: &str, error: &sqlx::Error) -> Option<usize> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let Some(PgErrorPosition::Original(position)) = error.position() else { return None };
    sql.char_indices().nth(position.saturating_sub(1)).map(|(byte, _)| byte)
}

/// The byte at which the statement begins that fails, of several whose effect was undone.
async fn failing(pool: &PgPool, sql: &str) -> Option<usize> {
    let mut transaction = pool.begin().await.ok()?;
    for statement in Script::parse(sql).statements {
        let text = AssertSqlSafe(statement.text.to_owned());
        if sqlx::raw_sql(text).execute(&mut *transaction).await.is_err() {
            return Some(statement.start);
        }
    }
    None
}

/// The line of generated SQL at this byte: that of a column or constraint in CREATE TABLE.
pub fn line(sql: &str, at: usize) -> Option<&str> {
    let (before, after) = sql.split_at_checked(at)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = before.len() + after.find('\n').unwrap_or(after.len());
    Some(sql.get(start..end)?.trim().trim_end_matches([',', ';']))
}

/// The step of generated SQL at this byte, by the comment before it.
pub fn step(sql: &str, at: usize) -> Option<&str> {
    let mut comments = sql.get(..at)?.lines().rev().map(|line| line.strip_prefix("-- "));
    let last = comments.by_ref().find_map(|comment| comment);
    comments.map_while(|comment| comment).last().or(last)
}

/// Creates the role for want of which a statement failed; whether there is one. Migrations and SQL files
/// refer to roles, and say little of what these may do otherwise.
pub async fn add_missing_role(pool: &PgPool, error: &DatabaseError) -> Result<bool, Failure> {
    let name = error.message.strip_prefix("role \"").and_then(|rest| rest.strip_suffix("\" does not exist"));
    let Some(name) = name else { return Ok(false) };
    let create = format!("CREATE ROLE {}", whimbrel_schema::name::quote(name));
    execute(pool, &create).await.map_err(|error| failed(&error))?;
    Ok(true)
}

/// Says what to do about an extension that the scratch server does not have.
pub fn explain(failure: Failure, error: &DatabaseError) -> Failure {
    let missing = ["0A000", "58P01"].iter().any(|code| error.code.as_deref() == Some(code));
    if missing && error.message.contains("extension") {
        return failure.hint(
            "the scratch PostgreSQL lacks this extension: install it there, or name the folder of a server's programs \
             that has it in WHIMBREL_SCRATCH",
        );
    }
    failure
}
