//! The units in which documents travel: positions, ranges, chunks.

use std::fmt;

use bson::raw::RawDocument;
use serde::{Deserialize, Serialize};

use super::SourceError;

/// A place between two documents of a collection, as its source writes it: opaque to everybody else.
///
/// It can be stored and given back to the same source later, also by another process, to go on from there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(String);

impl Position {
    /// A position from its stored text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stretch of a collection: the documents after `after`, up to and with the one that ends at `until`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Where to begin; `None` is the beginning.
    pub after: Option<Position>,
    /// Where to stop; `None` is the end.
    pub until: Option<Position>,
}

impl Range {
    /// The whole collection.
    pub fn all() -> Self {
        Self::default()
    }

    /// Both ends, as a source reads its positions.
    pub(crate) fn parse<T>(
        &self,
        read: impl Fn(&Position) -> Result<T, SourceError>,
    ) -> Result<(Option<T>, Option<T>), SourceError> {
        let end = |position: &Option<Position>| position.as_ref().map(&read).transpose();
        Ok((end(&self.after)?, end(&self.until)?))
    }

    /// What is left of this range after `position`.
    pub fn from_position(&self, position: Option<Position>) -> Self {
        Self { after: position.or_else(|| self.after.clone()), until: self.until.clone() }
    }
}

/// How much one chunk may hold. A chunk always holds at least one document, however large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Documents, malformed ones counted.
    pub documents: usize,
    /// Bytes of BSON.
    pub bytes: usize,
}

impl Limit {
    /// The most bytes that are ever put into one chunk, whatever the limit says.
    pub(crate) const MOST_BYTES: usize = 1 << 30;

    pub(crate) fn reached(self, documents: usize, bytes: usize) -> bool {
        documents >= self.documents.max(1) || bytes >= self.bytes.clamp(1, Self::MOST_BYTES)
    }
}

impl Default for Limit {
    /// 10,000 documents or 4 MiB.
    fn default() -> Self {
        Self { documents: 10_000, bytes: 4 << 20 }
    }
}

/// A document that cannot be read although its extent is known: kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Its bytes as the source has them: BSON, or text for exports.
    pub bytes: Vec<u8>,
    /// Where it begins.
    pub position: Position,
    /// What is wrong with it, with the place.
    pub reason: String,
}

/// Some documents of one collection, in the source's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    pub(super) bytes: Vec<u8>,
    /// Where the documents are within the bytes; they have been checked.
    pub(super) spans: Vec<(u32, u32)>,
    /// Where the next chunk begins: what a checkpoint stores once these documents have arrived.
    pub position_after: Position,
    /// The documents that could not be read.
    pub malformed: Vec<Malformed>,
}

impl Chunk {
    /// An empty chunk that ends at `position_after`.
    pub fn new(position_after: Position) -> Self {
        Self { bytes: Vec::new(), spans: Vec::new(), position_after, malformed: Vec::new() }
    }

    /// Appends a document.
    pub fn push(&mut self, document: &RawDocument) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(document.as_bytes());
        // A chunk is never larger than `Limit::MOST_BYTES` and one document.
        self.spans.push((start as u32, self.bytes.len() as u32));
    }

    /// Appends the document that `write` appends to the bytes; when it fails, they must be as before. Gives its length.
    pub(crate) fn push_with<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.bytes.len();
        write(&mut self.bytes)?;
        self.spans.push((start as u32, self.bytes.len() as u32));
        Ok(self.bytes.len() - start)
    }

    /// How many documents there are, malformed ones counted.
    pub(crate) fn documents(&self) -> usize {
        self.spans.len() + self.malformed.len()
    }

    /// How many readable documents there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is neither a readable nor a malformed document.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.malformed.is_empty()
    }

    /// How many bytes the documents have together, malformed ones counted.
    pub fn byte_len(&self) -> usize {
        let readable: usize = self.spans.iter().map(|(start, end)| (end - start) as usize).sum();
        let malformed: usize = self.malformed.iter().map(|malformed| malformed.bytes.len()).sum();
        readable + malformed
    }

    /// The document with this index.
    pub fn get(&self, index: usize) -> Option<&RawDocument> {
        let &(start, end) = self.spans.get(index)?;
        RawDocument::from_bytes(self.bytes.get(start as usize..end as usize)?).ok()
    }

    /// The documents, borrowed. Every span has been checked when it was put in, so none is left out.
    pub fn iter(&self) -> impl Iterator<Item = &RawDocument> {
        (0..self.spans.len()).filter_map(|index| self.get(index))
    }
}
