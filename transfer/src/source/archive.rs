//! `mongodump --archive` files: the collections of a dump in one stream, in turns.
//!
//! Format (mongo-tools, `common/archive`): a magic number; a header document; one document for each collection
//! with its metadata; a terminator (`ff ff ff ff`); then blocks, each a namespace document, documents, and a
//! terminator. A namespace document with `EOF: true` ends its collection and carries the CRC-64 of all of its
//! documents.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use bson::raw::RawDocument;

use super::archive_format::MAGIC;
use super::archive_reader::{ArchivePlace, ArchiveReader};
use super::dump_folder::choose_own;
use super::stepwise::Stepwise;
use super::window::{Item, StreamError, Window};
use super::{CollectionInfo, Range, Reader, Source, SourceError, input};

/// An archive that mongodump wrote.
#[derive(Debug)]
pub struct ArchiveSource {
    path: PathBuf,
    gzip: bool,
    database: String,
    collections: BTreeMap<String, Option<u64>>,
    notes: Vec<String>,
    /// Where the blocks begin.
    body: u64,
}

struct Listed {
    database: String,
    collection: String,
    kind: String,
    size: Option<u64>,
}

impl ArchiveSource {
    /// Whether a file begins like an archive, compressed or not.
    pub(super) fn recognises(path: &Path) -> bool {
        let mut begin = [0u8; 4];
        let input = input::open(path, input::is_gzip(path), 0, "");
        input.is_ok_and(|mut input| input.read_exact(&mut begin).is_ok())
            && u32::from_le_bytes(begin) == MAGIC
    }

    /// Opens an archive and reads its list of collections. `database` chooses among several.
    ///
    /// # Errors
    /// When the file cannot be read, is not an archive, or holds several databases and none is chosen.
    pub fn open(path: &Path, database: Option<&str>) -> Result<Self, SourceError> {
        let gzip = input::is_gzip(path);
        let mut stream = Window::new(input::open(path, gzip, 0, &path.display().to_string())?, 0);
        let listed = read_prelude(&mut stream, path)?;
        let mut notes = Vec::new();
        let databases = listed.iter().map(|l| l.database.clone()).filter(|name| !name.is_empty()).collect();
        let database = choose_own(&path.display().to_string(), databases, database, &mut notes)?;
        if listed.iter().any(|entry| entry.database.is_empty() && entry.collection == "oplog") {
            notes.push(
                "the archive's oplog, the log of writes made while the dump ran, is not applied: the collections are \
                 as they were read, one after the other"
                    .into(),
            );
        }
        let mut collections = BTreeMap::new();
        for entry in listed.into_iter().filter(|entry| entry.database == database) {
            let name = entry.collection;
            if entry.kind == "timeseries" {
                notes.push(format!(
                    "{name} is a time series; the archive holds it in the server's own packed form, which is not \
                     read: export it with mongoexport"
                ));
            } else if entry.kind == "view" {
                notes.push(format!("{name} is a view and holds no documents of its own"));
            } else if name.starts_with("system.") {
                notes.push(format!("the collection {name} is the server's own and is not read"));
            } else {
                collections.insert(name, entry.size);
            }
        }
        Ok(Self { path: path.to_owned(), gzip, database, collections, notes, body: stream.offset })
    }
}

impl Source for ArchiveSource {
    fn describe(&self) -> String {
        format!("archive {} (database {})", self.path.display(), self.database)
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        let version = input::version(&self.path)?;
        let info = |(name, size): (&String, &Option<u64>)| CollectionInfo {
            name: name.clone(),
            documents: None,
            bytes: *size,
            version: Some(version.clone()),
        };
        Ok(self.collections.iter().map(info).collect())
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn split(&self, collection: &str, _parts: usize) -> Result<Vec<Range>, SourceError> {
        self.check(collection)?;
        Ok(vec![Range::all()])
    }

    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError> {
        self.check(collection)?;
        let name = self.describe();
        let (after, until) = range.parse(|position| ArchivePlace::parse(position, &name))?;
        let offset = after.map_or(self.body, |place| place.offset);
        let stream = Window::new(input::open(&self.path, self.gzip, offset, &name)?, offset);
        let reader = ArchiveReader::new(stream, &self.path, &self.database, collection, after, until);
        Ok(Box::new(Stepwise::new(reader)))
    }
}

impl ArchiveSource {
    fn check(&self, collection: &str) -> Result<(), SourceError> {
        if self.collections.contains_key(collection) {
            return Ok(());
        }
        Err(SourceError::no_collection(self, collection, self.collections.keys()))
    }
}

pub(super) fn broken(
    path: &Path,
    collection: &str,
    offset: u64,
    documents_before: u64,
    error: StreamError,
) -> SourceError {
    let hint = "the documents before it were read; make the archive again to get those after it";
    error.of(path, collection, (offset, None), documents_before, hint)
}

fn read_prelude(stream: &mut Window, path: &Path) -> Result<Vec<Listed>, SourceError> {
    let fail = |offset, reason: String| broken(path, "", offset, 0, StreamError::Corrupt(reason));
    stream.fill(4).map_err(|error| broken(path, "", stream.offset, 0, error))?;
    if !stream.bytes().starts_with(&MAGIC.to_le_bytes()) {
        return Err(SourceError::argument(
            format!("{} is not a mongodump archive: it does not begin with 6d e2 99 81", path.display()),
            "archives are written by `mongodump --archive=FILE`, also with --gzip",
        ));
    }
    stream.advance(4);
    let mut listed = Vec::new();
    let mut header_read = false;
    loop {
        let item = stream.look(0).map_err(|e| broken(path, "", stream.offset, 0, e))?;
        match item {
            Item::Document(length) if header_read => {
                let entry = read_listed(&stream.bytes()[..length]);
                listed.push(entry.ok_or_else(|| {
                    fail(stream.offset, "the description of a collection is broken: it has no name".into())
                })?);
                stream.advance(length);
            }
            Item::Document(length) => {
                header_read = true;
                stream.advance(length);
            }
            Item::Terminator if header_read => {
                stream.advance(4);
                return Ok(listed);
            }
            Item::Terminator => return Err(fail(stream.offset, "the archive has no header".into())),
            Item::End => {
                return Err(fail(
                    stream.offset,
                    "the archive ends before its list of collections does".into(),
                ));
            }
        }
    }
}

fn read_listed(bytes: &[u8]) -> Option<Listed> {
    super::check_structure(bytes).ok()?;
    let document = RawDocument::from_bytes(bytes).ok()?;
    let text = |key: &str| document.get_str(key).ok().map(str::to_owned);
    let size = match document.get("size").ok()? {
        Some(bson::raw::RawBsonRef::Int32(n)) => u64::try_from(n).ok(),
        Some(bson::raw::RawBsonRef::Int64(n)) => u64::try_from(n).ok(),
        _ => None,
    };
    Some(Listed {
        database: text("db")?,
        collection: text("collection")?,
        kind: text("type").unwrap_or_default(),
        // Tools before 4.2 always write 0.
        size: size.filter(|size| *size > 0),
    })
}
