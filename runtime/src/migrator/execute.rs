//! Runs files: up or down, in a transaction or outside.

use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel_syntax::chain::{self, Checksum};

use super::plan::{Applied, Outcome};
use super::session::Session;
use super::{Options, recover};
use crate::error::{DatabaseError, Doing as _, Error, StatementError};
use crate::journal::{self, Entry, Event, Failure, MigrationRef, MigrationState, Phase};
use crate::migration::{Direction, Migration};
use crate::redact::redact;
use crate::script::{Script, Statement, Unsupported};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A file of a migration, and how far it came.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) migration: MigrationRef,
    pub(super) direction: Direction,
    pub(super) sql: Cow<'a, str>,
    /// What the journal stores to undo an up file.
    pub(super) down_sql: Option<&'a str>,
    /// Where an earlier run stopped, outside a transaction.
    pub(super) failure: Option<Failure>,
}

impl<'a> File<'a> {
    pub(super) fn up(migration: &'a Migration, phase: &Phase) -> Self {
        File {
            migration: MigrationRef::from(migration),
            direction: Direction::Up,
            sql: Cow::Borrowed(&migration.up_sql),
            down_sql: Some(&migration.down_sql),
            failure: phase.failure(Direction::Up).cloned(),
        }
    }

    pub(super) fn down(state: &MigrationState, sql: String) -> Self {
        File {
            migration: state.migration.clone(),
            direction: Direction::Down,
            sql: Cow::Owned(sql),
            down_sql: None,
            failure: state.phase.failure(Direction::Down).cloned(),
        }
    }
}

/// Runs files, each from where an earlier run stopped.
pub(super) async fn run(
    conn: &mut PgConnection,
    options: Options,
    files: &[File<'_>],
) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    if files.is_empty() {
        return Ok(outcome);
    }
    let mut session = Session::new(conn, options).await?;
    for file in files {
        let run = Run::of(file);
        let from = match &file.failure {
            Some(failure) => recover::resume(&mut session, &run, failure).await?,
            None => 0,
        };
        outcome.done.push(run.run(&mut session, from).await?);
    }
    Ok(outcome)
}

/// A file as statements.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) script: Script<'a>,
    transactional: bool,
}

impl<'a> Run<'a> {
    pub(super) fn of(file: &'a File<'a>) -> Self {
        let transactional = !chain::no_transaction(&file.sql);
        Run { file, script: Script::parse(&file.sql), transactional }
    }

    /// The file's name.
    pub(super) fn name(&self) -> String {
        self.file.migration.file(self.file.direction)
    }

    /// The line at which a statement (an index from 0) begins.
    pub(super) fn line(&self, at: usize) -> usize {
        self.script.position(self.script.statements.get(at).map_or(0, |statement| statement.start)).0
    }

    /// Refuses a file that was changed where it is applied already.
    pub(super) fn check_prefix(&self, failure: &Failure) -> Result<(), Error> {
        let prefix = self.prefix_checksum(failure.done);
        let known = failure.prefix_checksum.as_ref().is_none_or(|recorded| *recorded == prefix);
        if failure.done > self.script.statements.len() || !known {
            return Err(Error::AppliedPartChanged { file: self.name(), done: failure.done });
        }
        Ok(())
    }

    pub(super) fn prefix_checksum(&self, done: usize) -> String {
        Checksum::of(self.script.prefix(done)).to_string()
    }

