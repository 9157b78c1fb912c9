//! Rejected rows once more, after the models, the other rows or the schema were corrected.
//!
//! Each entry of `whimbrel.rejects` stands for the row (or the rows of an array, or of a whole document) that is missing.
//! Its document is encoded again, and only what is missing is inserted. Rows and entries change in one transaction per
//! batch: an entry whose rows have all arrived is deleted, another one keeps its number and gets the new reason. So no
//! row comes twice, however often a retry is cut off and repeated. As while loading, triggers do not fire.

use std::collections::BTreeMap;
use std::time::Duration;

use bson::raw::RawDocument;
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};
use whimbrel::__private::transform::TransformSpec;
use whimbrel_syntax::model::QName;

use super::read::{RejectFilter, matching};
use super::{BAD_REFERENCE, Reject};
use crate::checkpoint;
use crate::connect::close;
use crate::digest::Digest;
use crate::encode::{Encoded, ordinal};
use crate::error::{Doing, TransferError};
use crate::load::copy_carefully;
use crate::progress::Progress;
use crate::restore::run::move_sequences;
use crate::restore::{self, Kind};
use crate::route::{self, Route, Selection, Target};
use crate::run::{WAIT, connect};
use crate::shape::{self, Models};
use crate::statements::execute;
use crate::{exclusive, source::structure, store};
use tokio_util::sync::CancellationToken;

/// Retries entries of `whimbrel.rejects`. It needs the models, and not the source.
pub struct Retry {
    target: PgConnectOptions,
    transforms: Vec<&'static TransformSpec>,
    models: Models,
    filter: RejectFilter,
    wait: Duration,
    stop: CancellationToken,
}

/// What a retry did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RetryReport {
    /// Entries that are resolved: their rows have arrived.
    pub resolved: u64,
    /// Rows that were inserted, by table.
    pub rows: BTreeMap<String, u64>,
    /// Entries that are still rejected, with their new reasons.
    pub rejected: u64,
    /// Of those, entries whose collection or table no transform of this program knows.
    pub unknown: u64,
}

impl RetryReport {
    /// 0 when everything is resolved, 1 when something is still rejected.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.rejected > 0)
    }
}

/// How many entries make a batch, at most.
const BATCH: usize = 500;
/// How many bytes of documents make a batch, at most; a single document may have more.
const BATCH_BYTES: i64 = 8 << 20;

const DOING: &str = "retrying rejected rows";
const SIZES: &str = concat!("SELECT id, length(document)::bigint ", matching!(), " ORDER BY id");
const ENTRIES: &str = "SELECT id, collection, \"table\", model, ordinal, code, document FROM whimbrel.rejects \
    WHERE id = ANY($1) ORDER BY id FOR UPDATE";
const UPDATE: &str = "UPDATE whimbrel.rejects SET \"table\" = $2, model = $3, ordinal = $4, path = $5, \"column\" = $6, \
    code = $7, reason = $8, row_digest = $9, document_id = $10, at = clock_timestamp() WHERE id = $1";
const INSERT: &str = "INSERT INTO whimbrel.rejects (transfer, collection, document, \"table\", model, ordinal, path, \
    \"column\", code, reason, row_digest, document_id) \
    SELECT transfer, collection, document, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM whimbrel.rejects WHERE id = $1";

struct Entry<'a> {
    id: i64,
    collection: &'static str,
    document: &'a RawDocument,
    /// The rows that are still missing, and why.
    missing: Vec<Reject<'a>>,
}

/// The rows to insert into one table: `encoded.owners` are indexes into `rows`.
#[derive(Default)]
struct Rows {
    encoded: Encoded,
    rows: Vec<(usize, Option<u32>)>,
}

impl Retry {
    /// Of this database's rejects, with everything that this program links.
    pub fn new(target: PgConnectOptions) -> Self {
        Retry {
            target,
            transforms: whimbrel::__private::registry::transforms(),
            models: Models::registered(),
            filter: RejectFilter::default(),
            wait: WAIT,
            stop: CancellationToken::new(),
        }
    }

    /// These transforms and models instead of all that are linked.
    #[must_use]
    pub fn models(mut self, transforms: Vec<&'static TransformSpec>, models: Models) -> Self {
        (self.transforms, self.models) = (transforms, models);
        self
    }

    /// These entries instead of all.
    #[must_use]
    pub fn only(mut self, filter: RejectFilter) -> Self {
        self.filter = filter;
        self
    }

    /// How long to wait when a transfer or a migration is at work; 15 seconds unless set.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// A request to end that the caller keeps a clone of.
    #[must_use]
    pub fn stop(mut self, stop: CancellationToken) -> Self {
        self.stop = stop;
        self
    }

    /// Does it.
    ///
    /// # Errors
    /// A transfer is open, the tables do not fit the transforms, or the database cannot be reached.
    pub async fn run(self, progress: &dyn Progress) -> Result<RetryReport, TransferError> {
        let mut connection = connect(&self.target).await?;
        exclusive::acquire(&mut connection, self.wait, &self.stop, progress).await?;
        let report = self.retry(&mut connection, progress).await;
        progress.end();
        close(connection).await;
        report
    }

