//! The source side: every document is read and encoded again, as the transfer did it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bson::raw::RawDocument;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{FieldCounts, RowError};

use crate::budget::{Budget, Chunks, batch_limit};
use crate::digest::{Digest, Digester};
use crate::progress::{Counts, Progress};
use crate::route::Route;
use crate::source::{Range, Source, SourceError};
use crate::verify::VerifyError;
use crate::verify::table::VerifiedTables;

/// Chunks with more bytes than this were made so by an extraordinary document.
const LARGE: usize = 8 << 20;

pub trait Sink: Send + 'static {
    /// A row of the table `slot` (an index into [`VerifiedTables::list`]), made from this document.
    fn row(&mut self, slot: usize, tuple: &[u8], document: &RawDocument);
    fn reject(&mut self, reject: &SourceReject<'_>);
    fn fields(&mut self, _route: usize, _fields: FieldCounts) {}
}

#[derive(Debug, Clone, Copy)]
pub struct SourceReject<'a> {
    pub collection: &'a str,
    /// The table the row was meant for; `None` when the document cannot be read at all.
    pub table: Option<&'a str>,
    /// The element of the array, for models with `each`.
    pub ordinal: Option<u32>,
    pub path: &'a str,
    pub code: &'a str,
    pub document: &'a [u8],
}

impl SourceReject<'_> {
    /// The reject's fingerprint, the same whether it was read from the source or from `whimbrel.rejects`.
    pub fn digest(&self) -> Digest {
        let mut digester = Digester::default();
        for part in [self.collection, self.table.unwrap_or_default(), self.path, self.code] {
            digester.add(part.as_bytes()).add(&[0]);
        }
        digester.add(&self.ordinal.map_or(-1, i64::from).to_be_bytes()).add(self.document).digest()
    }
}

pub struct Scan {
    pub source: Arc<dyn Source>,
    pub routes: Vec<Route>,
    pub tables: VerifiedTables,
    pub progress: Arc<dyn Progress>,
    /// What documents and rows may hold in memory, of each side.
    pub budget: Arc<Budget>,
}

/// What is said of a range that could not be read to its end.
fn unreadable_range(collection: &str, error: &SourceError) -> String {
    format!("collection {collection}: {error}")
}

impl Scan {
    /// Reads the routes that `wanted` names, with one thread for each sink. A range that breaks off is reported, not dropped: what was read before it still counts.
    pub async fn run<S: Sink>(
        self: &Arc<Self>,
        wanted: &[usize],
        sinks: Vec<S>,
    ) -> Result<(Vec<S>, Vec<String>), VerifyError> {
        let jobs = sinks.len();
        let mut unreadable = Vec::new();
        let mut parts: Vec<(usize, usize, Range)> = Vec::new();
        for (shown, &route) in wanted.iter().enumerate() {
            let collection = self.routes[route].collection;
            let source = Arc::clone(&self.source);
            match tokio::task::spawn_blocking(move || source.split(collection, jobs)).await? {
                Ok(ranges) => parts.extend(ranges.into_iter().map(|range| (shown, route, range))),
                Err(error) => unreadable.push(unreadable_range(collection, &error)),
            }
        }
        let parts = Arc::new(parts);
        let limit = batch_limit(2 * jobs);
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = Vec::new();
        for mut sink in sinks {
            let (scan, parts, next) = (Arc::clone(self), Arc::clone(&parts), Arc::clone(&next));
            workers.push(tokio::task::spawn_blocking(move || {
                let mut broken = Vec::new();
                while let Some((shown, route, range)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let advance = |counts| scan.progress.advance(*shown, counts);
                    let chunks = Chunks::new(&scan.budget, limit);
                    if let Err(error) = scan.range(*route, range, chunks, &mut sink, advance) {
                        broken.push(unreadable_range(scan.routes[*route].collection, &error));
                    }
                }
                (sink, broken)
            }));
        }
        let mut sinks = Vec::new();
        for worker in workers {
            let (sink, broken) = worker.await?;
            sinks.push(sink);
            unreadable.extend(broken);
        }
        Ok((sinks, unreadable))
    }

    fn range<S: Sink>(
        &self,
        route: usize,
        range: &Range,
        mut chunks: Chunks<'_>,
        sink: &mut S,
        advance: impl Fn(Counts),
    ) -> Result<(), SourceError> {
        let collection = self.routes[route].collection;
        let mut reader = self.source.open(collection, range)?;
        let mut errors = Vec::new();
        let mut tuples: Vec<TupleBuffer> = Vec::new();
        tuples.resize_with(self.routes[route].targets.len(), TupleBuffer::new);
        while let Some((chunk, _share)) = chunks.next(reader.as_mut())? {
            let mut counts = Counts {
                documents: chunk.documents() as u64,
                bytes: chunk.byte_len() as u64,
                ..Counts::default()
            };
            for document in chunk.iter() {
                counts.rows += self.document(route, document, (&mut tuples, &mut errors), sink);
            }
            for malformed in &chunk.malformed {
                sink.reject(&SourceReject {
                    collection,
                    table: None,
                    ordinal: None,
                    path: "",
                    code: crate::reject::MALFORMED,
                    document: &malformed.bytes,
                });
            }
            counts.rejects = chunk.malformed.len() as u64;
            if counts.bytes as usize > LARGE {
                // The memory of an extraordinary document is given back.
                sink.fields(route, self.routes[route].take_fields(tuples.iter_mut()));
                tuples.fill_with(TupleBuffer::new);
            }
            advance(counts);
        }
        sink.fields(route, self.routes[route].take_fields(tuples.iter_mut()));
        Ok(())
    }

    fn document<S: Sink>(
        &self,
        route: usize,
        document: &RawDocument,
        (tuples, errors): (&mut [TupleBuffer], &mut Vec<RowError>),
        sink: &mut S,
    ) -> u64 {
        let mut rows = 0;
        let route_slots = &self.tables.slots[route];
        for ((target, &slot), tuples) in self.routes[route].targets.iter().zip(route_slots).zip(tuples) {
            tuples.clear();
            errors.clear();
            target.encode_and_count(document, tuples, errors);
            rows += tuples.len() as u64;
            tuples.iter().for_each(|tuple| sink.row(slot, tuple, document));
            for error in errors.iter() {
                sink.reject(&SourceReject {
                    collection: self.routes[route].collection,
                    table: Some(&self.tables.list[slot].name),
                    ordinal: error.ordinal,
                    path: &error.path,
                    code: error.code,
                    document: document.as_bytes(),
                });
            }
        }
        rows
    }
}

/// Rows that a constraint refused: table and digest, with how many of them `whimbrel.rejects` has.
pub type Refused = BTreeMap<(usize, Digest), u64>;
