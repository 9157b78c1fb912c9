//! What is in a mongodump folder: which files hold documents, of which collections, and what is left out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::{SourceError, input};

/// The databases that are MongoDB's own.
const SERVER_DATABASES: [&str; 3] = ["admin", "config", "local"];

/// Longer texts are not descriptions: a metadata file is a few hundred bytes.
const MAX_METADATA_BYTES: u64 = 16 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DumpFile {
    pub path: PathBuf,
    pub gzip: bool,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub files: BTreeMap<String, DumpFile>,
    pub notes: Vec<String>,
}

/// The entries of one folder, sorted by what they are.
#[derive(Debug, Default)]
struct Listing {
    documents: Vec<DumpFile>,
    metadata: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    others: Vec<String>,
}

pub(super) fn holds_documents(path: &Path) -> Result<bool, SourceError> {
    let listing = list(path)?;
    if !listing.documents.is_empty() {
        return Ok(true);
    }
    // A folder that cannot be listed says nothing about its neighbours.
    Ok(listing.folders.iter().any(|folder| list(folder).is_ok_and(|inner| !inner.documents.is_empty())))
}

pub(super) fn find(path: &Path, database: Option<&str>) -> Result<Found, SourceError> {
    if path.is_file() {
        return single_file(path);
    }
    let mut listing = list(path)?;
    let (oplogs, documents): (Vec<_>, Vec<_>) = std::mem::take(&mut listing.documents)
        .into_iter()
        .partition(|file| stem(&file.path, ".bson") == "oplog");
    listing.documents = documents;
    let mut found = Found::default();
    found.notes.extend(oplogs.iter().map(|file| {
        format!(
            "{} is the log of writes made while the dump ran; it is not applied: the collections are as they were \
             read, one after the other",
            file.path.display()
        )
    }));
    if !listing.documents.is_empty() && database.is_none_or(|name| name == file_name(path)) {
        found.notes.extend(
            listing
                .folders
                .iter()
                .map(|folder| format!("the folder {} within is not read", folder.display())),
        );
        add_database(&mut found, listing)?;
        return Ok(found);
    }
    let folder = choose_database(path, &listing, database, &mut found.notes)?;
    add_database(&mut found, list(&folder)?)?;
    Ok(found)
}

fn single_file(path: &Path) -> Result<Found, SourceError> {
    let Some(file) = as_documents(path) else {
        return Err(SourceError::argument(
            format!("{} is not a dump file", path.display()),
            "files of mongodump end in .bson or .bson.gz",
        ));
    };
    let mut found = Found::default();
    let name = collection_name(&file.path, &mut found.notes);
    found.files.insert(name, file);
    Ok(found)
}

