//! A window on the next bytes of a stream, and BSON documents at its beginning.

use std::io::{self, Read};
use std::path::Path;

use super::{CorruptData, MAX_DOCUMENT_BYTES, SourceError};

/// How much is asked of the stream at a time.
const STEP: usize = 256 * 1024;

/// The mark between the parts of an archive, where a document's length would stand.
pub(super) const TERMINATOR: i32 = -1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A document of this many bytes.
    Document(usize),
    Terminator,
    End,
}

#[derive(Debug)]
pub(super) enum StreamError {
    Corrupt(String),
    Io(io::Error),
}

impl StreamError {
    /// The error of a file that is read, with the byte, line and column, and with what to do about broken data.
    pub fn of(
        self,
        path: &Path,
        collection: &str,
        (offset, line): (u64, Option<(u64, u64)>),
        documents_before: u64,
        hint: &'static str,
    ) -> SourceError {
        let reason = match self {
            Self::Io(error) => return SourceError::io("read", path, error),
            Self::Corrupt(reason) => reason,
        };
        let (path, collection) = (path.to_owned(), collection.to_owned());
        CorruptData { path, collection, offset, line, documents_before, reason, hint }.into()
    }
}

impl From<io::Error> for StreamError {
    /// A decompressor says that its input ends early or makes no sense, or the system refused.
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match error.kind() {
            UnexpectedEof | InvalidData | InvalidInput => {
                Self::Corrupt(format!("the compressed file is cut off or damaged here: {error}"))
            }
            _ => Self::Io(error),
        }
    }
}

pub(super) struct Window {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    /// The place of the window's first byte in the stream.
    pub offset: u64,
    at_end: bool,
}

impl Window {
    pub fn new(input: Box<dyn Read + Send>, offset: u64) -> Self {
        Self { input, buffer: Vec::new(), start: 0, offset, at_end: false }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Makes `wanted` bytes visible, if the stream has as many.
    pub fn fill(&mut self, wanted: usize) -> Result<bool, StreamError> {
        if self.bytes().len() < wanted && self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        while self.bytes().len() < wanted && !self.at_end {
            let old = self.buffer.len();
            self.buffer.resize(old + STEP.max(wanted - old), 0);
            let read = self.input.read(&mut self.buffer[old..]);
            self.buffer.truncate(old + read.as_ref().copied().unwrap_or(0));
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => self.at_end = read? == 0,
            }
        }
        Ok(self.bytes().len() >= wanted)
    }

    /// Looks at the document `from` bytes after the window's beginning, and makes all of it visible.
    pub fn look(&mut self, from: usize) -> Result<Item, StreamError> {
        if !self.fill(from + 4)? {
            return match self.bytes().len() - from {
                0 => Ok(Item::End),
                rest => {
                    Err(StreamError::Corrupt(format!("the file ends with {rest} bytes that are no document")))
                }
            };
        }
        let prefix = self.bytes()[from..from + 4].try_into().map_or(0, i32::from_le_bytes);
        if prefix == TERMINATOR {
            return Ok(Item::Terminator);
        }
        if !plausible(prefix) {
            return Err(StreamError::Corrupt(implausible_reason(prefix)));
        }
        let length = prefix as usize;
        if !self.fill(from + length)? {
            return Err(StreamError::Corrupt(format!(
                "the file ends in the middle of a document: it should have {length} bytes, {} of them are missing",
                length + from - self.bytes().len()
            )));
        }
        Ok(Item::Document(length))
    }

    /// Steps over visible bytes.
    pub fn advance(&mut self, length: usize) {
        const KEPT: usize = 16 * STEP;
        self.start += length;
        self.offset += length as u64;
        // The memory that an extraordinary document needed is given back.
        if self.buffer.capacity() > KEPT && self.bytes().len() < KEPT / 2 {
            self.buffer = self.buffer.split_off(self.start);
            self.start = 0;
        }
    }

    /// Hands visible bytes out, and keeps the rest. Not to be mixed with [`Window::advance`].
    pub fn take(&mut self, length: usize) -> Vec<u8> {
        // What is taken next will be about as large.
        let mut rest = Vec::with_capacity(self.buffer.len() + STEP);
        rest.extend_from_slice(&self.buffer[length..]);
        self.buffer.truncate(length);
        self.offset += length as u64;
        std::mem::replace(&mut self.buffer, rest)
    }
}

/// Whether a length prefix can be one.
pub(crate) fn plausible(length: i32) -> bool {
    length >= 5 && length as usize <= MAX_DOCUMENT_BYTES
}

/// What is wrong with a length prefix.
pub(super) fn implausible_reason(length: i32) -> String {
    if length >= 5 {
        format!(
            "a document says that it is {length} bytes long, more than the {MAX_DOCUMENT_BYTES} that are allowed"
        )
    } else {
        format!("a document says that it is {length} bytes long, fewer than the 5 of an empty one")
    }
}
