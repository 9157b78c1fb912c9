//! Runs one file: up or down, in a transaction or outside.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel_schema::chain::{self, Checksum};

use super::session::Session;
use crate::error::{DatabaseError, Error, StatementError};
use crate::journal::{self, Event, MigrationRef, Progress};
use crate::migration::{Direction, Migration};
use crate::redact::redact;
use crate::script::Script;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) migration: &'a MigrationRef,
    /// What the journal stores to undo an up file.
    down_sql: Option<&'a str>,
    pub(super) direction: Direction,
    pub(super) script: Script<'a>,
    pub(super) transactional: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ran {
    pub(super) statements: usize,
    pub(super) duration: Duration,
}

/// A failure, and whether trying again may help.
struct Failed {
    error: Error,
    transient: bool,
}

impl Failed {
    fn of(error: Error) -> Self {
        Failed { error, transient: false }
    }
}

impl<'a> Run<'a> {
    pub(super) fn up(migration: &'a MigrationRef, files: &'a Migration) -> Self {
        let down_sql = Some(&*files.down_sql);
        Run { direction: Direction::Up, down_sql, ..Run::down(migration, &files.up_sql) }
    }

    pub(super) fn down(migration: &'a MigrationRef, sql: &'a str) -> Self {
        let transactional = !chain::no_transaction(sql);
        Run {
            migration,
            down_sql: None,
            direction: Direction::Down,
            script: Script::parse(sql),
            transactional,
        }
    }

    /// Refuses what cannot be run before anything is.
    pub(super) fn check(&self) -> Result<(), Error> {
        for statement in &self.script.statements {
            if let Some(refusal) = statement.unsupported() {
                let (line, _) = self.script.position(statement.start);
                let file = self.migration.file(self.direction);
                return Err(Error::UnsupportedStatement {
                    file,
                    line,
                    reason: refusal.reason,
                    hint: refusal.hint,
                });
            }
        }
        Ok(())
    }

    /// Runs the file from the statement with this index on. Only a file outside a transaction can go on midway.
    pub(super) async fn run(&self, session: &mut Session<'_>, from: usize) -> Result<Ran, Error> {
        let began = Instant::now();
        tracing::info!(file = %self.migration.file(self.direction), "running");
        session.prepare(session.options.lock_timeout).await?;
        self.append(session.conn, self.began(), from, began, None).await?;
        let result = if self.transactional {
            self.in_transaction(session, began).await
        } else {
            self.outside(session, from, began).await
        };
        match result {
            Ok(()) => {
                let ran = Ran { statements: self.script.statements.len(), duration: began.elapsed() };
                tracing::info!(file = %self.migration.file(self.direction), duration = ?ran.duration, "done");
                Ok(ran)
            }
            Err((done, error)) => {
                let text = Some(error.to_string());
                // A journal that cannot be written to (a lost connection, say) must not hide the error itself; the
                // next run finds `started` without an outcome and sorts it out.
                if let Err(unwritten) = self.append(session.conn, self.failed(), done, began, text).await {
                    tracing::warn!(error = %unwritten, "the failure could not be recorded in the journal");
                }
                Err(error)
            }
        }
    }

    fn began(&self) -> Event {
        if self.direction == Direction::Up { Event::Started } else { Event::RevertStarted }
    }

    fn progressed(&self) -> Event {
        if self.direction == Direction::Up { Event::Progress } else { Event::RevertProgress }
    }

    fn ended(&self) -> Event {
        if self.direction == Direction::Up { Event::Finished } else { Event::Reverted }
    }

    fn failed(&self) -> Event {
        if self.direction == Direction::Up { Event::Failed } else { Event::RevertFailed }
    }

    async fn append(
        &self,
        conn: &mut PgConnection,
        event: Event,
        done: usize,
        began: Instant,
        error: Option<String>,
    ) -> Result<(), Error> {
        let prefix = (!self.transactional).then(|| Checksum::of(self.script.prefix(done)).to_string());
        let progress = Progress {
            transactional: self.transactional,
            statements: self.script.statements.len(),
            done,
            prefix_checksum: prefix,
            duration: (event != self.began()).then(|| began.elapsed()),
            error,
        };
        journal::append(conn, self.migration, event, &progress, self.down_sql).await
    }

    async fn in_transaction(&self, session: &mut Session<'_>, began: Instant) -> Result<(), (usize, Error)> {
        let mut tries = 0;
        loop {
            match self.one_transaction(session, 0..self.script.statements.len(), self.ended(), began).await {
                Ok(()) => return Ok(()),
                Err(Failed { error, transient: true }) if tries < session.options.retries => {
                    tries += 1;
                    pause(tries, &error).await;
                }
                Err(Failed { error, .. }) => return Err((0, error)),
            }
        }
    }

