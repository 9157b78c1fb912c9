//! `squash`: one migration in place of the oldest ones, in the databases that have none of these.

use std::path::PathBuf;

use serde::Serialize;
use sqlx::{AssertSqlSafe, PgPool};
use whimbrel::__private::introspect;
use whimbrel::__private::migration::{self, ChainFile, Migration};
use whimbrel::__private::script::{Script, Statement};
use whimbrel::Migrator;
use whimbrel::migrate::Revert;
use whimbrel_schema::plan::Form;
use whimbrel_syntax::chain::{Meta, REPLACED};
use whimbrel_syntax::migration::{Generated, between};

use crate::commands::generate::list_files;
use crate::config::Config;
use crate::connect;
use crate::failure::{Failure, Outcome};
use crate::folder::{self, Folder};
use crate::look::Look;
use crate::output::{Output, counted};
use crate::validate::Trial;
use crate::{naming, objects, scratch};

/// Tables with rows, and sequences that were used.
const FILLED: &str = "SELECT format('SELECT %L::text WHERE EXISTS (SELECT FROM %I.%I%s)',
    CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.oid::regclass, n.nspname, c.relname,
    CASE c.relkind WHEN 'S' THEN format(' WHERE is_called OR last_value <> %s', s.seqstart) ELSE '' END)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
WHERE c.relkind IN ('r', 'S') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'whimbrel')
ORDER BY n.nspname, c.relname";

#[derive(Debug, Serialize)]
struct Report {
    version: i64,
    name: String,
    replaced: usize,
    written: Vec<PathBuf>,
}

/// Replaces the migrations up to a version by one that makes the same objects at once.
pub fn run(to: i64, name: Option<&str>, config: &Config, output: &Output) -> Result<Outcome, Failure> {
    let folder = Folder::read(&config.migrations)?;
    let count = prefix(&folder, to)?;
    let name = naming::given(name.unwrap_or("squashed"))?;
    let old = &folder.chain.migrations[..count];
    let trial = connect::block_on(Trial::start(old, config.folder(), output))?;
    let generated = connect::block_on(squash(&trial, old))?;
    let files = files(&folder, &old[count - 1], &name, &generated)?;
    let replaced = moved(&folder, old);
    let kept: Vec<_> = folder.files.iter().filter(|file| !is_of(file, old)).cloned().collect();
    let after = [kept, replaced.clone(), files.to_vec()].concat();
    let chain = migration::check_files(&folder.path, &after)?;
    connect::block_on(validate(&trial, &folder.chain.migrations, &chain.migrations, count))?;
    let written = write(&folder, old, &replaced, &files)?;
    let replaced = counted(count, "migration");
    output.done("Squashed", format!("{replaced} into {to}_{name}; they are in {REPLACED}"));
    list_files(&written, output);
    output.print("No database was changed. One that has some of these migrations goes on with them.");
    output.hint("commit all of it together: the folder belongs to the chain");
    output.json(&Report { version: to, name, replaced: count, written });
    Ok(Outcome::FINE)
}

/// How many migrations there are up to this version; those after it must follow no earlier one.
fn prefix(folder: &Folder, to: i64) -> Result<usize, Failure> {
    let migrations = &folder.chain.migrations;
    let Some(at) = migrations.iter().position(|one| one.version == to) else {
        let known: Vec<String> = migrations.iter().map(|one| one.version.to_string()).collect();
        return Err(Failure::new(format!("there is no migration {to}"))
            .hint(format!("the versions are {}", known.join(", "))));
    };
    if at == 0 {
        return Err(Failure::new(format!("{to} is the first migration: there is nothing to squash")));
    }
    let early = |one: &&Migration| one.after.iter().any(|after| *after < to);
    match migrations[at + 1..].iter().find(early) {
        None => Ok(at + 1),
        Some(one) => Err(Failure::new(format!(
            "{}_{} follows a migration before {to}: branches that were joined are squashed together",
            one.version, one.name
        ))
        .hint("name the migration that joins them, or a later one")),
    }
}

/// Statements whose effects no database tells.
fn about_server(one: &Migration) -> Vec<String> {
    let script = Script::parse(&one.up_sql);
    let lost = script.statements.iter().filter(|statement| objects::about_server(statement));
    let line = |statement: &Statement<'_>| {
        format!("{}_{}: {} is about the whole server", one.version, one.name, statement.beginning())
    };
    lost.map(line).collect()
}

/// What makes the objects of these migrations at once.
async fn squash(trial: &Trial<'_>, old: &[Migration]) -> Result<Generated, Failure> {
    let pool = trial.database("squash").await?;
    let empty = trial.catalog(&pool).await?;
    pool.close().await;
    let pool = trial.migrated("squash", old).await?;
    let state = trial.catalog(&pool).await?;
    let mut causes = filled(&pool).await?;
    causes.extend(old.iter().flat_map(about_server));
    let mut connection = pool.acquire().await.map_err(|error| scratch::failed(&error))?;
    for unmanaged in introspect::not_managed(&mut connection, &[]).await? {
        causes.push(format!("{unmanaged}: not managed"));
    }
    drop(connection);
    pool.close().await;
    if !causes.is_empty() {
        let mut failure = Failure::new("these migrations do more than create objects; nothing was written");
        failure.causes = causes;
        return Err(failure.hint("squash up to a version before that"));
    }
    let none = whimbrel_syntax::Schema::default();
    let made = between(empty, (&state, &none), (Vec::new(), &none), Form::Short)?;
    made.into_iter()
        .next()
        .map(|(generated, _)| generated)
        .ok_or_else(|| Failure::new("these migrations make no object; nothing was written"))
}