fn choose_database(
    path: &Path,
    listing: &Listing,
    database: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<PathBuf, SourceError> {
    let mut databases = BTreeMap::new();
    for folder in &listing.folders {
        if !list(folder)?.documents.is_empty() {
            databases.insert(decoded(&file_name(folder)), folder.clone());
        }
    }
    let names = databases.keys().cloned().collect();
    if databases.is_empty() && database.is_none() {
        return Err(SourceError::argument(
            format!("{} holds no .bson or .bson.gz file", path.display()),
            "give the folder that mongodump wrote, the folder of one database in it, or one .bson file",
        ));
    }
    let chosen = choose_own(&path.display().to_string(), names, database, notes)?;
    databases
        .remove(&chosen)
        .ok_or_else(|| SourceError::argument(format!("{} holds no database {chosen:?}", path.display()), ""))
}

/// Which database to read: the one that was asked for, or the only one that is not the server's own.
pub(super) fn choose_own(
    place: &str,
    names: BTreeSet<String>,
    wanted: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<String, SourceError> {
    let listed = |names: &[&String]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let all: Vec<_> = names.iter().collect();
    if let Some(wanted) = wanted {
        return names.get(wanted).cloned().ok_or_else(|| {
            let hint = if all.is_empty() {
                "it holds none".to_owned()
            } else {
                format!("it holds {}", listed(&all))
            };
            SourceError::argument(format!("{place} holds no database {wanted:?}"), hint)
        });
    }
    let (servers, own): (Vec<_>, Vec<_>) =
        all.iter().copied().partition(|name| SERVER_DATABASES.contains(&name.as_str()));
    match own.as_slice() {
        [name] => {
            notes.extend(servers.iter().map(|name| {
                format!("the database {name} is the server's own and is not read (choose it with ?db={name})")
            }));
            Ok((*name).clone())
        }
        [] if servers.is_empty() => Err(SourceError::argument(
            format!("{place} holds no collection at all"),
            "was the dump made of the right database?",
        )),
        [] => Err(SourceError::argument(
            format!("{place} holds only the server's own databases: {}", listed(&servers)),
            "select one with ?db=NAME after the path",
        )),
        several => Err(SourceError::argument(
            format!("{place} holds several databases: {}", listed(several)),
            "select one with ?db=NAME after the path",
        )),
    }
}

fn add_database(found: &mut Found, listing: Listing) -> Result<(), SourceError> {
    let mut unread = BTreeSet::new();
    for file in listing.documents {
        let name = collection_name(&file.path, &mut found.notes);
        if let Some(series) = name.strip_prefix("system.buckets.") {
            found.notes.push(format!(
                "{series} is a time series; the dump holds it in the server's own packed form ({}), which is not \
                 read: export it with mongoexport",
                file.path.display()
            ));
        } else if name.starts_with("system.") {
            found.notes.push(format!("the collection {name} is the server's own and is not read"));
        } else if let Some(other) = found.files.get(&name) {
            return Err(doubled(&name, &other.path, &file.path));
        } else {
            found.files.insert(name, file);
        }
    }
    for path in listing.metadata {
        if read_metadata(&path).is_some_and(|meta| meta.kind == "view") {
            unread.insert(decoded(&stem(&path, ".metadata.json")));
        }
    }
    found
        .notes
        .extend(unread.into_iter().map(|name| format!("{name} is a view and holds no documents of its own")));
    if !listing.others.is_empty() {
        found.notes.push(format!("not part of a dump, not read: {}", listing.others.join(", ")));
    }
    Ok(())
}

/// Two files of one folder hold the same collection.
pub(super) fn doubled(name: &str, one: &Path, other: &Path) -> SourceError {
    SourceError::argument(
        format!("{} and {} both hold the collection {name:?}", one.display(), other.display()),
        "remove one of them: which one is right cannot be told",
    )
}

fn list(folder: &Path) -> Result<Listing, SourceError> {
    let mut listing = Listing::default();
    for path in input::entries(folder)? {
        let name = file_name(&path);
        if path.is_dir() {
            listing.folders.push(path);
        } else if let Some(file) = as_documents(&path) {
            listing.documents.push(file);
        } else if name.ends_with(".metadata.json") || name.ends_with(".metadata.json.gz") {
            listing.metadata.push(path);
        } else if !matches!(name.as_str(), "prelude.json" | "prelude.json.gz") {
            listing.others.push(name);
        }
    }
    Ok(listing)
}

fn as_documents(path: &Path) -> Option<DumpFile> {
    let name = file_name(path);
    let gzip = name.ends_with(".bson.gz");
    (gzip || name.ends_with(".bson")).then(|| DumpFile { path: path.to_owned(), gzip })
}

pub(super) fn file_name(path: &Path) -> String {
    let absolute = if path.file_name().is_none() { path.canonicalize().ok() } else { None };
    let name = absolute.as_deref().unwrap_or(path).file_name().map(OsStr::to_string_lossy);
    name.map(|name| name.into_owned()).unwrap_or_default()
}

/// A file's name without its ending and `.gz`.
fn stem(path: &Path, ending: &str) -> String {
    let name = file_name(path);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.strip_suffix(ending).unwrap_or(name).to_owned()
}

/// The collection a dump file belongs to: what the metadata beside it says, otherwise the file's name decoded.
///
/// mongodump percent-encodes names, and cuts long ones short, putting a hash after `%24`: then only the metadata
/// knows.
fn collection_name(path: &Path, notes: &mut Vec<String>) -> String {
    let stem = stem(path, ".bson");
    for suffix in ["metadata.json", "metadata.json.gz"] {
        let beside = path.with_file_name(format!("{stem}.{suffix}"));
        if let Some(name) = read_metadata(&beside).and_then(|meta| meta.collection_name) {
            return name;
        }
    }
    let name = decoded(&stem);
    if stem.len() > 200 && stem.contains("%24") {
        notes.push(format!(
            "the name of {} was cut short by mongodump and there is no metadata file to tell it in full: it is \
             called {name}",
            path.display()
        ));
    }
    name
}

#[derive(Debug, Default)]
struct Metadata {
    collection_name: Option<String>,
    kind: String,
}

/// Reads a metadata file. One that is missing or cannot be read says nothing: names have a second source, and
/// indexes come from the models.
fn read_metadata(path: &Path) -> Option<Metadata> {
    let file = input::open(path, file_name(path).ends_with(".gz"), 0, "").ok()?;
    let mut text = Vec::new();
    file.take(MAX_METADATA_BYTES).read_to_end(&mut text).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let text =
        |key: &str| value.get(key).and_then(|v| v.as_str()).filter(|s| !s.is_empty()).map(str::to_owned);
    Some(Metadata { collection_name: text("collectionName"), kind: text("type").unwrap_or_default() })
}

/// A percent-encoded name in clear. What is not a valid encoding stays as it is.
fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8().map_or_else(|_| name.to_owned(), Cow::into_owned)
}
