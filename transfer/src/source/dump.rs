//! mongodump folders: `dump/<database>/<collection>.bson`, compressed or not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::dump_folder::{self, DumpFile};
use super::frame::{FilePlace, FrameReader};
use super::{CollectionInfo, Range, Reader, Source, SourceError, input};
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
        let found = self.files.get(collection);
        found.ok_or_else(|| SourceError::no_collection(self, collection, self.files.keys()))
    }
}

impl Source for DumpSource {
    fn describe(&self) -> String {
        format!("dump {}", self.root.display())
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        self.files.iter().map(|(name, file)| input::info(name, &file.path, file.gzip)).collect()
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
        let (after, until) = range.parse(|position| FilePlace::parse(position, &name))?;
        let (place, until) = (after.unwrap_or_default(), until.map(|place| place.offset));
        let input = input::open(&file.path, file.gzip, place.offset, &name)?;
        Ok(Box::new(FrameReader::new(input, &file.path, collection, place, until)))
    }
}