async fn filled(pool: &PgPool) -> Result<Vec<String>, Failure> {
    let failed = |error: sqlx::Error| scratch::failed(&error);
    let queries: Vec<String> = sqlx::query_scalar(FILLED).fetch_all(pool).await.map_err(failed)?;
    let mut filled = Vec::new();
    for query in queries {
        let found: Option<String> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_optional(pool).await.map_err(failed)?;
        filled.extend(found.map(|what| match what.strip_prefix("sequence ") {
            Some(name) => format!("sequence {name}: it was used"),
            None => format!("{what}: rows were written into it"),
        }));
    }
    Ok(filled)
}

fn files(
    folder: &Folder,
    last: &Migration,
    name: &str,
    generated: &Generated,
) -> Result<[ChainFile<'static>; 3], Failure> {
    let version = last.version;
    let next = folder.schema_at(version)?.ok_or_else(|| {
        Failure::new(format!("{} has no meta/{version}.json", folder.path.display()))
            .hint("the folder belongs together: restore the file from version control")
    })?;
    let sql = [generated.up_sql.as_str(), generated.down_sql.as_str()];
    let meta = Meta { replaces: Some(last.link.to_string()), ..Meta::of(version, name, sql, next) };
    Ok(meta.files(sql))
}

/// Whether a file is one of these migrations'.
fn is_of(file: &ChainFile<'_>, migrations: &[Migration]) -> bool {
    migrations.iter().any(|one| {
        let version = one.version;
        file.name == format!("meta/{version}.json") || file.name.starts_with(&format!("{version}_"))
    })
}

/// The files of these migrations, where replaced ones lie. One that replaces others itself goes.
fn moved(folder: &Folder, old: &[Migration]) -> Vec<ChainFile<'static>> {
    let old: Vec<Migration> = old.iter().filter(|one| one.replaces.is_empty()).cloned().collect();
    let files = folder.files.iter().filter(|file| is_of(file, &old)).cloned();
    files.map(|file| ChainFile { name: format!("{REPLACED}{}", file.name).into(), ..file }).collect()
}

/// A database ends in the same state whether it had none of the `count` replaced migrations, half of them or all; and what
/// replaces them can be undone.
async fn validate(
    trial: &Trial<'_>,
    old: &[Migration],
    new: &[Migration],
    count: usize,
) -> Result<(), Failure> {
    let expected = reached(trial, &[old]).await?;
    let half = &old[..count / 2];
    let ways = [("none", &[new][..]), ("half", &[half, new]), ("all", &[old, new])];
    for (what, ways) in ways {
        let found = reached(trial, ways).await?;
        expected.same(
            &found,
            &format!("a database with {what} of the replaced migrations ends in another state"),
        )?;
    }
    let pool = trial.database("squash").await?;
    let empty = trial.look(&pool).await?;
    let first = Migrator::new(new[..1].to_vec());
    scratch::migrate(&pool, &first).await?;
    first.revert(&pool, Revert::to(0).with_allow_data_loss(true)).await?;
    let undone = trial.look(&pool).await?;
    pool.close().await;
    empty.same(&undone, "the down file does not undo the up file")
}

/// What a database looks like after these migrations, one list after the other.
async fn reached(trial: &Trial<'_>, ways: &[&[Migration]]) -> Result<Look, Failure> {
    let (first, ways) = ways.split_first().unwrap_or((&NONE, &[]));
    let pool = trial.migrated("squash", first).await?;
    for migrations in ways {
        scratch::migrate(&pool, &Migrator::new(migrations.to_vec())).await?;
    }
    let look = trial.look(&pool).await?;
    pool.close().await;
    Ok(look)
}

const NONE: &[Migration] = &[];

/// Copies what is replaced, then takes it away and writes what replaces it.
fn write(
    folder: &Folder,
    old: &[Migration],
    replaced: &[ChainFile<'_>],
    files: &[ChainFile<'_>],
) -> Result<Vec<PathBuf>, Failure> {
    let mut copies = replaced.to_vec();
    for file in &mut copies {
        file.name = file.name[REPLACED.len()..].to_owned().into();
    }
    folder::write_whole(&folder.path.join(REPLACED), &copies)
        .map_err(|error| Failure::new("the replaced migrations cannot be copied").caused_by(&error))?;
    for file in folder.files.iter().filter(|file| is_of(file, old)) {
        let path = folder.path.join(&*file.name);
        std::fs::remove_file(&path)
            .map_err(Failure::file(&path, "removed"))
            .map_err(|failure| failure.hint(HALF))?;
    }
    folder::write_whole(&folder.path, files)
        .map_err(|error| Failure::new("the new migration cannot be written").caused_by(&error).hint(HALF))
}

const HALF: &str = "the folder is half changed: restore it from version control, and squash again";
