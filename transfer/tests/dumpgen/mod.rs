//! Writes dumps as MongoDB's tools do: folders as of mongodump, archives as of `mongodump --archive`, and exports as
//! of mongoexport.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bson::raw::{RawDocument, RawDocumentBuf};
use bson::{Bson, Document, rawdoc};
use crc::{CRC_64_XZ, Crc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

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

/// Writes the folder of one database: `<root>/<database>/<collection>.bson` and `.metadata.json`.
pub struct FolderWriter {
    folder: PathBuf,
    gzip: bool,
}

impl FolderWriter {
    pub fn create(root: &Path, database: &str, gzip: bool) -> io::Result<Self> {
        let folder = root.join(encoded(database));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, gzip })
    }

    /// Begins a collection, and writes its metadata.
    pub fn collection(&self, name: &str) -> io::Result<CollectionWriter> {
        let ending = if self.gzip { ".gz" } else { "" };
        let stem = encoded(name);
        let metadata = json!({
            "indexes": [{ "v": { "$numberInt": "2" }, "key": { "_id": { "$numberInt": "1" } }, "name": "_id_" }],
            "collectionName": name,
            "type": "collection",
        });
        let mut output =
            Output::create(&self.folder.join(format!("{stem}.metadata.json{ending}")), self.gzip)?;
        output.write_all(metadata.to_string().as_bytes())?;
        output.finish()?;
        Ok(CollectionWriter(Output::create(&self.folder.join(format!("{stem}.bson{ending}")), self.gzip)?))
    }
}

/// Writes the documents of one collection.
pub struct CollectionWriter(Output);

impl CollectionWriter {
    pub fn push(&mut self, document: &RawDocument) -> io::Result<()> {
        self.0.write_all(document.as_bytes())
    }

    pub fn finish(self) -> io::Result<()> {
        self.0.finish()
    }
}

/// A name as mongodump writes it into a path.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(byte as char);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

const TERMINATOR: [u8; 4] = [0xff; 4];

/// Writes an archive: first the list of collections, then blocks of their documents in any order.
pub struct ArchiveWriter {
    output: Output,
    /// The documents of each collection so far, for their checksum.
    written: BTreeMap<(String, String), Vec<u8>>,
}

impl ArchiveWriter {
    /// Begins an archive of these collections, each with its database.
    pub fn create(path: &Path, gzip: bool, collections: &[(&str, &str)]) -> io::Result<Self> {
        let mut output = Output::create(path, gzip)?;
        output.write_all(&0x8199_e26d_u32.to_le_bytes())?;
        let header = rawdoc! {
            "concurrent_collections": 4,
            "version": "0.1",
            "server_version": "8.0.0",
            "tool_version": "100.10.0",
        };
        output.write_all(header.as_bytes())?;
        let mut written = BTreeMap::new();
        for (database, collection) in collections {
            let metadata =
                format!("{{\"indexes\":[],\"collectionName\":{collection:?},\"type\":\"collection\"}}");
            let listed = rawdoc! {
                "db": *database, "collection": *collection, "metadata": metadata, "size": 0, "type": "collection",
            };
            output.write_all(listed.as_bytes())?;
            written.insert(((*database).to_owned(), (*collection).to_owned()), Vec::new());
        }
        output.write_all(&TERMINATOR)?;
        Ok(Self { output, written })
    }

    /// Writes a block of documents of one collection.
    pub fn block(
        &mut self,
        database: &str,
        collection: &str,
        documents: &[RawDocumentBuf],
    ) -> io::Result<()> {
        let written = self
            .written
            .get_mut(&(database.to_owned(), collection.to_owned()))
            .ok_or_else(|| io::Error::other(format!("{database}.{collection} was not announced")))?;
        self.output.write_all(header(database, collection, false, 0).as_bytes())?;
        for document in documents {
            written.extend_from_slice(document.as_bytes());
            self.output.write_all(document.as_bytes())?;
        }
        self.output.write_all(&TERMINATOR)
    }

    /// Ends all collections and closes the file.
    pub fn finish(mut self) -> io::Result<()> {
        for ((database, collection), written) in &self.written {
            // What Go calls CRC-64/ECMA; of nothing it is 0.
            let sum = Crc::<u64>::new(&CRC_64_XZ).checksum(written);
            self.output.write_all(header(database, collection, true, sum as i64).as_bytes())?;
            self.output.write_all(&TERMINATOR)?;
        }
        self.output.finish()
    }
}

fn header(database: &str, collection: &str, ends: bool, sum: i64) -> RawDocumentBuf {
    rawdoc! { "db": database, "collection": collection, "EOF": ends, "CRC": sum }
}

/// Which Extended JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    Canonical,
    Relaxed,
}

/// A document a line, one array (`--jsonArray`), or that indented (`--pretty`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportLayout {
    Lines,
    Array,
    PrettyArray,
}

/// Writes documents as an export; compressed when the name ends in `.gz`.
pub fn write_export<'a>(
    path: &Path,
    form: ExportForm,
    layout: ExportLayout,
    documents: impl IntoIterator<Item = &'a RawDocumentBuf>,
) -> io::Result<()> {
    let gzip = path.extension().is_some_and(|ending| ending == "gz");
    let mut output = Output::create(path, gzip)?;
    let array = layout != ExportLayout::Lines;
    if array {
        output.write_all(b"[")?;
    }
    for (index, document) in documents.into_iter().enumerate() {
        if array && index > 0 {
            output.write_all(b",\n")?;
        }
        let document = Document::try_from(document).map_err(io::Error::other)?;
        let value = match form {
            ExportForm::Canonical => Bson::Document(document).into_canonical_extjson(),
            ExportForm::Relaxed => Bson::Document(document).into_relaxed_extjson(),
        };
        if layout == ExportLayout::PrettyArray {
            serde_json::to_writer_pretty(&mut output, &value)?;
        } else {
            serde_json::to_writer(&mut output, &value)?;
        }
        if !array {
            output.write_all(b"\n")?;
        }
    }
    if array {
        output.write_all(b"]\n")?;
    }
    output.finish()
}
