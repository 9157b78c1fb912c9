//! Folders as mongodump writes them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bson::raw::RawDocument;
use serde_json::json;

use super::Output;

/// Writes the folder of one database: `<root>/<database>/<collection>.bson` and `.metadata.json`.
#[derive(Debug)]
pub struct FolderWriter {
    folder: PathBuf,
    gzip: bool,
}

impl FolderWriter {
    /// Makes the folder of a database in the dump `root`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(root: &Path, database: &str, gzip: bool) -> io::Result<Self> {
        let folder = root.join(encoded(database));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, gzip })
    }

    /// Begins a collection, and writes its metadata.
    ///
    /// # Errors
    /// When its files cannot be written.
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
        let path = self.folder.join(format!("{stem}.bson{ending}"));
        Ok(CollectionWriter { output: Output::create(&path, self.gzip)?, path })
    }
}

/// Writes the documents of one collection.
pub struct CollectionWriter {
    output: Output,
    path: PathBuf,
}

impl CollectionWriter {
    /// The file it writes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a document.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn push(&mut self, document: &RawDocument) -> io::Result<()> {
        self.output.write_all(document.as_bytes())
    }

    /// Appends bytes as they are: for dumps that are broken on purpose.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)
    }

    /// Writes what is left and closes the file. A dropped writer may leave a file without its end.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.output.finish()
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
