//! mongodump folders: `dump/<database>/<collection>.bson`, compressed or not.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::dump_folder::{self, DumpFile};
use super::frame::{FilePlace, FrameReader};
use super::{CollectionInfo, Range, Reader, Source, SourceError};
use crate::split;

/// A mongodump folder, or one `.bson` file of it.
#[derive(Debug)]
pub struct DumpSource {
    root: PathBuf,
    files: BTreeMap<String, DumpFile>,
    notes: Vec<String>,
}

impl DumpSource {
    /// Opens a dump: a folder with one folder per database, the folder of one database, or one file.
    ///
    /// `database` chooses among several.
    ///
    /// # Errors
    /// When it cannot be listed, holds no documents, or holds several databases and none is chosen.
    pub fn open(path: &Path, database: Option<&str>) -> Result<Self, SourceError> {
        let found = dump_folder::find(path, database)?;
        Ok(Self { root: path.to_owned(), files: found.files, notes: found.notes })
    }

    fn file(&self, collection: &str) -> Result<&DumpFile, SourceError> {
        self.files.get(collection).ok_or_else(|| SourceError::NoSuchCollection {
            source_name: self.describe(),
            collection: collection.to_owned(),
            available: self.files.keys().cloned().collect(),
        })
    }
}

impl Source for DumpSource {
    fn describe(&self) -> String {
        format!("dump {}", self.root.display())
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        self.files
            .iter()
            .map(|(name, file)| {
                let meta =
                    std::fs::metadata(&file.path).map_err(|e| SourceError::io("open", &file.path, e))?;
                let bytes = (!file.gzip).then_some(meta.len());
                Ok(CollectionInfo { name: name.clone(), documents: None, bytes })
            })
            .collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn split(&self, collection: &str, parts: usize) -> Result<Vec<Range>, SourceError> {
        let file = self.file(collection)?;
        if file.gzip {
            return Ok(vec![Range::all()]);
        }
        split::byte_ranges(&file.path, parts)
    }

    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError> {
        let file = self.file(collection)?;
        let name = self.describe();
        let parse = |position: &Option<_>| {
            position.as_ref().map(|position| FilePlace::parse(position, &name)).transpose()
        };
        let place = parse(&range.after)?.unwrap_or_default();
        let until = parse(&range.until)?.map(|place| place.offset);
        let opened = File::open(&file.path).map_err(|e| SourceError::io("open", &file.path, e))?;
        if file.gzip {
            let mut input = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, opened));
            skip(&mut input, place.offset, &file.path, &name)?;
            return Ok(Box::new(FrameReader::new(input, &file.path, collection, place, until)));
        }
        let mut input = opened;
        let length = input.metadata().map_err(|e| SourceError::io("open", &file.path, e))?.len();
        if place.offset > length {
            return Err(beyond(place.offset, length, &name));
        }
        input.seek(SeekFrom::Start(place.offset)).map_err(|e| SourceError::io("read", &file.path, e))?;
        Ok(Box::new(FrameReader::new(input, &file.path, collection, place, until)))
    }
}

/// Reads over the first `offset` bytes of a stream that cannot seek.
pub(super) fn skip(
    input: &mut impl Read,
    offset: u64,
    path: &Path,
    source_name: &str,
) -> Result<(), SourceError> {
    let skipped =
        io::copy(&mut input.take(offset), &mut io::sink()).map_err(|e| SourceError::io("read", path, e))?;
    if skipped < offset { Err(beyond(offset, skipped, source_name)) } else { Ok(()) }
}

pub(super) fn beyond(offset: u64, length: u64, source_name: &str) -> SourceError {
    SourceError::BadPosition {
        position: offset.to_string(),
        source_name: source_name.to_owned(),
        reason: format!("it is after the end: there are only {length} bytes"),
    }
}
