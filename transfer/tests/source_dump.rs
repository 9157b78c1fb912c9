//! mongodump folders as sources.

use std::path::{Path, PathBuf};

use bson::raw::RawDocumentBuf;
use bson::rawdoc;
use whimbrel_transfer::source::{self, Chunk, DumpSource, Limit, Malformed, Range, Source, SourceError};

/// Everything a source has of a collection.
struct Read {
    documents: Vec<RawDocumentBuf>,
    malformed: Vec<Malformed>,
    chunks: Vec<Chunk>,
    error: Option<SourceError>,
}

fn read(source: &dyn Source, collection: &str, range: &Range, limit: Limit) -> Read {
    let mut all = Read { documents: vec![], malformed: vec![], chunks: vec![], error: None };
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
            Ok(None) => return all,
            Err(e) => {
                let again = reader.next_chunk(limit).expect_err("an error stays");
                assert_eq!(e.to_string(), again.to_string());
                return Read { error: Some(e), ..all };
            }
        }
    }
}

fn read_all(source: &dyn Source, collection: &str) -> Read {
    read(source, collection, &Range::all(), Limit::default())
}

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn documents(count: i32) -> Vec<RawDocumentBuf> {
    (0..count).map(|n| rawdoc! { "_id": n, "name": format!("document {n}"), "tags": ["a", n] }).collect()
}

fn concatenated(documents: &[RawDocumentBuf]) -> Vec<u8> {
    documents.iter().flat_map(|d| d.as_bytes().to_vec()).collect()
}

fn file_with(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("things.bson");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_file_gives_its_documents() {
    let wanted = documents(1000);
    let (_folder, path) = file_with(&concatenated(&wanted));
    let source = DumpSource::open(&path, None).unwrap();
    let got = read_all(&source, "things");
    assert!(got.error.is_none() && got.malformed.is_empty());
    assert_eq!(got.documents, wanted);
}

#[test]
fn chunks_obey_their_limit_and_can_be_resumed() {
    let wanted = documents(57);
    let (_folder, path) = file_with(&concatenated(&wanted));
    let source = DumpSource::open(&path, None).unwrap();
    for limit in [
        Limit { documents: 5, bytes: 1 << 20 },
        Limit { documents: 100, bytes: 200 },
        Limit { documents: 0, bytes: 0 },
    ] {
        let got = read(&source, "things", &Range::all(), limit);
        assert_eq!(got.documents, wanted);
        let mut seen = 0;
        for chunk in &got.chunks {
            assert!(chunk.len() <= limit.documents.max(1));
            seen += chunk.len();
            let rest = Range { after: Some(chunk.position_after.clone()), until: None };
            assert_eq!(read(&source, "things", &rest, limit).documents, wanted[seen..]);
            let before = Range { after: None, until: Some(chunk.position_after.clone()) };
            assert_eq!(read(&source, "things", &before, limit).documents, wanted[..seen]);
        }
    }
}

#[test]
fn gipfel_has_its_documents() {
    let Some(path) = shared("data/gipfel/dump") else { return };
    let source = source::from_arg(path.to_str().unwrap()).unwrap();
    let counts: Vec<_> = source
        .collections()
        .unwrap()
        .into_iter()
        .map(|info| (read_all(&*source, &info.name).documents.len(), info.name))
        .collect();
    let counts: Vec<_> = counts.iter().map(|(count, name)| (name.as_str(), *count)).collect();
    for wanted in [("regions", 13), ("summits", 1147), ("routes", 13043), ("climbers", 13), ("ascents", 200)]
    {
        assert!(counts.contains(&wanted), "{wanted:?} is not among {counts:?}");
    }
}
