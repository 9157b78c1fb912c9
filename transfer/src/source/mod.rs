//! Where documents come from: one trait, several kinds of sources.
//!
//! A [`Source`] lists its collections, splits each into [`Range`]s that can be read at the same time, and opens
//! [`Reader`]s that hand out [`Chunk`]s of BSON documents. A chunk knows the [`Position`] after it, so that
//! reading can go on there later. Everything blocks: call it from a thread that may.

mod archive;
pub(crate) mod archive_format;
mod archive_reader;
mod argument;
mod chosen;
mod chunk;
mod dump;
mod dump_folder;
mod error;
mod export;
mod export_reader;
mod extent;
mod extjson;
mod extjson_number;
mod extjson_types;
pub(crate) mod frame;
mod input;
mod memory;
#[cfg(feature = "live")]
mod mongo;
#[cfg(feature = "live")]
mod mongo_reader;
mod stepwise;
pub(crate) mod structure;
mod text;
pub(crate) mod window;

pub use archive::ArchiveSource;
pub use argument::from_arg;
pub use chunk::{Chunk, Limit, Malformed, Position, Range};
pub use dump::DumpSource;
pub use error::{CorruptData, SourceError};
pub use export::ExportSource;
pub use extjson::{JsonError, to_bson};
pub use memory::MemorySource;
#[cfg(feature = "live")]
pub use mongo::MongoSource;
pub use structure::{BsonError, check as check_structure};

/// The largest document MongoDB stores (16 MiB), with the 16 KiB its tools allow on top.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024 + 16 * 1024;

/// A collection that a source has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionInfo {
    /// Its name, without the database.
    pub name: String,
    /// How many documents it has, where that is known without reading it.
    pub documents: Option<u64>,
    /// How many bytes it has, where that is known without reading it.
    pub bytes: Option<u64>,
    /// What tells its present state from another one, where that is known without reading it: a file's size and the
    /// time of its last change. An interrupted transfer is not resumed from another state.
    pub version: Option<String>,
}

/// Something that documents can be read from.
pub trait Source: Send + Sync {
    /// What it is, for people: never with a password.
    fn describe(&self) -> String;

    /// The collections, ordered by name.
    ///
    /// # Errors
    /// When the source cannot be listed.
    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError>;

    /// What the source holds but does not hand out, and why: one sentence each.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether a part was asked for, by `?db=` or `?collection=`: then collections that are not there are not missing.
    fn is_part(&self) -> bool {
        false
    }

    /// Cuts a collection into at most `parts` ranges that cover every document exactly once. Where a source
    /// cannot be cut (a compressed file, say) there is one range: everything.
    ///
    /// # Errors
    /// When there is no such collection, or it cannot be read.
    fn split(&self, collection: &str, parts: usize) -> Result<Vec<Range>, SourceError>;

    /// Opens a reader for a range of a collection.
    ///
    /// # Errors
    /// When there is no such collection, it cannot be read, or a position is not of this source.
    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError>;
}

/// Reads the documents of one range in order.
pub trait Reader: Send {
    /// The next documents, or `None` at the end of the range.
    ///
    /// # Errors
    /// When the data is damaged from here on or cannot be read. Everything before has been handed out. Called
    /// again it says the same again.
    fn next_chunk(&mut self, limit: Limit) -> Result<Option<Chunk>, SourceError>;
}
