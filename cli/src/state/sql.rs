//! SQL files, applied in an order that works: in the order of their names, and a statement that fails for want of
//! another file's is tried again when other files got further.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use whimbrel::__private::script::{Script, Statement};
use whimbrel::DatabaseError;

use crate::failure::Failure;
use crate::output::counted;
use crate::scratch;

/// What a session starts a file with.
const SESSION: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET search_path = public";

pub struct File {
    path: PathBuf,
    text: String,
}

/// The file, or all of a folder and the folders in it that end in `.sql`, in the order of their names.
pub fn read(path: &Path) -> Result<Vec<File>, Failure> {
    let mut paths = Vec::new();
    find(path, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(Failure::new(format!("{} has no file that ends in .sql", path.display())));
    }
    if let Some(down) = paths.iter().find(|path| path.to_string_lossy().ends_with(".down.sql")) {
        return Err(Failure::new(format!("{} belongs to a folder of migrations", down.display()))
            .hint("`migrations` is the state after the migrations of whimbrel.toml"));
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).map_err(Failure::file(&path, "read"))?;
        Ok(File { text: without_restrict(&text), path })
    };
    paths.into_iter().map(read).collect()
}

fn find(path: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(Failure::file(path, "read"))? {
            let path = entry.map_err(Failure::file(path, "read"))?.path();
            if path.is_dir() || path.extension().is_some_and(|extension| extension == "sql") {
                find(&path, paths)?;
            }
        }
    } else {
        paths.push(path.to_path_buf());
    }
    Ok(())
}

/// pg_dump puts its text between two commands of psql's; they become blank lines.
fn without_restrict(text: &str) -> String {
    let restricts = |line: &str| line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
    text.split_inclusive('\n').map(|line| if restricts(line) { "\n" } else { line }).collect()
}

/// Applies the files to an empty database.
pub async fn apply(pool: &PgPool, files: Vec<File>) -> Result<(), Failure> {
    let mut pending: Vec<Progress<'_>> = files.iter().map(Progress::new).collect();
    loop {
        let (mut stuck, mut failures, mut advanced) = (Vec::new(), Vec::new(), false);
        for mut file in pending {
            let before = file.done;
            match file.go_on(pool).await {
                Ok(()) => advanced = true,
                Err(failure) => {
                    advanced |= file.done > before;
                    failures.push(failure);
                    stuck.push(file);
                }
            }
        }
        pending = stuck;
        if pending.is_empty() {
            return Ok(());
        }
        if !advanced {
            return Err(together(failures));
        }
    }
}

fn together(mut failures: Vec<Failure>) -> Failure {
    if failures.len() == 1
        && let Some(failure) = failures.pop()
    {
        return failure;
    }
    let mut all = Failure::new(format!("{} cannot be applied", counted(failures.len(), "file")));
    for Failure { message, hints, .. } in failures {
        all.causes.push(message);
        all.hints.extend(hints);
    }
    all.hints.dedup();
    all
}

/// A file of which some statements took effect.
struct Progress<'a> {
    path: &'a Path,
    script: Script<'a>,
    done: usize,
}

impl<'a> Progress<'a> {
    fn new(file: &'a File) -> Self {
        Progress { path: &file.path, script: Script::parse(&file.text), done: 0 }
    }

    /// Runs its statements from the first that is not done on, each in a transaction of its own: what the file says of
    /// transactions is left out.
    async fn go_on(&mut self, pool: &PgPool) -> Result<(), Failure> {
        let mut connection = pool.acquire().await.map_err(|error| scratch::failed(&error))?;
        execute(&mut connection, SESSION).await.map_err(|error| scratch::failed(&error))?;
        let settings = self.script.statements[..self.done].iter().filter(|statement| sets(statement));
        for setting in settings {
            execute(&mut connection, &text(setting)).await.map_err(|error| scratch::failed(&error))?;
        }
        drop(connection);
        while let Some(statement) = self.script.statements.get(self.done) {
            self.run(statement, pool).await?;
            self.done += 1;
        }
        Ok(())
    }

    async fn run(&self, statement: &Statement<'_>, pool: &PgPool) -> Result<(), Failure> {
        if statement.ends_transaction() {
            let undoes = ["rollback", "abort"].iter().any(|word| statement.is(0, &[word]));
            let why = "it undoes what stands before it";
            return if undoes { Err(self.failure(statement.start, why).hint("remove both")) } else { Ok(()) };
        }
        if let Some(unsupported) = statement.unsupported() {
            return Err(self.failure(statement.start, &unsupported.reason).hint(unsupported.hint));
        }
        loop {
            let mut connection = pool.acquire().await.map_err(|error| scratch::failed(&error))?;
            let Err(error) = execute(&mut connection, &text(statement)).await else { return Ok(()) };
            drop(connection);
            let cause = DatabaseError::from(&error);
            if is_known_role(&cause) {
                return Ok(());
            }
            if !scratch::add_missing_role(pool, &cause).await? {
                let start = statement.start + offset(&error, statement.text);
                return Err(scratch::explain(self.failure(start, &cause.to_string()), &cause));
            }
        }
    }

    fn failure(&self, byte: usize, why: &str) -> Failure {
        let (line, column) = self.script.position(byte);
        let statement = self.done + 1;
        let statements = self.script.statements.len();
        let path = self.path.display();
        Failure::new(format!("{path}:{line}:{column}: statement {statement} of {statements} failed: {why}"))
    }
}

/// Whether it changes settings of the session, which the statements after it need.
fn sets(statement: &Statement<'_>) -> bool {
    statement.is(0, &["set"]) || (statement.is(0, &["select"]) && statement.text.contains("set_config"))
}

/// Its text, where `SET LOCAL` is `SET`: it is not in a transaction with what follows.
fn text<'a>(statement: &Statement<'a>) -> Cow<'a, str> {
    let local = statement.is(0, &["set", "local"]).then(|| statement.text.to_ascii_lowercase().find("local"));
    match local.flatten().and_then(|at| Some((statement.text.get(..at)?, statement.text.get(at + 5..)?))) {
        Some((set, rest)) => Cow::Owned(format!("{set}{rest}")),
        None => Cow::Borrowed(statement.text),
    }
}

/// Whether it creates a role that a statement before it referred to.
fn is_known_role(error: &DatabaseError) -> bool {
    error.message.starts_with("role \"") && error.message.ends_with("\" already exists")
}

/// Where in the statement the server points, in bytes.
fn offset(error: &sqlx::Error, text: &str) -> usize {
    let server = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    match server.and_then(PgDatabaseError::position) {
        // The server counts characters from 1.
        Some(PgErrorPosition::Original(position)) => {
            text.char_indices().nth(position.saturating_sub(1)).map_or(0, |(byte, _)| byte)
        }
        _ => 0,
    }
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}