    async fn retry(
        &self,
        connection: &mut PgConnection,
        progress: &dyn Progress,
    ) -> Result<RetryReport, TransferError> {
        let mut report = RetryReport::default();
        if !store::exists(connection).await? {
            return Ok(report);
        }
        if let Some(open) = checkpoint::unfinished(connection).await? {
            return Err(open.into());
        }
        let sizes = self.filter.bind(sqlx::query(SIZES)).fetch_all(&mut *connection).await.doing(|| DOING)?;
        let mut left: Vec<(i64, i64)> = sizes.iter().map(|row| (row.get(0), row.get(1))).collect();
        self.filter.check(&left.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
        if left.is_empty() {
            return Ok(report);
        }
        let routes = self.routes(connection).await?;
        // A row may refer to one that a later batch brings.
        while !left.is_empty() && !self.stop.is_cancelled() {
            progress.step(&format!("retrying {} rejects", left.len()));
            let (mut again, mut inserted) = (Vec::new(), 0);
            for batch in batches(&left) {
                if self.stop.is_cancelled() {
                    break;
                }
                let outcome = self.batch(connection, &routes, batch, &mut report).await?;
                inserted += outcome.inserted;
                again.extend(batch.iter().filter(|(id, _)| outcome.bad_references.contains(id)));
            }
            if inserted == 0 {
                break;
            }
            left = again;
        }
        report.rejected = sizes.len() as u64 - report.resolved;
        move_sequences(connection, &shape::tables(&routes)).await?;
        Ok(report)
    }

    /// The routes of all collections that have rejects, checked against the tables.
    async fn routes(&self, connection: &mut PgConnection) -> Result<Vec<Route>, TransferError> {
        let collections: Vec<String> = sqlx::query_scalar("SELECT DISTINCT collection FROM whimbrel.rejects")
            .fetch_all(&mut *connection)
            .await
            .doing(|| DOING)?;
        let mut routes = route::routes(&self.transforms, &Selection::default())?;
        routes.retain(|route| collections.iter().any(|collection| collection == route.collection));
        let findings = shape::check(connection, &routes, &self.models).await?;
        if !findings.is_empty() {
            return Err(TransferError::Shape { findings });
        }
        route::prepare(&routes, connection).await.doing(|| "reading the target's types")?;
        Ok(routes)
    }

    async fn batch(
        &self,
        connection: &mut PgConnection,
        routes: &[Route],
        batch: &[(i64, i64)],
        report: &mut RetryReport,
    ) -> Result<BatchOutcome, TransferError> {
        let ids: Vec<i64> = batch.iter().map(|(id, _)| *id).collect();
        let mut transaction = connection.begin().await.doing(|| DOING)?;
        let found = sqlx::query(ENTRIES).bind(&ids).fetch_all(&mut *transaction).await.doing(|| DOING)?;
        let (mut entries, mut rows) = (Vec::new(), BTreeMap::<(&QName, usize), (&Target, Rows)>::new());
        for row in &found {
            let collection: &str = row.get("collection");
            let route = routes.iter().find(|route| route.collection == collection);
            let Some((route, targets)) =
                route.map(|route| (route, targets(route, row))).filter(|found| !found.1.is_empty())
            else {
                report.unknown += 1;
                continue;
            };
            let document: &[u8] = row.get("document");
            let (Ok(()), Ok(document)) = (structure::check(document), RawDocument::from_bytes(document))
            else {
                continue;
            };
            let mut entry =
                Entry { id: row.get("id"), collection: route.collection, document, missing: Vec::new() };
            for (at, target) in targets {
                let rows =
                    &mut rows.entry((&target.table, at)).or_insert_with(|| (target, Rows::default())).1;
                entry.encode(entries.len(), target, row.get("ordinal"), rows);
            }
            entries.push(entry);
        }
        let inserted = insert(&mut transaction, rows, &mut entries, report).await?;
        let mut bad_references = Vec::new();
        let mut resolved = Vec::new();
        for entry in &entries {
            match entry.missing.split_first() {
                None => resolved.push(entry.id),
                Some((first, others)) => {
                    if entry.missing.iter().all(|missing| missing.code == BAD_REFERENCE) && others.is_empty()
                    {
                        bad_references.push(entry.id);
                    }
                    for missing in others {
                        entry.write(&mut transaction, INSERT, missing).await?;
                    }
                    entry.write(&mut transaction, UPDATE, first).await?;
                }
            }
        }
        sqlx::query("DELETE FROM whimbrel.rejects WHERE id = ANY($1)")
            .bind(&resolved)
            .execute(&mut *transaction)
            .await
            .doing(|| DOING)?;
        transaction.commit().await.doing(|| DOING)?;
        report.resolved += resolved.len() as u64;
        Ok(BatchOutcome { inserted, bad_references })
    }
}

struct BatchOutcome {
    inserted: u64,
    /// Entries of which one row is missing, because it refers to a row that is not there.
    bad_references: Vec<i64>,
}

fn batches(entries: &[(i64, i64)]) -> impl Iterator<Item = &[(i64, i64)]> {
    let mut bytes = 0;
    let mut count = 0;
    entries.chunk_by(move |(_, size), (_, next)| {
        bytes += size;
        count += 1;
        let together = count < BATCH && bytes + next <= BATCH_BYTES;
        if !together {
            (bytes, count) = (0, 0);
        }
        together
    })
}

/// The targets whose rows an entry stands for, with their places in the route.
fn targets<'r>(route: &'r Route, row: &sqlx::postgres::PgRow) -> Vec<(usize, &'r Target)> {
    let (table, model) = (row.get::<Option<&str>, _>("table"), row.get::<Option<&str>, _>("model"));
    let mut targets: Vec<(usize, &Target)> = route
        .targets
        .iter()
        .enumerate()
        .filter(|(_, target)| table.is_none_or(|table| target.table.to_string() == table))
        .collect();
    if table.is_some() && targets.len() > 1 {
        targets.retain(|(_, target)| Some(target.spec.model) == model);
    }
    targets
}

