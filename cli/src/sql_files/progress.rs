//! A file that is applied statement by statement.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use whimbrel::__private::script::{Script, Statement};
use whimbrel::DatabaseError;
use whimbrel_syntax::lex::Token;

use super::{Bodies, File, MODELS};
use crate::failure::Failure;
use crate::scratch;

/// What a session starts a file with. What a file declares is made in less time.
const SESSION: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET search_path = public; \
    SET statement_timeout = '60s'";

/// SQLSTATE's query_canceled.
const CANCELED: &str = "57014";

/// Why a file does not go on.
pub struct Stop {
    pub failure: Failure,
    /// The name of what is not there, as the server says it.
    pub lacks: Option<String>,
    /// What it declares is there already.
    pub exists: bool,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop { failure, lacks: None, exists: false }
    }
}

/// A file of which some statements took effect.
pub struct Progress<'a> {
    pub file: &'a File,
    pub script: Script<'a>,
    pub done: usize,
    /// The functions that were created without a look at their bodies.
    unchecked: Vec<usize>,
}

impl<'a> Progress<'a> {
    pub fn new(file: &'a File) -> Self {
        Progress { file, script: Script::parse(&file.text), done: 0, unchecked: Vec::new() }
    }

    /// Whether it changes the privileges of objects that are created after it.
    pub fn gives_privileges(&self) -> bool {
        let mut statements = self.script.statements.iter();
        self.file.declares && statements.any(|statement| statement.is(0, &["alter", "default", "privileges"]))
    }

    /// Runs its statements from the first that is not done on, each in a transaction of its own: what the file says of
    /// transactions is left out.
    pub async fn go_on(&mut self, pool: &PgPool, bodies: Bodies) -> Result<(), Stop> {
        self.begin(pool, self.done).await?;
        if bodies == Bodies::Unchecked {
            run(pool, "SET check_function_bodies = off").await?;
        }
        while let Some(statement) = self.script.statements.get(self.done) {
            self.run(statement, pool).await?;
            if bodies == Bodies::Unchecked && is_routine(statement) {
                self.unchecked.push(self.done);
            }
            self.done += 1;
        }
        Ok(())
    }

    /// The session as it is before a statement.
    async fn begin(&self, pool: &PgPool, statement: usize) -> Result<(), Failure> {
        run(pool, SESSION).await?;
        for setting in self.script.statements[..statement].iter().filter(|statement| sets(statement)) {
            run(pool, &self.text(setting)).await?;
        }
        Ok(())
    }

    /// Creates again, with a look at their bodies, the functions that were created without.
    pub async fn check_bodies(&self, pool: &PgPool) -> Result<(), Failure> {
        for at in &self.unchecked {
            self.begin(pool, *at).await?;
            let statement = &self.script.statements[*at];
            let text = self.text(statement);
            let sql = match statement.is(1, &["or", "replace"]) && !self.file.declares {
                true => text.into_owned(),
                false => format!("CREATE OR REPLACE {}", &text["create".len()..]),
            };
            let mut connection = pool.acquire().await.map_err(|error| scratch::failed(&error))?;
            if let Err(error) = execute(&mut connection, &sql).await {
                let why = DatabaseError::from(&error).to_string();
                return Err(self.failure(*at, statement.start, &why));
            }
        }
        Ok(())
    }

    async fn run(&self, statement: &Statement<'_>, pool: &PgPool) -> Result<(), Stop> {
        if statement.ends_transaction() {
            let undoes = ["rollback", "abort"].iter().any(|word| statement.is(0, &[word]));
            let why = "it undoes what stands before it";
            let failure = || self.failure(self.done, statement.start, why).hint("remove both");
            return if undoes { Err(failure().into()) } else { Ok(()) };
        }
        if let Some(unsupported) = statement.unsupported() {
            let failure = self.failure(self.done, statement.start, &unsupported.reason);
            return Err(failure.hint(unsupported.hint).into());
        }
        let text = self.text(statement);
        loop {
            let mut connection = pool.acquire().await.map_err(|error| scratch::failed(&error))?;
            let Err(error) = execute(&mut connection, &text).await else { return Ok(()) };
            drop(connection);
            let cause = DatabaseError::from(&error);
            if is_known_role(&cause) {
                return Ok(());
            }
            if !scratch::add_missing_role(pool, &cause).await? {
                let place = scratch::position(statement.text, &error).unwrap_or_default();
                let mut failure = self.failure(self.done, statement.start + place, &cause.to_string());
                if self.file.name == MODELS {
                    let step =
                        scratch::step(&self.file.text, statement.start).map(|step| format!("in: {step}"));
                    let line = scratch::line(statement.text, place).map(|line| format!("at: {line}"));
                    failure.causes.extend(step.into_iter().chain(line));
                }
                if cause.code.as_deref() == Some(CANCELED) {
                    failure = failure
                        .hint("if it needs longer, begin the file with `SET statement_timeout = '10min';`");
                }
                let exists = self.file.declares && is_there(&cause);
                return Err(Stop {
                    failure: scratch::explain(failure, &cause),
                    lacks: lacking(&cause),
                    exists,
                });
            }
        }
    }

