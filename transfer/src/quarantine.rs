//! Rows that violate a constraint: found, deleted and traced back to their documents, in one transaction.
//!
//! `DELETE … RETURNING` sends the removed tuples; their digests are looked for while the source is read again, so
//! that each removed row stands in `whimbrel.rejects` with the document it came from. A row that cannot be traced
//! back undoes everything: nothing is removed without a trace.

pub(crate) mod statement;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bson::raw::RawDocument;
use futures_util::TryStreamExt;
use sqlx::{Connection, PgConnection};
use tokio::sync::mpsc;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel_syntax::model::QName;

use crate::budget::{Budget, Share};
use crate::copy_out::{CopyOut, fields};
use crate::digest::{Digest, Digester};
use crate::encode::ordinal;
use crate::error::{Doing, TransferError};
use crate::reject::{self, BAD_REFERENCE, CHECK_VIOLATION, DUPLICATE_KEY, Reject};
use crate::restore::{self, DroppedObject, Kind, Rule};
use crate::route::{Route, Target};
use crate::shape;
use crate::source::{Limit, Range, Source, SourceError};
use statement::remove_sql;
use tokio_util::sync::CancellationToken;

/// How many rows are removed at once; more take several rounds.
const AT_ONCE: usize = 100_000;

/// The documents that may wait to be written into `whimbrel.rejects`, in bytes.
const WAITING: usize = 4 << 20;

/// Moves rows that violate constraints to `whimbrel.rejects`.
#[derive(Clone)]
pub struct Quarantine {
    pub transfer: i64,
    pub source: Arc<dyn Source>,
    pub routes: Arc<Vec<Route>>,
    pub limit: Limit,
    pub stop: CancellationToken,
}

/// How many rows were quarantined, by table.
pub type RowCounts = BTreeMap<QName, u64>;

#[derive(Default)]
struct Removed {
    /// The distinct lists of columns that transforms of this table write.
    variants: Vec<&'static [&'static str]>,
    columns: Vec<&'static str>,
    rows: Vec<RemovedRow>,
    by_digest: HashMap<Digest, Vec<u32>>,
}

struct RemovedRow {
    code: &'static str,
    /// The constraint or index, by its place in the list of violated ones.
    object: usize,
    values: String,
    found: bool,
}

