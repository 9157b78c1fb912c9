//! Archives as `mongodump --archive` writes them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use bson::raw::RawDocumentBuf;
use bson::rawdoc;

use super::Output;
use crate::source::archive_format::{MAGIC, extend_crc};

const TERMINATOR: [u8; 4] = [0xff; 4];

/// Writes an archive: first the list of collections, then blocks of their documents in any order.
pub struct ArchiveWriter {
    output: Output,
    sums: BTreeMap<(String, String), u64>,
}

impl ArchiveWriter {
    /// Begins an archive of these collections, each with its database.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: &Path, gzip: bool, collections: &[(&str, &str)]) -> io::Result<Self> {
        let mut output = Output::create(path, gzip)?;
        output.write_all(&MAGIC.to_le_bytes())?;
        let header = rawdoc! {
            "concurrent_collections": 4,
            "version": "0.1",
            "server_version": "8.0.0",
            "tool_version": "100.10.0",
        };
        output.write_all(header.as_bytes())?;
        let mut sums = BTreeMap::new();
        for (database, collection) in collections {
            let metadata =
                format!("{{\"indexes\":[],\"collectionName\":{collection:?},\"type\":\"collection\"}}");
            let listed = rawdoc! {
                "db": *database, "collection": *collection, "metadata": metadata, "size": 0, "type": "collection",
            };
            output.write_all(listed.as_bytes())?;
            sums.insert(((*database).to_owned(), (*collection).to_owned()), 0);
        }
        output.write_all(&TERMINATOR)?;
        Ok(Self { output, sums })
    }

    /// Writes a block of documents of one collection.
    ///
    /// # Errors
    /// When the file cannot be written, or the collection was not announced.
    pub fn block(
        &mut self,
        database: &str,
        collection: &str,
        documents: &[RawDocumentBuf],
    ) -> io::Result<()> {
        let sum = self
            .sums
            .get_mut(&(database.to_owned(), collection.to_owned()))
            .ok_or_else(|| io::Error::other(format!("{database}.{collection} was not announced")))?;
        self.output.write_all(header(database, collection, false, 0).as_bytes())?;
        for document in documents {
            *sum = extend_crc(*sum, document.as_bytes());
            self.output.write_all(document.as_bytes())?;
        }
        self.output.write_all(&TERMINATOR)
    }

    /// Ends all collections and closes the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        for ((database, collection), sum) in &self.sums {
            self.output.write_all(header(database, collection, true, *sum as i64).as_bytes())?;
            self.output.write_all(&TERMINATOR)?;
        }
        self.output.finish()
    }
}

fn header(database: &str, collection: &str, ends: bool, sum: i64) -> RawDocumentBuf {
    rawdoc! { "db": database, "collection": collection, "EOF": ends, "CRC": sum }
}