    /// The text of a statement, where `SET LOCAL` is `SET`: it is not in a transaction with what follows. What declares
    /// something must not find it.
    fn text(&self, statement: &Statement<'a>) -> Cow<'a, str> {
        if statement.is(0, &["set", "local"]) {
            return without(statement, &["local"]);
        }
        let often = ["schema", "extension"].iter().any(|word| statement.is(1, &[word]));
        if !self.file.declares || often || !statement.is(0, &["create"]) {
            return Cow::Borrowed(statement.text);
        }
        match statement.is(1, &["or", "replace"]) {
            true => without(statement, &["or", "replace"]),
            false => without(statement, &["if", "not", "exists"]),
        }
    }

    fn failure(&self, statement: usize, byte: usize, why: &str) -> Failure {
        if self.file.name == MODELS {
            return Failure::new(format!("a statement of the models failed: {why}"));
        }
        let (line, column) = self.script.position(byte);
        let (statement, statements) = (statement + 1, self.script.statements.len());
        let name = &self.file.name;
        Failure::new(format!("{name}:{line}:{column}: statement {statement} of {statements} failed: {why}"))
    }
}

/// The text of a statement with blanks for these words, where they are beside each other among its first ones: places in
/// it stay what they are.
fn without<'a>(statement: &Statement<'a>, words: &[&str]) -> Cow<'a, str> {
    let Some(at) = (0..6).find(|at| statement.is(*at, words)) else { return Cow::Borrowed(statement.text) };
    let place = |token: &Token<'_>| token.text().as_ptr().addr() - statement.text.as_ptr().addr();
    let after = statement.tokens.get(at + words.len()).map_or(statement.text.len(), place);
    let before = statement.tokens.get(at).map_or(0, place);
    let blanks = " ".repeat(after.saturating_sub(before));
    Cow::Owned(format!("{}{blanks}{}", &statement.text[..before], &statement.text[after..]))
}

/// Whether it changes settings of the session, which the statements after it need.
pub fn sets(statement: &Statement<'_>) -> bool {
    statement.is(0, &["set"]) || (statement.is(0, &["select"]) && statement.text.contains("set_config"))
}

fn is_routine(statement: &Statement<'_>) -> bool {
    let kind = if statement.is(1, &["or", "replace"]) { 3 } else { 1 };
    statement.is(0, &["create"]) && ["function", "procedure"].iter().any(|word| statement.is(kind, &[word]))
}

/// Whether it creates a role that a statement before it referred to.
fn is_known_role(error: &DatabaseError) -> bool {
    error.message.starts_with("role \"") && error.message.ends_with("\" already exists")
}

/// Whether what a statement creates is there: SQLSTATE's duplicate_table, _object, _function, _column, _schema.
fn is_there(error: &DatabaseError) -> bool {
    let code = error.code.as_deref().unwrap_or_default();
    ["42P07", "42710", "42723", "42701", "42P06"].contains(&code)
}

/// The name of what is not there: `relation "shop.items" does not exist`, `function f(integer) does not exist`.
fn lacking(error: &DatabaseError) -> Option<String> {
    let what = error.message.strip_suffix(" does not exist")?;
    let name = match what.split_once('"') {
        Some((_, rest)) => rest.split('"').next()?,
        None => what.split_once(' ')?.1.split('(').next()?,
    };
    name.rsplit('.').next().map(str::to_owned)
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

async fn run(pool: &PgPool, sql: &str) -> Result<(), Failure> {
    let mut connection = pool.acquire().await.map_err(|error| scratch::failed(&error))?;
    execute(&mut connection, sql).await.map_err(|error| scratch::failed(&error))
}

/// What a statement creates: after how many tokens its name stands, its schema if that is named, and its name.
pub fn created(statement: &Statement<'_>) -> Option<(usize, Option<String>, String)> {
    const BEFORE: &str = "create or replace temp temporary unlogged recursive materialized constraint unique event \
        foreign if not exists concurrently default conversion table view index sequence type domain function \
        procedure aggregate trigger policy rule schema extension statistics collation text search configuration \
        dictionary operator cast class";
    if !statement.is(0, &["create"]) {
        return None;
    }
    let is_before = |token: &&Token<'_>| BEFORE.split_whitespace().any(|word| token.is(word));
    let before = statement.tokens.iter().take_while(is_before).count();
    let mut rest = statement.tokens.iter().skip(before);
    let first = rest.next()?.name()?.into_owned();
    match (rest.next(), rest.next()) {
        (Some(Token::Sign(".")), Some(name)) => Some((before, Some(first), name.name()?.into_owned())),
        _ => Some((before, None, first)),
    }
}