    async fn outside(
        &self,
        session: &mut Session<'_>,
        from: usize,
        began: Instant,
    ) -> Result<(), (usize, Error)> {
        let count = self.script.statements.len();
        if from >= count {
            return self.append(session.conn, self.ended(), count, began, None).await.map_err(|e| (count, e));
        }
        for at in from..count {
            let event = if at + 1 == count { self.ended() } else { self.progressed() };
            let mut tries = 0;
            loop {
                let alone = self.script.statements[at].non_transactional();
                let result = if alone {
                    self.alone(session, at, event, began).await
                } else {
                    self.one_transaction(session, at..at + 1, event, began).await
                };
                match result {
                    Ok(()) => break,
                    // What must run alone may have left something behind.
                    Err(Failed { error, transient: true }) if !alone && tries < session.options.retries => {
                        tries += 1;
                        pause(tries, &error).await;
                    }
                    Err(Failed { error, .. }) => return Err((at, error)),
                }
            }
        }
        Ok(())
    }

    /// Runs statements and records the event, all in one transaction.
    async fn one_transaction(
        &self,
        session: &mut Session<'_>,
        range: std::ops::Range<usize>,
        event: Event,
        began: Instant,
    ) -> Result<(), Failed> {
        session.prepare(session.options.lock_timeout).await.map_err(Failed::of)?;
        let query = |doing| move |error| Failed::of(Error::query(doing, error));
        let done = range.end;
        let mut transaction = session.conn.begin().await.map_err(query("beginning a transaction"))?;
        for at in range {
            self.statement(&mut transaction, at).await?;
        }
        // Deferred constraints speak up here, where the error can still be told apart from one of the journal.
        let last = done.saturating_sub(1);
        self.execute(&mut transaction, "SET CONSTRAINTS ALL IMMEDIATE", last).await?;
        self.append(&mut transaction, event, done, began, None).await.map_err(Failed::of)?;
        transaction.commit().await.map_err(query("committing a migration"))
    }

    /// Runs a statement that PostgreSQL takes only outside a transaction, then records the event.
    async fn alone(
        &self,
        session: &mut Session<'_>,
        at: usize,
        event: Event,
        began: Instant,
    ) -> Result<(), Failed> {
        let waits = self.script.statements[at].waits_for_others();
        let lock_timeout = if waits { Duration::ZERO } else { session.options.lock_timeout };
        session.prepare(lock_timeout).await.map_err(Failed::of)?;
        self.statement(session.conn, at).await?;
        self.append(session.conn, event, at + 1, began, None).await.map_err(Failed::of)
    }

    async fn statement(&self, conn: &mut PgConnection, at: usize) -> Result<(), Failed> {
        let text = self.script.statements[at].text;
        tracing::debug!(statement = at + 1, sql = redact(text), "running");
        self.execute(conn, text, at).await
    }

    async fn execute(&self, conn: &mut PgConnection, text: &str, at: usize) -> Result<(), Failed> {
        match sqlx::raw_sql(AssertSqlSafe(text)).execute(conn).await {
            Ok(_) => Ok(()),
            Err(source) => {
                let cause = DatabaseError::from(&source);
                Err(Failed { transient: cause.is_transient(), error: self.error(at, &source, cause) })
            }
        }
    }

    fn error(&self, at: usize, source: &sqlx::Error, cause: DatabaseError) -> Error {
        if cause.is_connection() {
            return Error::Connection { doing: "running a migration", cause };
        }
        let start = self.script.statements.get(at).map_or(0, |statement| statement.start);
        let (first_line, _) = self.script.position(start);
        let server = source.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
        let pointed = match server.and_then(PgDatabaseError::position) {
            Some(PgErrorPosition::Original(position)) => {
                let text = self.script.statements.get(at).map_or("", |statement| statement.text);
                // The server counts characters from 1.
                text.char_indices().nth(position.saturating_sub(1)).map(|(byte, _)| start + byte)
            }
            _ => None,
        };
        let (line, column) = match pointed.map(|byte| self.script.position(byte)) {
            Some((line, column)) => (line, Some(column)),
            None => (first_line, None),
        };
        Error::Statement(Box::new(StatementError {
            file: self.migration.file(self.direction),
            version: self.migration.version,
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

async fn pause(tries: u32, error: &Error) {
    let pause = (FIRST_PAUSE * 2_u32.saturating_pow(tries.saturating_sub(1))).min(LONGEST_PAUSE);
    tracing::warn!(tries, ?pause, %error, "rolled back, trying again");
    tokio::time::sleep(pause).await;
}
