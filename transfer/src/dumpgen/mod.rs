//! Writes dumps as MongoDB's tools do: for tests, the demonstration and benchmarks.
//!
//! Three forms: folders as of mongodump ([`FolderWriter`]), archives as of `mongodump --archive`
//! ([`ArchiveWriter`]), and exports as of mongoexport ([`write_export`]).

mod archive;
mod export;
mod folder;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

pub use archive::ArchiveWriter;
pub use export::{ExportForm, ExportLayout, write_export};
pub use folder::{CollectionWriter, FolderWriter};

/// A file to write to, compressed or not.
enum Output {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl Output {
    fn create(path: &Path, gzip: bool) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 18, File::create(path)?);
        Ok(if gzip { Self::Gzip(GzEncoder::new(file, Compression::fast())) } else { Self::Plain(file) })
    }

    /// Writes what is left and closes the file.
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut file) => file.flush(),
            Self::Gzip(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }
}
