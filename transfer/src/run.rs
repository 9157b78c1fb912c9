//! A whole transfer, phase by phase.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use whimbrel::transform::TransformSpec;
use whimbrel_schema::model::QName;

use crate::checkpoint::{self, Part, PartState, Phase, Plan, Recorded};
use crate::copy::table_sql;
use crate::error::{Doing, TransferError};
use crate::load::{Load, batch_limit};
use crate::outcome::{CollectionReport, Outcome, TransferReport};
use crate::progress::{Counts, Expected, Progress, Silent};
use crate::rebuild::{self, Rebuild, Rebuilt};
use crate::route::{Route, routes};
use crate::shape::{self, Models};
use crate::source::{CollectionInfo, Limit, Source};
use crate::stop::Stop;
use crate::sweep::Sweep;
use crate::{deferred, exclusive, reject, store};

/// What to do about an earlier transfer and about rows that are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Begin; refuse if a transfer is unfinished or a target table has rows.
    #[default]
    Fresh,
    /// Continue the transfer that was interrupted; begin if there is none and the target tables are empty.
    Resume,
    /// Empty the target tables, forget what was, and begin.
    Clean,
}

/// A transfer about to be run: see [`Transfer::builder`].
pub struct Transfer {
    source: Option<Arc<dyn Source>>,
    target: Option<PgConnectOptions>,
    transforms: Vec<&'static TransformSpec>,
    models: Models,
    mode: Mode,
    jobs: usize,
    batch: Option<Limit>,
    patience: Duration,
    stop: Stop,
    progress: Arc<dyn Progress>,
}

/// How long to wait for a killed transfer's connections to be noticed by the server.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long to wait for a connection beyond the first: a server that takes only one lets the next one hang.
const FURTHER_CONNECTION: Duration = Duration::from_secs(5);
/// Collections below this size are not worth splitting, in bytes.
const WORTH_SPLITTING: u64 = 8 << 20;

impl Transfer {
    /// A transfer with everything this program links, one worker, and nobody told.
    pub fn builder() -> Self {
        Transfer {
            source: None,
            target: None,
            transforms: whimbrel::registry::transforms(),
            models: Models::registered(),
            mode: Mode::Fresh,
            jobs: 1,
            batch: None,
            patience: PATIENCE,
            stop: Stop::new(),
            progress: Arc::new(Silent),
        }
    }

    /// Where the documents are.
    #[must_use]
    pub fn source(mut self, source: Arc<dyn Source>) -> Self {
        self.source = Some(source);
        self
    }

    /// The database they go to.
    #[must_use]
    pub fn target(mut self, target: PgConnectOptions) -> Self {
        self.target = Some(target);
        self
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

    /// What to do about an earlier transfer.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// How many connections load side by side, at least 1. With 1 there is only one connection at all.
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

    /// How long to wait when another transfer is at work. A killed one is noticed within a second or two.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// A request to end that the caller keeps a clone of.
    #[must_use]
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// Who is told how it goes.
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
        let source = self.source.clone().ok_or(TransferError::Missing { what: "source" })?;
        let target = self.target.clone().ok_or(TransferError::Missing { what: "target database" })?;
        if self.transforms.is_empty() {
            return Err(TransferError::NoTransforms);
        }
        let matched = Matched::find(&source, &self.transforms).await?;
        let mut connection = connect(&target).await?;
        exclusive::acquire(&mut connection, self.patience, &self.stop, self.progress.as_ref()).await?;
        let problems = shape::check(&mut connection, &matched.routes, &self.models).await?;
        if !problems.is_empty() {
            return Err(TransferError::Shape { problems });
        }
        crate::route::prepare(&matched.routes, &mut connection)
            .await
            .doing(|| "reading the target's types")?;
        store::create(&mut connection).await?;
        let run = Run { transfer: self, source, target, matched, started };
        let result = run.phases(&mut vec![connection]).await;
        result
    }
}

/// What of the source and of the transforms belongs together.
struct Matched {
    /// The routes whose collection the source has.
    routes: Vec<Route>,
    /// The collections, in the order of the routes.
    collections: Vec<CollectionInfo>,
    unread: Vec<String>,
    absent: Vec<String>,
}

