//! A whole transfer, phase by phase.

pub(crate) mod abort;
mod close;
pub(crate) mod matched;
mod open;

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use whimbrel::__private::session::{self, SessionSettings};
use whimbrel::__private::transform::TransformSpec;

use crate::budget::{Budget, batch_limit};
use crate::checkpoint::{self, Part, Phase};
use crate::error::{Doing, TransferError};
use crate::load::Load;
use crate::outcome::{Outcome, TransferReport};
use crate::progress::{Counts, Expected, Progress, Silent};
use crate::quarantine::Quarantine;
use crate::restore::run::{Restore, RestoreOutcome, move_sequences};
use crate::route::Selection;
use crate::shape::{self, Models};
use crate::source::{Limit, Source};
use crate::statements::execute;
use crate::{exclusive, store};
use matched::Matched;
use open::Opened;
use tokio_util::sync::CancellationToken;

/// What to do about an earlier transfer and about rows that are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Begin; refuse if a transfer is unfinished or a target table has rows.
    #[default]
    Fresh,
    /// Continue the transfer that was interrupted; begin if there is none and the target tables are empty.
    Resume,
    /// Empty the target tables, forget what was, and begin.
    Clean,
}

/// A transfer: loads the documents of a source into a database.
pub struct Transfer {
    source: Arc<dyn Source>,
    target: PgConnectOptions,
    transforms: Vec<&'static TransformSpec>,
    models: Models,
    selection: Selection,
    mode: Mode,
    jobs: usize,
    batch: Option<Limit>,
    wait: Duration,
    max_rejects: Option<u64>,
    fail_fast: bool,
    stop: CancellationToken,
    progress: Arc<dyn Progress>,
}

/// How long to wait for a killed transfer's connections to be noticed by the server.
pub(crate) const WAIT: Duration = Duration::from_secs(15);
/// How long to wait for a connection beyond the first: a server that takes only one lets the next one hang.
const FURTHER_CONNECTION: Duration = Duration::from_secs(5);

impl Transfer {
    /// A transfer of everything this program links, with one worker.
    pub fn new(source: Arc<dyn Source>, target: PgConnectOptions) -> Self {
        Transfer {
            source,
            target,
            transforms: whimbrel::__private::registry::transforms(),
            models: Models::registered(),
            selection: Selection::default(),
            mode: Mode::Fresh,
            jobs: 1,
            batch: None,
            wait: WAIT,
            max_rejects: Some(0),
            fail_fast: false,
            stop: CancellationToken::new(),
            progress: Arc::new(Silent),
        }
    }

    /// These transforms instead of all that are linked.
    #[must_use]
    pub fn transforms(mut self, transforms: Vec<&'static TransformSpec>) -> Self {
        self.transforms = transforms;
        self
    }

    /// These models instead of all that are linked: what the target tables are compared with.
    #[must_use]
    pub fn models(mut self, models: Models) -> Self {
        self.models = models;
        self
    }