    /// Refuses what cannot be run before anything is.
    pub(super) fn check(&self) -> Result<(), Error> {
        let refusal = |(at, statement): (usize, &Statement<'_>)| Some((at, statement.unsupported()?));
        match self.script.statements.iter().enumerate().find_map(refusal) {
            Some((at, Unsupported { reason, hint })) => {
                Err(Error::UnsupportedStatement { file: self.name(), line: self.line(at), reason, hint })
            }
            None => Ok(()),
        }
    }

    /// What is recorded when a run begins, a statement took effect outside a transaction, all did, one failed.
    fn events(&self) -> [Event; 4] {
        match self.file.direction {
            Direction::Up => [Event::Started, Event::Progress, Event::Finished, Event::Failed],
            Direction::Down => {
                [Event::RevertStarted, Event::RevertProgress, Event::Reverted, Event::RevertFailed]
            }
        }
    }

    /// Runs the file from the statement with this index on. Only a file outside a transaction can go on midway.
    async fn run(&self, session: &mut Session<'_>, from: usize) -> Result<Applied, Error> {
        let began = Instant::now();
        let [started, _, _, failed] = self.events();
        tracing::info!(file = %self.name(), "running");
        session.prepare(session.options.lock_timeout).await?;
        self.append(session.conn, started, from, None, None).await?;
        let result = if self.transactional {
            let all = 0..self.script.statements.len();
            self.statements(session, all, began).await.map_err(|error| (0, error))
        } else {
            self.outside(session, from, began).await
        };
        match result {
            Ok(()) => {
                let duration = began.elapsed();
                tracing::info!(file = %self.name(), ?duration, "done");
                let File { direction, migration, .. } = self.file;
                Ok(Applied::new(*direction, migration, self.script.statements.len(), duration))
            }
            Err((done, error)) => {
                let text = Some(error.to_string());
                // A journal that cannot be written to (a lost connection, say) must not hide the error itself; the
                // next run finds `started` without an outcome and sorts it out.
                if let Err(unwritten) = self.append(session.conn, failed, done, Some(began), text).await {
                    tracing::warn!(error = %unwritten, "the failure could not be recorded in the journal");
                }
                Err(error)
            }
        }
    }

    async fn append(
        &self,
        conn: &mut PgConnection,
        event: Event,
        done: usize,
        began: Option<Instant>,
        error: Option<String>,
    ) -> Result<(), Error> {
        let entry = Entry {
            transactional: self.transactional,
            statements_done: done,
            prefix_checksum: (!self.transactional).then(|| self.prefix_checksum(done)),
            duration_us: began.and_then(|began| u64::try_from(began.elapsed().as_micros()).ok()),
            error,
            ..Entry::new(self.file.migration.clone(), event, self.script.statements.len())
        };
        journal::append(conn, entry, self.file.down_sql).await
    }

    async fn outside(
        &self,
        session: &mut Session<'_>,
        from: usize,
        began: Instant,
    ) -> Result<(), (usize, Error)> {
        let count = self.script.statements.len();
        if from >= count {
            let [_, _, finished, _] = self.events();
            let recorded = self.append(session.conn, finished, count, Some(began), None).await;
            return recorded.map_err(|error| (count, error));
        }
        for at in from..count {
            self.statements(session, at..at + 1, began).await.map_err(|error| (at, error))?;
        }
        Ok(())
    }

    /// Runs statements and records that they took effect, if need be more than once.
    async fn statements(
        &self,
        session: &mut Session<'_>,
        range: Range<usize>,
        began: Instant,
    ) -> Result<(), Error> {
        let [_, progress, finished, _] = self.events();
        let event = if range.end == self.script.statements.len() { finished } else { progress };
        let alone = !self.transactional && self.script.statements[range.start].non_transactional();
        let again = !alone || self.script.is_repeatable(range.start);
        let mut tries = 0;
        loop {
            let result = if alone {
                self.alone(session, range.start, event, began).await
            } else {
                self.one_transaction(session, range.clone(), event, began).await
            };
            match result {
                Ok(()) => return Ok(()),
                // What must run alone may have left something behind.
                Err(Error::Statement(error))
                    if error.cause.is_transient() && again && tries < session.options.retries =>
                {
                    tries += 1;
                    pause(tries, &error).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs statements and records the event, all in one transaction.
    async fn one_transaction(
        &self,
        session: &mut Session<'_>,
        range: Range<usize>,
        event: Event,
        began: Instant,
    ) -> Result<(), Error> {
        self.prepare(session, range.start, session.options.lock_timeout).await?;
        let done = range.end;
        let mut transaction = session.conn.begin().await.doing("beginning a transaction")?;
        for at in range {
            self.statement(&mut transaction, at).await?;
        }
        // Deferred constraints speak up here, where the error can still be told apart from one of the journal.
        let last = done.saturating_sub(1);
        self.execute(&mut transaction, "SET CONSTRAINTS ALL IMMEDIATE", last).await?;
        self.append(&mut transaction, event, done, Some(began), None).await?;
        transaction.commit().await.doing("committing a migration")
    }

    /// Runs a statement that PostgreSQL takes only outside a transaction, then records the event.
    async fn alone(
        &self,
        session: &mut Session<'_>,
        at: usize,
        event: Event,
        began: Instant,
    ) -> Result<(), Error> {
        let waits = self.script.statements[at].waits_for_others();
        let lock_timeout = if waits { Duration::ZERO } else { session.options.lock_timeout };
        self.prepare(session, at, lock_timeout).await?;
        self.statement(session.conn, at).await?;
        self.append(session.conn, event, at + 1, Some(began), None).await
    }

    /// Puts the session's settings back, and sets again what the statements before this one have set: each is committed by
    /// itself, and the run may have been interrupted.
    async fn prepare(
        &self,
        session: &mut Session<'_>,
        at: usize,
        lock_timeout: Duration,
    ) -> Result<(), Error> {
        session.prepare(lock_timeout).await?;
        for before in (0..at).filter(|before| self.script.statements[*before].is_setting()) {
            self.statement(session.conn, before).await?;
        }
        Ok(())
    }

    async fn statement(&self, conn: &mut PgConnection, at: usize) -> Result<(), Error> {
        let text = self.script.statements[at].text;
        tracing::debug!(statement = at + 1, sql = redact(text), "running");
        self.execute(conn, text, at).await
    }

    async fn execute(&self, conn: &mut PgConnection, text: &str, at: usize) -> Result<(), Error> {
        let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(conn).await;
        done.map(|_| ()).map_err(|error| self.error(at, &error))
    }

    fn error(&self, at: usize, source: &sqlx::Error) -> Error {
        let cause = DatabaseError::from(source);
        if cause.is_connection() {
            return Error::Connection { doing: "running a migration", cause };
        }
        let statement = self.script.statements.get(at);
        let server = source.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
        let pointed = match server.and_then(PgDatabaseError::position) {
            Some(PgErrorPosition::Original(position)) => {
                // The server counts characters from 1.
                statement.and_then(|statement| {
                    let at = statement.text.char_indices().nth(position.saturating_sub(1));
                    at.map(|(byte, _)| statement.start + byte)
                })
            }
            _ => None,
        };
        let (line, column) = match pointed.map(|byte| self.script.position(byte)) {
            Some((line, column)) => (line, Some(column)),
            None => (self.line(at), None),
        };
        Error::Statement(Box::new(StatementError {
            file: self.name(),
            version: self.file.migration.version,
            statement: at + 1,
            statements: self.script.statements.len(),
            line,
            column,
            // As a whole: a literal may stand on another line than the word that announces it.
            source_line: redact(self.script.sql)
                .lines()
                .nth(line.saturating_sub(1))
                .unwrap_or_default()
                .to_owned(),
            cause,
            rolled_back: self.transactional,
        }))
    }
}

async fn pause(tries: u32, error: &StatementError) {
    let pause = (FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1))).min(LONGEST_PAUSE);
    match error.rolled_back {
        true => tracing::warn!(tries, ?pause, %error, "rolled back, trying again"),
        false => tracing::warn!(tries, ?pause, %error, "trying this statement again"),
    }
    tokio::time::sleep(pause).await;
}