impl Matched {
    async fn find(
        source: &Arc<dyn Source>,
        transforms: &[&'static TransformSpec],
    ) -> Result<Self, TransferError> {
        let all = routes(transforms);
        let listing = Arc::clone(source);
        let found = blocking(move || listing.collections().map_err(TransferError::from)).await?;
        let mut by_name: BTreeMap<String, CollectionInfo> =
            found.into_iter().map(|info| (info.name.clone(), info)).collect();
        let available: Vec<String> = by_name.keys().cloned().collect();
        let (mut routes, mut collections, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for route in all {
            match by_name.remove(route.collection) {
                Some(info) => {
                    collections.push(info);
                    routes.push(route);
                }
                None => absent.push(route.collection.to_owned()),
            }
        }
        if routes.is_empty() {
            let source_name = source.describe();
            return Err(TransferError::NothingInCommon { source_name, available, wanted: absent });
        }
        Ok(Matched { routes, collections, unread: by_name.into_keys().collect(), absent })
    }
}

struct Run {
    transfer: Transfer,
    source: Arc<dyn Source>,
    target: PgConnectOptions,
    matched: Matched,
    started: Instant,
}

/// What [`Run::open`] found or made.
struct Opened {
    id: i64,
    phase: Phase,
    parts: Vec<Part>,
    kept: Vec<String>,
    resumed: bool,
}

impl Run {
    async fn phases(self, connections: &mut Vec<PgConnection>) -> Result<TransferReport, TransferError> {
        let mut opened = self.open(first(connections)?).await?;
        if opened.phase == Phase::Done {
            return self
                .report(connections, &opened, Outcome::AlreadyComplete, 0.0, 0, Rebuilt::default())
                .await;
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
            if !opened.parts.iter().all(|part| part.state.done) {
                let outcome = Outcome::Interrupted;
                return self
                    .report(connections, &opened, outcome, load_seconds, rows, Rebuilt::default())
                    .await;
            }
            checkpoint::enter(first(connections)?, opened.id, Phase::Rebuild).await?;
        }
        let rebuilt = self.rebuild(connections, opened.id).await?;
        let outcome = match (rebuilt.complete, rebuilt.problems.is_empty()) {
            (false, _) => Outcome::Interrupted,
            (true, false) => Outcome::Incomplete,
            (true, true) => Outcome::Complete,
        };
        if outcome == Outcome::Complete {
            checkpoint::enter(first(connections)?, opened.id, Phase::Done).await?;
        }
        self.report(connections, &opened, outcome, load_seconds, rows, rebuilt).await
    }

    /// Finds the transfer to continue, or begins a new one.
    async fn open(&self, connection: &mut PgConnection) -> Result<Opened, TransferError> {
        let latest = checkpoint::latest(connection).await?;
        let plan = Plan::of(&self.matched.routes);
        match (self.transfer.mode, latest) {
            (Mode::Resume, Some(latest)) => {
                if let Some(opened) = self.resume(connection, latest, &plan).await? {
                    return Ok(opened);
                }
            }
            (Mode::Fresh, Some(latest)) if latest.phase != Phase::Done => {
                return Err(TransferError::Unfinished {
                    id: latest.id,
                    source_name: latest.source,
                    started: latest.started,
                });
            }
            _ => {}
        }
        if self.transfer.mode != Mode::Clean {
            let tables = occupied(connection, &shape::tables(&self.matched.routes)).await?;
            if !tables.is_empty() {
                return Err(TransferError::NotEmpty { tables });
            }
        }
        self.begin(connection, &plan).await
    }

    /// Continues a transfer; `None` if it had ended and its tables have been emptied since, so that a new one may
    /// begin.
    async fn resume(
        &self,
        connection: &mut PgConnection,
        latest: Recorded,
        plan: &Plan,
    ) -> Result<Option<Opened>, TransferError> {
        if latest.phase == Phase::Done
            && occupied(connection, &shape::tables(&self.matched.routes)).await?.is_empty()
            && checkpoint::parts(connection, latest.id).await?.iter().any(|part| !part.state.rows.is_empty())
        {
            return Ok(None);
        }
        let now = self.source.describe();
        if latest.source != now {
            return Err(TransferError::OtherSource { id: latest.id, before: latest.source, now });
        }
        if let Some(difference) = latest.plan.difference(plan) {
            return Err(TransferError::OtherTransforms { id: latest.id, difference });
        }
        let parts = checkpoint::parts(connection, latest.id).await?;
        Ok(Some(Opened { id: latest.id, phase: latest.phase, parts, kept: Vec::new(), resumed: true }))
    }

    /// Begins: the transfer's record, its parts, and everything that is deferred, in one transaction.
    async fn begin(&self, connection: &mut PgConnection, plan: &Plan) -> Result<Opened, TransferError> {
        let parts = self.split().await?;
        self.transfer.progress.step("deferring constraints and indexes");
        let tables = shape::tables(&self.matched.routes);
        let collections: Vec<&str> = self.matched.routes.iter().map(|route| route.collection).collect();
        let doing = || "beginning the transfer";
        let mut transaction = connection.begin().await.doing(doing)?;
        checkpoint::abandon(&mut transaction, &collections).await?;
        let id = checkpoint::begin(&mut transaction, &self.source.describe(), plan, &parts).await?;
        let names: Vec<&QName> = tables.iter().collect();
        let outcome = deferred::defer(&mut transaction, id, &names).await?;
        if self.transfer.mode == Mode::Clean {
            empty(&mut transaction, &tables).await?;
        }
        transaction.commit().await.doing(doing)?;
        Ok(Opened { id, phase: Phase::Load, parts, kept: outcome.kept, resumed: false })
    }

    /// Cuts large collections so that every worker has something to do.
    async fn split(&self) -> Result<Vec<Part>, TransferError> {
        let source = Arc::clone(&self.source);
        let jobs = self.transfer.jobs;
        let collections = self.matched.collections.clone();
        let ranges = blocking(move || {
            let mut ranges = Vec::new();
            for info in &collections {
                let small = info.bytes.is_some_and(|bytes| bytes < WORTH_SPLITTING);
                let wanted = if jobs == 1 || small { 1 } else { jobs };
                for range in source.split(&info.name, wanted)? {
                    ranges.push((info.name.clone(), range));
                }
            }
            Ok(ranges)
        });
        let parts = ranges.await?.into_iter().enumerate();
        // There are as many parts as collections times jobs, far below 2³¹.
        Ok(parts
            .map(|(number, (collection, range))| Part {
                number: number as i32,
                collection,
                range,
                state: PartState::default(),
            })
            .collect())
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
            Phase::Rebuild | Phase::Done => self.transfer.jobs,
        };
        while connections.len() < wanted {
            let next = tokio::time::timeout(FURTHER_CONNECTION, connect(&self.target)).await;
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
        let load = Arc::new(Load::new(
            opened.id,
            Arc::clone(&self.source),
            self.matched.routes.clone(),
            parts,
            self.transfer.batch.unwrap_or_else(|| batch_limit(connections.len())),
            self.transfer.stop.clone(),
            Arc::clone(&self.transfer.progress),
        ));
        let mut tasks = tokio::task::JoinSet::new();
        for (at, mut connection) in connections.drain(..).enumerate() {
            let load = Arc::clone(&load);
            tasks.spawn(async move {
                let result = load.work(&mut connection).await;
                (at, connection, result)
            });
        }
        let mut returned = Vec::new();
        let mut first_error = None;
        while let Some(result) = tasks.join_next().await {
            let (at, connection, result) = result.map_err(|error| TransferError::Task(error.to_string()))?;
            returned.push((at, connection));
            first_error = first_error.or(result.err());
        }
        // The first connection holds the lock and must stay the first.
        returned.sort_by_key(|(at, _)| *at);
        connections.extend(returned.into_iter().map(|(_, connection)| connection));
        self.transfer.progress.loaded();
        if let Some(error) = first_error {
            return Err(error);
        }
        match load.damaged() {
            parts if parts.is_empty() => Ok(()),
            parts => Err(TransferError::Damaged { parts }),
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

    async fn rebuild(&self, connections: &mut Vec<PgConnection>, id: i64) -> Result<Rebuilt, TransferError> {
        let sweep = Sweep {
            transfer: id,
            source: Arc::clone(&self.source),
            routes: Arc::new(self.matched.routes.clone()),
            limit: batch_limit(2),
            stop: self.transfer.stop.clone(),
        };
        let rebuild = Rebuild { sweep, progress: Arc::clone(&self.transfer.progress) };
        let rebuilt = rebuild.run(connections).await?;
        if rebuilt.complete {
            self.transfer.progress.step("moving sequences on, analysing tables");
            rebuild::finish(first(connections)?, &shape::tables(&self.matched.routes)).await?;
        }
        Ok(rebuilt)
    }

    async fn report(
        self,
        connections: &mut Vec<PgConnection>,
        opened: &Opened,
        outcome: Outcome,
        load_seconds: f64,
        loaded_rows: u64,
        rebuilt: Rebuilt,
    ) -> Result<TransferReport, TransferError> {
        let connection = first(connections)?;
        let rejects = reject::summary(connection, opened.id).await?;
        let (deferred, back) = deferred::counts(connection, opened.id).await?;
        let jobs = connections.len();
        for connection in connections.drain(..) {
            // Everything is committed; a connection that ends badly takes nothing along.
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "closing a connection");
            }
        }
        let source = Arc::clone(&self.source);
        let notes = blocking(move || Ok(source.notes())).await?;
        Ok(TransferReport {
            transfer: opened.id,
            outcome,
            source: self.source.describe(),
            resumed: opened.resumed,
            jobs,
            seconds: self.started.elapsed().as_secs_f64(),
            load_seconds,
            loaded_rows,
            collections: collection_reports(&opened.parts),
            swept: rebuilt.swept.into_iter().map(|(table, count)| (table.to_string(), count)).collect(),
            rejects,
            deferred,
            rebuilt: back,
            kept: opened.kept.clone(),
            unread: self.matched.unread,
            absent: self.matched.absent,
            notes,
            problems: rebuilt.problems,
        })
    }
}

fn total_rows(parts: &[Part]) -> u64 {
    parts.iter().flat_map(|part| part.state.rows.values()).sum()
}

fn collection_reports(parts: &[Part]) -> Vec<CollectionReport> {
    let mut reports: BTreeMap<&str, CollectionReport> = BTreeMap::new();
    for part in parts {
        let report = reports.entry(&part.collection).or_insert_with(|| CollectionReport {
            collection: part.collection.clone(),
            documents: 0,
            bytes: 0,
            rejects: 0,
            rows: BTreeMap::new(),
        });
        report.documents += part.state.documents;
        report.bytes += part.state.bytes;
        report.rejects += part.state.rejects;
        for (table, rows) in &part.state.rows {
            *report.rows.entry(table.clone()).or_default() += rows;
        }
    }
    reports.into_values().collect()
}

fn first(connections: &mut [PgConnection]) -> Result<&mut PgConnection, TransferError> {
    connections.first_mut().ok_or_else(|| TransferError::Task("no connection is left".to_owned()))
}

/// Opens a connection that notices when this process is gone.
async fn connect(target: &PgConnectOptions) -> Result<PgConnection, TransferError> {
    let options = target.clone().application_name("whimbrel transfer");
    let mut connection = options
        .connect()
        .await
        .map_err(|source| TransferError::Connection { doing: "connecting".to_owned(), source })?;
    sqlx::raw_sql("SET client_min_messages = warning; SET row_security = off")
        .execute(&mut connection)
        .await
        .doing(|| "setting up the connection")?;
    // Not every platform has it; then a killed transfer's connections are noticed a little later.
    if let Err(error) =
        sqlx::raw_sql("SET client_connection_check_interval = '1s'").execute(&mut connection).await
    {
        tracing::debug!(%error, "the server cannot watch for lost clients");
    }
    Ok(connection)
}

/// The tables that are not empty, with their number of rows.
async fn occupied(
    connection: &mut PgConnection,
    tables: &BTreeSet<QName>,
) -> Result<Vec<(QName, i64)>, TransferError> {
    let mut occupied = Vec::new();
    for table in tables {
        let name = table_sql(table);
        let doing = || format!("looking into {table}");
        let any: bool = sqlx::query_scalar(AssertSqlSafe(format!("SELECT EXISTS (SELECT FROM {name})")))
            .fetch_one(&mut *connection)
            .await
            .doing(doing)?;
        if any {
            let count = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {name}")))
                .fetch_one(&mut *connection)
                .await
                .doing(doing)?;
            occupied.push((table.clone(), count));
        }
    }
    Ok(occupied)
}

async fn empty(connection: &mut PgConnection, tables: &BTreeSet<QName>) -> Result<(), TransferError> {
    let names: Vec<String> = tables.iter().map(table_sql).collect();
    sqlx::raw_sql(AssertSqlSafe(format!("TRUNCATE {}", names.join(", "))))
        .execute(connection)
        .await
        .doing(|| "emptying the target tables")?;
    Ok(())
}

/// Runs something that blocks where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| TransferError::Task(error.to_string()))?
}