    /// Paths that may be left out in any collection, besides those that the models declare.
    #[must_use]
    pub fn ignore(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.ignored.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Only what is made of these: names of models, tables or collections. Foreign keys of the selected tables are
    /// checked all the same, also those to tables that are not selected, whose rows must be there already.
    #[must_use]
    pub fn only(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.selection.only.extend(names.into_iter().map(Into::into));
        self
    }

    /// What to do about an earlier transfer.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// How many connections load side by side, at least 1. With 1 there is only one connection at all.
    ///
    /// Memory stays below 128 MiB, and below 192 MiB where lines of extended JSON hold documents near MongoDB's limit
    /// of 16 MiB. With such documents this needs an allocator that gives large blocks back: with the GNU C library as
    /// it is, every thread keeps what it once had (set `glibc.malloc.mmap_threshold` in `GLIBC_TUNABLES`).
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// How much goes into one transaction, instead of what suits the number of jobs. Each worker holds about
    /// three batches in memory.
    #[must_use]
    pub fn batch(mut self, limit: Limit) -> Self {
        self.batch = Some(limit);
        self
    }

    /// How long to wait when another transfer or a migration is at work; 15 seconds unless set.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// How many rejects are acceptable: with more, the exit code is 1. None unless set; `None` accepts any number.
    #[must_use]
    pub fn max_rejects(mut self, count: Option<u64>) -> Self {
        self.max_rejects = count;
        self
    }

    /// Stops loading as soon as there are more rejects than acceptable, instead of keeping them all. Off unless set.
    #[must_use]
    pub fn fail_fast(mut self, on: bool) -> Self {
        self.fail_fast = on;
        self
    }

    /// A request to end that the caller keeps a clone of.
    #[must_use]
    pub fn stop(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// Receives how far it is.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Runs it to its end, or until it is asked to stop.
    ///
    /// # Errors
    /// Nothing could be done, or not everything; what has arrived stays, and `--resume` continues.
    pub async fn run(self) -> Result<TransferReport, TransferError> {
        let progress = Arc::clone(&self.progress);
        let result = self.prepare_and_run().await;
        progress.end();
        result
    }

    async fn prepare_and_run(self) -> Result<TransferReport, TransferError> {
        let started = Instant::now();
        let matched = Matched::find(&self.source, &self.transforms, &self.selection).await?;
        let mut connection = connect(&self.target).await?;
        let waited_since =
            exclusive::acquire(&mut connection, self.wait, &self.stop, self.progress.as_ref()).await?;
        let findings = shape::check(&mut connection, &matched.routes, &self.models).await?;
        if !findings.is_empty() {
            return Err(TransferError::Shape { findings });
        }
        crate::route::prepare(&matched.routes, &mut connection)
            .await
            .doing(|| "reading the target's types")?;
        store::create(&mut connection).await?;
        Run { transfer: self, matched, started, waited_since }.phases(&mut vec![connection]).await
    }
}

struct Run {
    transfer: Transfer,
    matched: Matched,
    started: Instant,
    /// Since when it waited for another one to end, by the server's clock; unless it did not.
    waited_since: Option<String>,
}

impl Run {
    async fn phases(self, connections: &mut Vec<PgConnection>) -> Result<TransferReport, TransferError> {
        let mut opened = self.open(first(connections)?).await?;
        if opened.phase == Phase::Done {
            let outcome = Outcome::AlreadyComplete;
            return self.report(connections, &opened, outcome, (0.0, 0), RestoreOutcome::default()).await;
        }
        self.connect_more(connections, &opened).await?;
        let (mut load_seconds, mut rows) = (0.0, 0);
        if opened.phase == Phase::Load {
            let before = total_rows(&opened.parts);
            let started = Instant::now();
            self.load(connections, &opened).await?;
            load_seconds = started.elapsed().as_secs_f64();
            opened.parts = checkpoint::parts(first(connections)?, opened.id).await?;
            rows = total_rows(&opened.parts) - before;
            let too_many = self.too_many(&opened.parts);
            if too_many || !opened.parts.iter().all(|part| part.state.done) {
                let outcome = if too_many { Outcome::TooManyRejects } else { Outcome::Interrupted };
                let loaded = (load_seconds, rows);
                return self.report(connections, &opened, outcome, loaded, RestoreOutcome::default()).await;
            }
            checkpoint::enter(first(connections)?, opened.id, Phase::Restore).await?;
        }
        let restored = self.restore(connections, opened.id).await?;
        let outcome = match (restored.complete, restored.not_restored.is_empty()) {
            (false, _) => Outcome::Interrupted,
            (true, false) => Outcome::Incomplete,
            (true, true) => Outcome::Complete,
        };
        if outcome == Outcome::Complete {
            checkpoint::enter(first(connections)?, opened.id, Phase::Done).await?;
        }
        self.report(connections, &opened, outcome, (load_seconds, rows), restored).await
    }

    fn too_many(&self, parts: &[Part]) -> bool {
        let rejects = parts.iter().map(|part| part.state.rejects).sum::<u64>();
        self.transfer.fail_fast && self.transfer.max_rejects.is_some_and(|max| rejects > max)
    }

    /// Opens the connections of the other workers; goes on with fewer if the server has no more.
    async fn connect_more(
        &self,
        connections: &mut Vec<PgConnection>,
        opened: &Opened,
    ) -> Result<(), TransferError> {
        let open_parts = opened.parts.iter().filter(|part| !part.state.done).count();
        let wanted = match opened.phase {
            Phase::Load => self.transfer.jobs.min(open_parts.max(shape::tables(&self.matched.routes).len())),
            Phase::Restore | Phase::Done | Phase::Aborted => self.transfer.jobs,
        };
        while connections.len() < wanted {
            let next = tokio::time::timeout(FURTHER_CONNECTION, connect(&self.transfer.target)).await;
            match next {
                Ok(Ok(mut connection)) => {
                    exclusive::join(&mut connection).await?;
                    connections.push(connection);
                }
                failed => {
                    let why = match failed {
                        Ok(Err(error)) => error.to_string(),
                        _ => "the server does not answer".to_owned(),
                    };
                    let count = connections.len();
                    self.transfer
                        .progress
                        .note(&format!("going on with {count} instead of {wanted} jobs: {why}"));
                    break;
                }
            }
        }
        Ok(())
    }

    async fn load(&self, connections: &mut Vec<PgConnection>, opened: &Opened) -> Result<(), TransferError> {
        self.transfer.progress.begin(&self.expected(&opened.parts));
        let mut parts = opened.parts.clone();
        let size = |part: &Part| {
            let info = self.matched.collections.iter().find(|info| info.name == part.collection);
            info.and_then(|info| info.bytes).unwrap_or(u64::MAX)
        };
        // The largest first: the last ones to end should be short.
        parts.sort_by_key(|part| (std::cmp::Reverse(size(part)), part.number));
        let rejects: u64 = parts.iter().map(|part| part.state.rejects).sum();
        let left = |max: u64| AtomicI64::new(i64::try_from(max.saturating_sub(rejects)).unwrap_or(i64::MAX));
        let load = Arc::new(Load {
            transfer: opened.id,
            source: Arc::clone(&self.transfer.source),
            routes: self.matched.routes.clone(),
            limit: self.transfer.batch.unwrap_or_else(|| batch_limit(connections.len())),
            stop: self.transfer.stop.clone(),
            progress: Arc::clone(&self.transfer.progress),
            budget: Budget::to_load(),
            queue: Mutex::new(parts.into_iter().filter(|part| !part.state.done).collect()),
            damaged: Mutex::default(),
            acceptable: self.transfer.max_rejects.filter(|_| self.transfer.fail_fast).map(left),
        });
        let worker = Arc::clone(&load);
        let result = on_all(connections, move |mut connection| {
            let load = Arc::clone(&worker);
            async move {
                let result = load.work(&mut connection).await;
                (connection, result)
            }
        })
        .await;
        self.transfer.progress.loaded();
        result?;
        match load.damaged() {
            parts if parts.is_empty() => Ok(()),
            parts => Err(TransferError::Corrupt { parts }),
        }
    }

    fn expected(&self, parts: &[Part]) -> Vec<Expected> {
        let collections = self.matched.collections.iter();
        collections
            .map(|info| {
                let mut done = Counts::default();
                for part in parts.iter().filter(|part| part.collection == info.name) {
                    done.add(Counts {
                        documents: part.state.documents,
                        bytes: part.state.bytes,
                        rows: part.state.rows.values().sum(),
                        rejects: part.state.rejects,
                    });
                }
                Expected { collection: info.name.clone(), documents: info.documents, bytes: info.bytes, done }
            })
            .collect()
    }

    async fn restore(
        &self,
        connections: &mut Vec<PgConnection>,
        id: i64,
    ) -> Result<RestoreOutcome, TransferError> {
        let quarantine = Quarantine {
            transfer: id,
            source: Arc::clone(&self.transfer.source),
            routes: Arc::new(self.matched.routes.clone()),
            limit: batch_limit(2),
            stop: self.transfer.stop.clone(),
        };
        let restore = Restore { quarantine, progress: Arc::clone(&self.transfer.progress) };
        let restored = restore.run(connections).await?;
        if restored.complete {
            self.transfer.progress.step("moving sequences");
            move_sequences(first(connections)?, &shape::tables(&self.matched.routes)).await?;
        }
        Ok(restored)
    }
}

fn total_rows(parts: &[Part]) -> u64 {
    parts.iter().flat_map(|part| part.state.rows.values()).sum()
}

pub(crate) fn first(connections: &mut [PgConnection]) -> Result<&mut PgConnection, TransferError> {
    connections.first_mut().ok_or_else(|| TransferError::Task("no connection is left".to_owned()))
}

/// Does the same work on all connections side by side, and has them back in their order: the first one holds the
/// lock. The first error counts.
pub(crate) async fn on_all<T: Send + 'static, W>(
    connections: &mut Vec<PgConnection>,
    work: impl Fn(PgConnection) -> W,
) -> Result<Vec<T>, TransferError>
where
    W: Future<Output = (PgConnection, Result<T, TransferError>)> + Send + 'static,
{
    let mut tasks = tokio::task::JoinSet::new();
    for (at, connection) in connections.drain(..).enumerate() {
        let work = work(connection);
        tasks.spawn(async move { (at, work.await) });
    }
    let mut ended = Vec::new();
    while let Some(result) = tasks.join_next().await {
        ended.push(result.map_err(|error| TransferError::Task(error.to_string()))?);
    }
    ended.sort_by_key(|(at, _)| *at);
    let (returned, results): (Vec<_>, Vec<_>) = ended.into_iter().map(|(_, result)| result).unzip();
    connections.extend(returned);
    results.into_iter().collect()
}

const SETTING_UP: &str = "setting up the connection";

/// Opens a connection with settings of its own, whatever those of the role are, and whose end the server notices soon.
pub(crate) async fn connect(target: &PgConnectOptions) -> Result<PgConnection, TransferError> {
    let options = target.clone().application_name("whimbrel transfer");
    let mut connection = crate::connect::open(&options).await.map_err(TransferError::connect)?;
    let settings = "SET client_min_messages = warning; SET row_security = off";
    execute(&mut connection, settings, || SETTING_UP).await?;
    session::configure(&mut connection, SessionSettings::UNLIMITED).await.doing(|| SETTING_UP)?;
    session::watch_client(&mut connection).await.doing(|| SETTING_UP)?;
    Ok(connection)
}

/// Runs something that blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| TransferError::Task(error.to_string()))?
}
