//! What the tests of sources share.

use std::path::PathBuf;

use bson::raw::RawDocumentBuf;
use bson::rawdoc;
use whimbrel_transfer::source::{Chunk, Limit, Malformed, Range, Source, SourceError};

/// Everything that was read of a range.
#[derive(Debug, Default)]
pub struct Read {
    pub documents: Vec<RawDocumentBuf>,
    pub malformed: Vec<Malformed>,
    pub chunks: Vec<Chunk>,
    pub error: Option<SourceError>,
}

impl Read {
    /// The documents, where nothing may have gone wrong.
    pub fn clean(self) -> Vec<RawDocumentBuf> {
        assert!(self.error.is_none(), "{:?}", self.error);
        assert!(self.malformed.is_empty(), "{:?}", self.malformed);
        self.documents
    }

    /// The message of the error that there must be.
    pub fn message(&self) -> String {
        self.error.as_ref().expect("an error").to_string()
    }
}

pub fn read(source: &dyn Source, collection: &str, range: &Range, limit: Limit) -> Read {
    let mut all = Read::default();
    let mut reader = match source.open(collection, range) {
        Ok(reader) => reader,
        Err(e) => return Read { error: Some(e), ..all },
    };
    loop {
        match reader.next_chunk(limit) {
            Ok(Some(chunk)) => {
                assert!(!chunk.is_empty(), "a chunk holds something");
                all.documents.extend(chunk.iter().map(|d| d.to_owned()));
                all.malformed.extend(chunk.malformed.iter().cloned());
                all.chunks.push(chunk);
            }
            Ok(None) => {
                assert!(reader.next_chunk(limit).expect("the end stays").is_none());
                return all;
            }
            Err(e) => {
                let again = reader.next_chunk(limit).expect_err("an error stays");
                assert_eq!(e.to_string(), again.to_string());
                return Read { error: Some(e), ..all };
            }
        }
    }
}

pub fn read_all(source: &dyn Source, collection: &str) -> Read {
    read(source, collection, &Range::all(), Limit::default())
}

/// Reads with small chunks, and from behind each of them, and up to each of them.
pub fn check_resuming(source: &dyn Source, collection: &str, wanted: &[RawDocumentBuf]) {
    for limit in [
        Limit { documents: 7, bytes: 1 << 20 },
        Limit { documents: 100, bytes: 300 },
        Limit { documents: 0, bytes: 0 },
    ] {
        let all = read(source, collection, &Range::all(), limit);
        assert_eq!(all.documents, wanted);
        let mut seen = 0;
        for chunk in &all.chunks {
            assert!(chunk.len() <= limit.documents.max(1));
            seen += chunk.len();
            let position = Some(chunk.position_after.clone());
            let rest = Range { after: position.clone(), until: None };
            assert_eq!(read(source, collection, &rest, limit).clean(), wanted[seen..]);
            let before = Range { after: None, until: position };
            assert_eq!(read(source, collection, &before, limit).clean(), wanted[..seen]);
        }
    }
}

/// Checks that ranges together cover every document once, in order.
pub fn check_ranges(source: &dyn Source, collection: &str, ranges: &[Range], wanted: &[RawDocumentBuf]) {
    let mut all = Vec::new();
    for range in ranges {
        all.extend(read(source, collection, range, Limit::default()).clean());
    }
    assert_eq!(all, wanted);
}

pub use whimbrel_scratch::shared;

pub fn documents(count: i32) -> Vec<RawDocumentBuf> {
    (0..count)
        .map(|n| rawdoc! { "_id": n, "name": format!("document {n}"), "tags": ["a", n], "sub": { "deep": true } })
        .collect()
}

pub fn concatenated(documents: &[RawDocumentBuf]) -> Vec<u8> {
    documents.iter().flat_map(|d| d.as_bytes().to_vec()).collect()
}

/// A folder with one file in it.
pub fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Documents of a kilobyte each: few make a large file.
pub fn large_documents(count: i32) -> Vec<RawDocumentBuf> {
    (0..count).map(|n| rawdoc! { "_id": n, "text": format!("{n} ").repeat(250) }).collect()
}