/// A removed row with its document, on its way to `whimbrel.rejects`.
type Traced = (Reject<'static>, Share);

impl Quarantine {
    /// Quarantines all rows of the target tables that violate these objects, and rows that violate them only since
    /// others are gone.
    pub async fn run(
        &self,
        connection: &mut PgConnection,
        violated: &[DroppedObject],
    ) -> Result<RowCounts, TransferError> {
        self.drop_references(connection).await?;
        let mut quarantined = RowCounts::new();
        while !self.stop.is_cancelled() {
            let (round, more) = self.round(connection, violated).await?;
            for (table, count) in round {
                *quarantined.entry(table).or_default() += count;
            }
            if !more {
                break;
            }
        }
        Ok(quarantined)
    }

    /// Drops the foreign keys and disables the triggers that stand: no foreign key may act on the removal of rows, no
    /// trigger may answer it.
    pub async fn drop_references(&self, connection: &mut PgConnection) -> Result<(), TransferError> {
        let tables = shape::tables(&self.routes);
        let names: Vec<&QName> = tables.iter().collect();
        let mut transaction = connection.begin().await.doing(|| restore::DROPPING)?;
        restore::drop_objects(&mut transaction, self.transfer, &names, |kind| kind >= Kind::ForeignKey)
            .await?;
        transaction.commit().await.doing(|| restore::DROPPING)
    }

    async fn round(
        &self,
        connection: &mut PgConnection,
        violated: &[DroppedObject],
    ) -> Result<(RowCounts, bool), TransferError> {
        let doing = || "quarantining rows that violate constraints";
        let mut transaction = connection.begin().await.doing(doing)?;
        let mut removed = self.tables(violated);
        let full = remove_all(&mut transaction, violated, &mut removed).await?;
        let quarantined: RowCounts = removed
            .iter()
            .filter(|(_, removed)| !removed.rows.is_empty())
            .map(|(table, removed)| (table.clone(), removed.rows.len() as u64))
            .collect();
        if !quarantined.is_empty() {
            self.trace(&mut transaction, violated, removed).await?;
        }
        transaction.commit().await.doing(doing)?;
        Ok((quarantined, full))
    }

    fn tables(&self, violated: &[DroppedObject]) -> BTreeMap<QName, Removed> {
        let mut tables: BTreeMap<QName, Removed> = BTreeMap::new();
        let wanted: BTreeSet<&QName> = violated.iter().map(|object| &object.table).collect();
        for target in self.routes.iter().flat_map(|route| &route.targets) {
            if !wanted.contains(&target.table) {
                continue;
            }
            let removed = tables.entry(target.table.clone()).or_default();
            if !removed.variants.contains(&target.spec.columns) {
                removed.variants.push(target.spec.columns);
            }
            for &column in target.spec.columns {
                if !removed.columns.contains(&column) {
                    removed.columns.push(column);
                }
            }
        }
        tables
    }

    /// Reads the source again until every removed row has its document, and writes the rejects.
    async fn trace(
        &self,
        connection: &mut PgConnection,
        violated: &[DroppedObject],
        removed: BTreeMap<QName, Removed>,
    ) -> Result<(), TransferError> {
        let total: usize = removed.values().map(|removed| removed.rows.len()).sum();
        let names: Vec<String> =
            violated.iter().map(|object| format!("{} {}", object.kind, object.name)).collect();
        let (out, mut traced) = mpsc::channel::<Traced>(64);
        let quarantine = self.clone();
        let search = tokio::task::spawn_blocking(move || quarantine.search(removed, total, &names, &out));
        let mut writer = reject::Writer::begin(connection, self.transfer).await?;
        while let Some((reject, _share)) = traced.recv().await {
            writer.push(&reject).await?;
        }
        writer.finish().await?;
        let missing = search.await.map_err(|error| TransferError::Task(error.to_string()))??;
        if missing > 0 {
            return Err(TransferError::NotFoundAgain { missing, removed: total });
        }
        Ok(())
    }

    /// Blocks. Gives the number of rows that were not found.
    fn search(
        &self,
        mut removed: BTreeMap<QName, Removed>,
        mut missing: usize,
        names: &[String],
        out: &mpsc::Sender<Traced>,
    ) -> Result<usize, SourceError> {
        let budget = Budget::new(WAITING);
        for route in self.routes.iter() {
            let targets: Vec<&Target> =
                route.targets.iter().filter(|target| removed.contains_key(&target.table)).collect();
            if targets.is_empty() || missing == 0 {
                continue;
            }
            let mut reader = self.source.open(route.collection, &Range::all())?;
            while missing > 0 {
                let Some(chunk) = reader.next_chunk(self.limit)? else { break };
                for document in chunk.iter() {
                    for target in &targets {
                        let Some(removed) = removed.get_mut(&target.table) else { continue };
                        for reject in removed.claim(route.collection, target, document, names) {
                            missing -= 1;
                            let share = budget.take(document.as_bytes().len());
                            if out.blocking_send((reject.into_owned(), share)).is_err() {
                                // The other side failed and says so itself.
                                return Ok(missing);
                            }
                        }
                    }
                }
            }
        }
        Ok(missing)
    }
}

/// Removes until nothing violates, or until enough is removed at once: then it says `true`.
async fn remove_all(
    connection: &mut PgConnection,
    violated: &[DroppedObject],
    removed: &mut BTreeMap<QName, Removed>,
) -> Result<bool, TransferError> {
    loop {
        let mut count = 0;
        for (index, object) in violated.iter().enumerate() {
            let left = AT_ONCE.saturating_sub(removed.values().map(|removed| removed.rows.len()).sum());
            if left == 0 {
                return Ok(true);
            }
            if let Some(removed) = removed.get_mut(&object.table) {
                count += remove(connection, object, index, left, removed).await?;
            }
        }
        let references = violated.iter().any(|object| matches!(object.rule, Some(Rule::Reference { .. })));
        if count == 0 || !references {
            return Ok(false);
        }
    }
}

async fn remove(
    connection: &mut PgConnection,
    object: &DroppedObject,
    index: usize,
    limit: usize,
    removed: &mut Removed,
) -> Result<usize, TransferError> {
    let Some(rule) = &object.rule else { return Ok(0) };
    let doing =
        || format!("quarantining rows of {} that violate {} {}", object.table, object.kind, object.name);
    let before = removed.rows.len();
    let statement = remove_sql(&object.table, rule, &removed.columns, limit);
    let mut stream = connection.copy_out_raw(&statement).await.doing(doing)?;
    let mut reader = CopyOut::new();
    let broken = |error: crate::copy_out::CopyOutError| TransferError::Bookkeeping {
        what: format!("the removed rows of {}", object.table),
        reason: error.to_string(),
    };
    while let Some(piece) = stream.try_next().await.doing(doing)? {
        reader.push(piece);
        while let Some(tuple) = reader.next_tuple().map_err(broken)? {
            removed.push(tuple, rule.code(), index);
        }
    }
    reader.finish().map_err(broken)?;
    Ok(removed.rows.len() - before)
}

impl Removed {
    /// Takes a removed tuple: the columns, then the offending values as text.
    fn push(&mut self, tuple: &[u8], code: &'static str, object: usize) {
        let values: Vec<Option<&[u8]>> = fields(tuple).collect();
        let text = values.last().copied().flatten().unwrap_or_default();
        // Removed rows are never more than AT_ONCE.
        let row = self.rows.len() as u32;
        self.rows.push(RemovedRow {
            code,
            object,
            values: String::from_utf8_lossy(text).into_owned(),
            found: false,
        });
        for variant in &self.variants {
            let mut digester = Digester::default();
            // A table has 1,600 columns at most.
            digester.add(&(variant.len() as i16).to_be_bytes());
            for column in *variant {
                let at = self.columns.iter().position(|name| name == column);
                digester.field(at.and_then(|at| values.get(at).copied().flatten()));
            }
            self.by_digest.entry(digester.digest()).or_default().push(row);
        }
    }

    /// The removed rows that this document gave and that no document before it gave.
    fn claim<'d>(
        &mut self,
        collection: &'static str,
        target: &Target,
        document: &'d RawDocument,
        names: &[String],
    ) -> Vec<Reject<'d>> {
        let (mut tuples, mut errors) = (TupleBuffer::new(), Vec::new());
        target.encode(document, &mut tuples, &mut errors);
        let mut claimed = Vec::new();
        for (nth, tuple) in tuples.iter().enumerate() {
            let digest = Digest::of(tuple);
            let Some(rows) = self.by_digest.get_mut(&digest) else { continue };
            while let Some(row) = rows.pop() {
                let Some(row) = self.rows.get_mut(row as usize) else { continue };
                if std::mem::replace(&mut row.found, true) {
                    continue;
                }
                let reason = format!("violates {}: {}", names[row.object], row.values);
                let reject = Reject::refused(collection, target, document, row.code, reason);
                claimed.push(Reject {
                    ordinal: ordinal(target, nth, errors.iter()),
                    digest: Some(digest),
                    ..reject
                });
                break;
            }
        }
        claimed
    }
}

impl Rule {
    fn code(&self) -> &'static str {
        match self {
            Rule::Unique { .. } => DUPLICATE_KEY,
            Rule::Check { .. } => CHECK_VIOLATION,
            Rule::Reference { .. } => BAD_REFERENCE,
        }
    }
}
