//! Files that are read from some byte on, compressed or not.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::{CollectionInfo, SourceError};

/// Whether a file begins like a compressed one. The length of a BSON document may look like that, too.
pub(super) fn is_gzip(path: &Path) -> bool {
    let mut begin = [0u8; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == [0x1f, 0x8b]
}

pub(super) fn length(path: &Path) -> Result<u64, SourceError> {
    Ok(std::fs::metadata(path).map_err(|e| SourceError::io("open", path, e))?.len())
}

/// The collection that a file holds.
pub(super) fn info(name: &str, path: &Path, gzip: bool) -> Result<CollectionInfo, SourceError> {
    let bytes = if gzip { None } else { Some(length(path)?) };
    Ok(CollectionInfo { name: name.to_owned(), documents: None, bytes, version: Some(version(path)?) })
}

/// What a folder holds, in the order of the names.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let io = |error| SourceError::io("list", folder, error);
    let entries = std::fs::read_dir(folder).map_err(io)?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(io)?;
    paths.sort();
    Ok(paths)
}

/// What tells a file's present state from another one.
pub(super) fn version(path: &Path) -> Result<String, SourceError> {
    let io = |error| SourceError::io("open", path, error);
    let metadata = std::fs::metadata(path).map_err(io)?;
    let changed = chrono::DateTime::<chrono::Utc>::from(metadata.modified().map_err(io)?);
    Ok(format!("{} bytes, last changed {}", metadata.len(), changed.format("%Y-%m-%d %H:%M:%S%.f UTC")))
}

/// The file's contents from `offset` on, decompressed.
pub(super) fn open(
    path: &Path,
    gzip: bool,
    offset: u64,
    source_name: &str,
) -> Result<Box<dyn Read + Send>, SourceError> {
    let mut file = File::open(path).map_err(|e| SourceError::io("open", path, e))?;
    if gzip {
        let mut input = MultiGzDecoder::new(BufReader::with_capacity(1 << 16, file));
        let skipped = io::copy(&mut (&mut input).take(offset), &mut io::sink());
        beyond(offset, skipped.map_err(|e| SourceError::io("read", path, e))?, source_name)?;
        return Ok(Box::new(input));
    }
    beyond(offset, length(path)?, source_name)?;
    file.seek(SeekFrom::Start(offset)).map_err(|e| SourceError::io("read", path, e))?;
    Ok(Box::new(file))
}

fn beyond(offset: u64, length: u64, source_name: &str) -> Result<(), SourceError> {
    if offset <= length {
        return Ok(());
    }
    Err(SourceError::BadPosition {
        position: offset.to_string(),
        source_name: source_name.to_owned(),
        reason: format!("it is after the end: there are only {length} bytes"),
    })
}