impl Entry<'_> {
    /// Encodes the rows that the entry stands for: of a transform of array elements one, or without an index all.
    fn encode(&mut self, at: usize, target: &Target, wanted: Option<i32>, rows: &mut Rows) {
        let wanted = wanted.and_then(|wanted| u32::try_from(wanted).ok());
        let is_wanted = |ordinal: Option<u32>| wanted.is_none() || ordinal.is_none() || ordinal == wanted;
        let (mut tuples, mut errors) = (whimbrel::__private::copy::TupleBuffer::new(), Vec::new());
        target.encode(self.document, &mut tuples, &mut errors);
        for (nth, tuple) in tuples.iter().enumerate() {
            let ordinal = ordinal(target, nth, errors.iter());
            if is_wanted(ordinal) {
                rows.push(tuple, (at, ordinal));
            }
        }
        let errors = errors.into_iter().filter(|error| is_wanted(error.ordinal));
        let failed = errors.map(|error| Reject::failed(self.collection, target, self.document, error));
        self.missing.extend(failed);
    }

    async fn write(
        &self,
        connection: &mut PgConnection,
        statement: &'static str,
        missing: &Reject<'_>,
    ) -> Result<(), TransferError> {
        sqlx::query(statement)
            .bind(self.id)
            .bind(missing.table.as_deref())
            .bind(missing.model)
            .bind(missing.ordinal.map(u32::cast_signed))
            .bind(missing.path.as_deref())
            .bind(missing.column)
            .bind(missing.code)
            .bind(missing.reason.replace('\0', "\u{fffd}"))
            .bind(missing.digest.map(Digest::to_bytes))
            .bind(missing.document_id.as_deref())
            .execute(connection)
            .await
            .doing(|| DOING)?;
        Ok(())
    }
}

impl Rows {
    fn push(&mut self, tuple: &[u8], row: (usize, Option<u32>)) {
        let (count, fields) = tuple.split_at(2);
        let count = i16::from_be_bytes([count[0], count[1]]);
        let written: Result<(), std::convert::Infallible> = self.encoded.tuples.tuple(count, |writer| {
            writer.put(fields);
            Ok(())
        });
        let Ok(()) = written;
        // A batch has far fewer rows than 2³².
        self.encoded.owners.push(self.rows.len() as u32);
        self.rows.push(row);
    }
}

/// Inserts the rows with triggers disabled; what the server refuses is missing from its entry.
async fn insert(
    connection: &mut PgConnection,
    rows: BTreeMap<(&QName, usize), (&Target, Rows)>,
    entries: &mut [Entry<'_>],
    report: &mut RetryReport,
) -> Result<u64, TransferError> {
    // A constraint that waits for the commit would undo the whole batch.
    execute(connection, "SET CONSTRAINTS ALL IMMEDIATE", || DOING).await?;
    let tables: Vec<&QName> = rows.keys().map(|(table, _)| *table).collect();
    let triggers = restore::drop_briefly(connection, &tables, |kind| kind == Kind::Trigger).await?;
    let mut inserted = 0;
    for (target, rows) in rows.into_values().filter(|(_, rows)| !rows.rows.is_empty()) {
        let mut refused = Vec::new();
        let count = copy_carefully(connection, target, 0, &rows.encoded, &mut refused).await?;
        inserted += count;
        if count > 0 {
            *report.rows.entry(target.table.to_string()).or_default() += count;
        }
        for refused in refused {
            let Some(&(entry, ordinal)) = rows.rows.get(refused.document as usize) else { continue };
            let Entry { collection, document, missing, .. } = &mut entries[entry];
            let reject = Reject::refused(collection, target, document, refused.code, refused.reason);
            missing.push(Reject { ordinal, digest: Some(refused.digest), ..reject });
        }
    }
    for statement in triggers {
        execute(connection, statement, || restore::DROPPING).await?;
    }
    Ok(inserted)
}
