//! What can go wrong with a source, in words that name what, where, and what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use whimbrel::Hint;

use super::{Position, Source};

/// Why a source cannot be read. Cheap to clone: a reader that failed says the same again when asked again.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The argument names nothing that can be read, or not one thing alone.
    #[error("{message}")]
    Argument {
        /// What is wrong with it.
        message: String,
        /// What would be right.
        hint: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {cause}", path.display())]
    Io {
        /// What was tried: `open`, `read`, `list`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        cause: Arc<io::Error>,
    },
    /// The source has no such collection.
    #[error("{source_name} has no collection {collection:?}")]
    NoSuchCollection {
        /// The source, described.
        source_name: String,
        /// The collection that was asked for.
        collection: String,
        /// What there is instead.
        available: Vec<String>,
    },
    /// The data is broken from some place on. All documents before it have been delivered.
    #[error("{0}")]
    Corrupt(Box<CorruptData>),
    /// A position that this source did not give out, or that no longer fits it.
    #[error("position {position:?} does not fit {source_name}: {reason}")]
    BadPosition {
        /// The position.
        position: String,
        /// The source, described.
        source_name: String,
        /// Why not.
        reason: String,
    },
    /// The server said no, or could not be reached.
    #[error("{server}: cannot {action}: {message}")]
    Server {
        /// The server, without password.
        server: String,
        /// What was tried.
        action: String,
        /// The driver's words, without password.
        message: String,
        /// What to do about it.
        hint: String,
    },
}

impl Hint for SourceError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Argument { hint, .. } | Self::Server { hint, .. } => {
                (!hint.is_empty()).then(|| hint.clone())
            }
            Self::NoSuchCollection { available, .. } if available.is_empty() => {
                Some("the source holds no collection at all".into())
            }
            Self::NoSuchCollection { available, .. } => Some(format!("it has {}", available.join(", "))),
            Self::Corrupt(damage) => Some(damage.hint.to_owned()),
            Self::BadPosition { .. } => Some(
                "the source changed since the transfer began: give it as it was, or start again with empty tables".into(),
            ),
            Self::Io { cause, .. } if cause.kind() == io::ErrorKind::PermissionDenied => {
                Some("check the permissions of the file and of the folders above it".into())
            }
            Self::Io { .. } => None,
        }
    }
}

impl SourceError {
    pub(crate) fn argument(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Argument { message: message.into(), hint: hint.into() }
    }

    /// `position` should look like `form`.
    pub(crate) fn position(position: &Position, source_name: &str, form: &str) -> Self {
        Self::BadPosition {
            position: position.to_string(),
            source_name: source_name.to_owned(),
            reason: format!("it should read {form}"),
        }
    }

    pub(crate) fn no_collection<'a>(
        source: &dyn Source,
        collection: &str,
        available: impl IntoIterator<Item = &'a String>,
    ) -> Self {
        Self::NoSuchCollection {
            source_name: source.describe(),
            collection: collection.to_owned(),
            available: available.into_iter().cloned().collect(),
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), cause: Arc::new(cause) }
    }
}

impl From<CorruptData> for SourceError {
    fn from(damage: CorruptData) -> Self {
        Self::Corrupt(Box::new(damage))
    }
}

/// A place from which on a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorruptData {
    /// The file.
    pub path: PathBuf,
    /// The collection that was being read; empty when it is the file as a whole.
    pub collection: String,
    /// The byte at which the damage begins, counted from 0 in the uncompressed data.
    pub offset: u64,
    /// Line and column, counted from 1, in files of text.
    pub line: Option<(u64, u64)>,
    /// How many documents of the collection stand before the damage.
    pub documents_before: u64,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl fmt::Display for CorruptData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.line {
            Some((line, column)) => write!(f, ":{line}:{column}: byte {}", self.offset)?,
            None => write!(f, ": byte {}", self.offset)?,
        }
        if !self.collection.is_empty() {
            write!(f, ", collection {}, after {} documents", self.collection, self.documents_before)?;
        }
        write!(f, ": {}", self.reason)
    }
}
