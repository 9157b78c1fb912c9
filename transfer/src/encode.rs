//! From chunks of documents to batches of tuples.

use bson::raw::RawDocument;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{FieldCounts, RowError};

use crate::budget::Share;
use crate::digest::Digest;
use crate::reject::{MALFORMED, REFUSED, Reject, document_id};
use crate::route::{Route, Target};
use crate::source::Chunk;

#[derive(Debug, Default)]
pub struct Encoded {
    pub tuples: TupleBuffer,
    pub owners: Vec<u32>,
}

/// A row that could not be made.
#[derive(Debug)]
struct Failure {
    document: u32,
    target: u32,
    error: RowError,
}

#[derive(Debug)]
pub struct Refused {
    pub document: u32,
    pub target: usize,
    pub code: &'static str,
    pub reason: String,
    /// Which of the document's tuples for this target it is, from 0.
    pub nth: usize,
    pub digest: Digest,
}

/// Everything that goes into one transaction.
#[derive(Debug)]
pub struct Batch {
    pub chunk: Chunk,
    pub targets: Vec<Encoded>,
    failures: Vec<Failure>,
    pub fields: FieldCounts,
    _share: Share,
}

/// The memory of a batch that was sent, to be used again.
pub type Spare = Vec<Encoded>;

impl Batch {
    /// Encodes all documents of a chunk for all targets of its route.
    pub fn encode(route: &Route, chunk: Chunk, mut targets: Spare, share: Share) -> Self {
        targets.resize_with(route.targets.len(), Encoded::default);
        for encoded in &mut targets {
            encoded.tuples.clear();
            encoded.owners.clear();
        }
        let mut failures = Vec::new();
        let mut errors = Vec::new();
        for (document_index, document) in chunk.iter().enumerate() {
            // A chunk has fewer documents than its limit says, which is far below 2³².
            let document_index = document_index as u32;
            for (target_index, (target, encoded)) in route.targets.iter().zip(&mut targets).enumerate() {
                target.encode_and_count(document, &mut encoded.tuples, &mut errors);
                encoded.owners.resize(encoded.tuples.len(), document_index);
                failures.extend(errors.drain(..).map(|error| Failure {
                    document: document_index,
                    target: target_index as u32,
                    error,
                }));
            }
        }
        let fields = route.take_fields(targets.iter_mut().map(|encoded| &mut encoded.tuples));
        Batch { chunk, targets, failures, fields, _share: share }
    }

    /// How many documents were read, malformed ones counted.
    pub fn documents(&self) -> u64 {
        self.chunk.documents() as u64
    }

    /// Everything of this batch that becomes no row.
    pub fn rejects<'a>(
        &'a self,
        route: &'a Route,
        refused: &'a [Refused],
    ) -> impl Iterator<Item = Reject<'a>> + 'a {
        let malformed = self.chunk.malformed.iter().map(|malformed| Reject {
            collection: route.collection,
            table: None,
            model: None,
            ordinal: None,
            path: None,
            column: None,
            code: MALFORMED,
            reason: format!("{} (at {})", malformed.reason, malformed.position),
            document: malformed.bytes.as_slice().into(),
            document_id: RawDocument::from_bytes(&malformed.bytes).ok().and_then(document_id),
            digest: None,
        });
        let failures = self.failures.iter().filter_map(|failure| {
            let document = self.chunk.get(failure.document as usize)?;
            let target = route.targets.get(failure.target as usize)?;
            Some(Reject::failed(route.collection, target, document, failure.error.clone()))
        });
        let refused = refused.iter().filter_map(|refused| {
            let document = self.chunk.get(refused.document as usize)?;
            let target = route.targets.get(refused.target)?;
            let errors = self.failures.iter().filter(|failure| {
                failure.document == refused.document && failure.target as usize == refused.target
            });
            Some(Reject {
                ordinal: ordinal(target, refused.nth, errors.map(|failure| &failure.error)),
                digest: Some(refused.digest),
                ..Reject::refused(route.collection, target, document, refused.code, refused.reason.clone())
            })
        });
        malformed.chain(failures).chain(refused)
    }
}

/// The index of the array element that a document's `nth` tuple for a target is made of, given the elements that failed:
/// each element gives either a tuple or errors.
pub fn ordinal<'a>(target: &Target, nth: usize, errors: impl Iterator<Item = &'a RowError>) -> Option<u32> {
    target.spec.each?;
    let mut failed: Vec<u32> = errors.filter_map(|error| error.ordinal).collect();
    failed.sort_unstable();
    failed.dedup();
    let mut ordinal = u32::try_from(nth).ok()?;
    for element in failed {
        if element <= ordinal {
            ordinal += 1;
        }
    }
    Some(ordinal)
}

/// The kind of reason for a SQLSTATE that the server gave for a row.
pub fn refusal_code(sqlstate: &str) -> &'static str {
    match sqlstate {
        "23503" => crate::reject::BAD_REFERENCE,
        "23505" => crate::reject::DUPLICATE_KEY,
        "23514" => crate::reject::CHECK_VIOLATION,
        _ => REFUSED,
    }
}
