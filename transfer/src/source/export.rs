//! mongoexport files: `<database>.<collection>.json`, one of them or a folder of them, compressed or not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use super::dump_folder::{choose_own, doubled, file_name};
use super::export_reader::{ExportPlace, ExportReader, borders};
use super::stepwise::Stepwise;
use super::{CollectionInfo, Range, Reader, Source, SourceError, input};
use crate::split;

/// Files smaller than this are not worth more than one part.
const SMALLEST_PART: u64 = 4 << 20;

/// The endings of exports.
const ENDINGS: [&str; 6] = [".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"];

/// Files that mongoexport wrote, or other programs in its format.
#[derive(Debug)]
pub struct ExportSource {
    root: PathBuf,
    files: BTreeMap<String, PathBuf>,
    notes: Vec<String>,
}

impl ExportSource {
    /// Whether a file is called like an export.
    pub(super) fn recognises(path: &Path) -> bool {
        let name = file_name(path);
        ENDINGS.iter().any(|ending| name.ends_with(ending))
            && !name.contains(".metadata.json")
            && !name.starts_with("prelude.json")
    }

    /// Opens one export. Its collection is called like the file, without the database in front; `collection`
    /// says otherwise.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open_file(path: &Path, collection: Option<&str>) -> Result<Self, SourceError> {
        File::open(path).map_err(|e| SourceError::io("open", path, e))?;
        let name = match collection {
            Some(name) => name.to_owned(),
            None => split_name(path).1,
        };
        Ok(Self { root: path.to_owned(), files: BTreeMap::from([(name, path.to_owned())]), notes: vec![] })
    }

    /// Opens a folder of exports. `database` chooses among several.
    ///
    /// # Errors
    /// When it cannot be listed, has no exports, has exports of several databases and none is chosen, or has
    /// two of the same collection.
    pub fn open_folder(path: &Path, database: Option<&str>) -> Result<Self, SourceError> {
        let mut found = input::entries(path)?;
        found.retain(|file| file.is_file() && Self::recognises(file));
        let mut notes = Vec::new();
        let databases: BTreeSet<String> = found.iter().filter_map(|file| split_name(file).0).collect();
        let chosen = match (database, databases.is_empty()) {
            (None, true) => None,
            _ => Some(choose_own(&path.display().to_string(), databases, database, &mut notes)?),
        };
        let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
        for file in found {
            let (database, name) = split_name(&file);
            if database.is_some() && database != chosen {
                continue;
            }
            if let Some(other) = files.get(&name) {
                return Err(doubled(&name, other, &file));
            }
            files.insert(name, file);
        }
        Ok(Self { root: path.to_owned(), files, notes })
    }

    /// Whether it has no exports.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// A collection's file. The file's whole name does, too: a dot in it may belong to the collection.
    fn file(&self, collection: &str) -> Result<&Path, SourceError> {
        let by_file_name = || self.files.values().find(|path| stem(path) == collection);
        let found = self.files.get(collection).or_else(by_file_name).map(PathBuf::as_path);
        found.ok_or_else(|| SourceError::no_collection(self, collection, self.files.keys()))
    }

    fn reader(
        &self,
        collection: &str,
        place: ExportPlace,
        until: Option<u64>,
    ) -> Result<ExportReader, SourceError> {
        let path = self.file(collection)?;
        let input = input::open(path, input::is_gzip(path), place.text.offset, &self.describe())?;
        Ok(ExportReader::new(input, path, collection, place, until))
    }
}

impl Source for ExportSource {
    fn describe(&self) -> String {
        format!("export {}", self.root.display())
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        self.files.iter().map(|(name, path)| input::info(name, path, input::is_gzip(path))).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn split(&self, collection: &str, parts: usize) -> Result<Vec<Range>, SourceError> {
        let path = self.file(collection)?;
        if input::is_gzip(path) {
            return Ok(vec![Range::all()]);
        }
        let targets = split::targets(input::length(path)?, parts, SMALLEST_PART);
        Ok(split::ranges_between(borders(self.reader(collection, ExportPlace::BEGIN, None)?, targets)))
    }

    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError> {
        let name = self.describe();
        let (after, until) = range.parse(|position| ExportPlace::parse(position, &name))?;
        let place = after.unwrap_or(ExportPlace::BEGIN);
        let reader = self.reader(collection, place, until.map(|place| place.text.offset))?;
        Ok(Box::new(Stepwise::new(reader)))
    }
}

fn stem(path: &Path) -> String {
    let name = file_name(path);
    let ending = ENDINGS.iter().filter(|ending| name.ends_with(*ending)).map(|ending| ending.len()).max();
    name[..name.len() - ending.unwrap_or(0)].to_owned()
}

/// Database, if the name has one, and collection: the names of databases have no dots, those of collections may.
fn split_name(path: &Path) -> (Option<String>, String) {
    let stem = stem(path);
    match stem.split_once('.') {
        Some((database, collection)) if !database.is_empty() && !collection.is_empty() => {
            (Some(database.to_owned()), collection.to_owned())
        }
        _ => (None, stem),
    }
}
