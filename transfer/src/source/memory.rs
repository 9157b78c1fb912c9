//! Documents that are in memory already: for services that keep their data there, and for trying transforms.

use std::collections::BTreeMap;

use bson::raw::RawDocumentBuf;

use super::stepwise::{Steps, Stepwise};
use super::{Chunk, CollectionInfo, Position, Range, Reader, Source, SourceError};

/// A source over documents in memory. Positions are counts of documents.
#[derive(Debug, Clone, Default)]
pub struct MemorySource {
    collections: BTreeMap<String, Vec<RawDocumentBuf>>,
}

impl MemorySource {
    /// An empty source.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a collection, or documents to one that is there.
    pub fn add(
        &mut self,
        collection: impl Into<String>,
        documents: impl IntoIterator<Item = RawDocumentBuf>,
    ) {
        self.collections.entry(collection.into()).or_default().extend(documents);
    }

    fn documents(&self, collection: &str) -> Result<&[RawDocumentBuf], SourceError> {
        let found = self.collections.get(collection).map(Vec::as_slice);
        found.ok_or_else(|| SourceError::no_collection(self, collection, self.collections.keys()))
    }

    fn index(&self, position: &Position, length: usize) -> Result<usize, SourceError> {
        let index = position.as_str().parse().ok().filter(|index| *index <= length);
        let form = || format!("a number up to {length}");
        index.ok_or_else(|| SourceError::position(position, &self.describe(), &form()))
    }
}

impl Source for MemorySource {
    fn describe(&self) -> String {
        "memory".into()
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        let info = |(name, documents): (&String, &Vec<RawDocumentBuf>)| CollectionInfo {
            name: name.clone(),
            documents: Some(documents.len() as u64),
            bytes: Some(documents.iter().map(|document| document.as_bytes().len() as u64).sum()),
            version: None,
        };
        Ok(self.collections.iter().map(info).collect())
    }

    fn split(&self, collection: &str, parts: usize) -> Result<Vec<Range>, SourceError> {
        let length = self.documents(collection)?.len();
        let parts = parts.clamp(1, length.max(1));
        let border = |part: usize| {
            (part > 0 && part < parts).then(|| Position::new((length * part / parts).to_string()))
        };
        Ok((0..parts).map(|part| Range { after: border(part), until: border(part + 1) }).collect())
    }

    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError> {
        let documents = self.documents(collection)?;
        let (after, until) = range.parse(|position| self.index(position, documents.len()))?;
        let after = after.unwrap_or(0);
        let documents = documents[after..until.unwrap_or(documents.len()).max(after)].to_vec();
        Ok(Box::new(Stepwise::new(MemoryReader { documents, read: 0, after })))
    }
}

struct MemoryReader {
    documents: Vec<RawDocumentBuf>,
    read: usize,
    after: usize,
}

impl Steps for MemoryReader {
    fn position(&self) -> Position {
        Position::new((self.after + self.read).to_string())
    }

    fn step(&mut self, chunk: &mut Chunk) -> Result<Option<usize>, SourceError> {
        let Some(document) = self.documents.get(self.read) else { return Ok(None) };
        chunk.push(document);
        self.read += 1;
        Ok(Some(document.as_bytes().len()))
    }
}
