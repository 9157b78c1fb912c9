//! Which source a command line means.

use std::path::Path;

use super::chosen::Chosen;
use super::export::ExportSource;
use super::{ArchiveSource, DumpSource, Source, SourceError, dump_folder};

/// What can be given.
const ALLOWED: &str = "a source is a mongodump folder, a .bson or .bson.gz file, a mongodump --archive file, a \
                       mongoexport .json file or a folder of them, or a mongodb:// URL; after a path \
                       ?db=NAME and ?collection=NAME select a part";

/// What follows a path: `?db=shop&collection=users`.
#[derive(Debug, Default)]
struct Options {
    database: Option<String>,
    collection: Option<String>,
}

/// Opens the source that a command line names: by its scheme, by what the folder holds, or by how the file begins
/// and ends.
///
/// # Errors
/// When it does not exist, or cannot be read as a source.
pub fn from_arg(argument: &str) -> Result<Box<dyn Source>, SourceError> {
    if argument.is_empty() {
        return Err(SourceError::argument("the source is empty", ALLOWED));
    }
    if let Some((scheme, _)) = argument.split_once("://") {
        return from_url(scheme, argument);
    }
    let (path, options) = existing(argument)?;
    let source = if path.is_dir() { from_folder(path, &options) } else { from_file(path, &options) }?;
    if options.database.is_none() && options.collection.is_none() {
        return Ok(source);
    }
    Chosen::select(source, options.collection.as_deref())
}

#[cfg_attr(not(feature = "live"), expect(unused_variables, reason = "there is nothing to connect with"))]
fn from_url(scheme: &str, url: &str) -> Result<Box<dyn Source>, SourceError> {
    match scheme {
        #[cfg(feature = "live")]
        "mongodb" | "mongodb+srv" => Ok(Box::new(super::MongoSource::connect(url)?)),
        #[cfg(not(feature = "live"))]
        "mongodb" | "mongodb+srv" => Err(SourceError::argument(
            "this program was built without the feature `live` and cannot read from a server",
            "build it with that feature, or make a dump with mongodump first",
        )),
        // The URL itself is not repeated: it may hold a password.
        _ => Err(SourceError::argument(format!("a source with {scheme}:// cannot be read"), ALLOWED)),
    }
}

fn existing(argument: &str) -> Result<(&Path, Options), SourceError> {
    if Path::new(argument).exists() {
        return Ok((Path::new(argument), Options::default()));
    }
    let missing = |path: &str| SourceError::argument(format!("there is no file or folder {path}"), ALLOWED);
    let (path, query) = argument.rsplit_once('?').ok_or_else(|| missing(argument))?;
    if !Path::new(path).exists() {
        return Err(missing(path));
    }
    let mut options = Options::default();
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match key.as_ref() {
            "db" if !value.is_empty() => options.database = Some(value.into_owned()),
            "collection" if !value.is_empty() => options.collection = Some(value.into_owned()),
            _ => {
                return Err(SourceError::argument(
                    format!("{key}={value} after the source's path is not an option"),
                    "db=NAME and collection=NAME are allowed",
                ));
            }
        }
    }
    Ok((Path::new(path), options))
}

fn from_folder(path: &Path, options: &Options) -> Result<Box<dyn Source>, SourceError> {
    let database = options.database.as_deref();
    if !dump_folder::holds_documents(path)? {
        let export = ExportSource::open_folder(path, database)?;
        if !export.is_empty() {
            return Ok(Box::new(export));
        }
        return Err(SourceError::argument(
            format!("{} holds neither .bson files nor .json exports", path.display()),
            ALLOWED,
        ));
    }
    Ok(Box::new(DumpSource::open(path, database)?))
}

fn from_file(path: &Path, options: &Options) -> Result<Box<dyn Source>, SourceError> {
    std::fs::File::open(path).map_err(|e| SourceError::io("open", path, e))?;
    let name = path.to_string_lossy();
    let database = options.database.as_deref();
    if ArchiveSource::recognises(path) || name.ends_with(".archive") || name.ends_with(".archive.gz") {
        return Ok(Box::new(ArchiveSource::open(path, database)?));
    }
    if ExportSource::recognises(path) {
        return Ok(Box::new(ExportSource::open_file(path, options.collection.as_deref())?));
    }
    if name.ends_with(".bson") || name.ends_with(".bson.gz") {
        return Ok(Box::new(DumpSource::open(path, database)?));
    }
    let hint = if name.ends_with(".csv") || name.ends_with(".tsv") {
        "tables of text have lost the types; export with mongoexport --type=json --jsonFormat=canonical"
    } else {
        ALLOWED
    };
    Err(SourceError::argument(format!("{} cannot be read as a source", path.display()), hint))
}
