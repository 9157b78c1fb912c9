//! Documents one after the other: the framing of `.bson` files.
//!
//! Each document begins with its own length. While the lengths are right, a document that is broken inside costs
//! only itself; where a length is wrong nothing after it can be found any more, and that is one clear error.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::stream::is_cut_off;
use super::{
    Chunk, CorruptData, Limit, MAX_DOCUMENT_BYTES, Malformed, Position, Reader, SourceError, structure,
};

/// How much is asked of the file at a time.
const STEP: usize = 256 * 1024;

/// A place in a file of documents: its byte, and how many documents stand before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct FilePlace {
    pub offset: u64,
    pub ordinal: u64,
}

impl FilePlace {
    pub fn position(self) -> Position {
        Position::new(format!("{}/{}", self.offset, self.ordinal))
    }

    pub fn parse(position: &Position, source_name: &str) -> Result<Self, SourceError> {
        let parsed = position.as_str().split_once('/').and_then(|(offset, ordinal)| {
            Some(Self { offset: offset.parse().ok()?, ordinal: ordinal.parse().ok()? })
        });
        parsed.ok_or_else(|| SourceError::position(position, source_name, "BYTE/DOCUMENTS"))
    }
}

pub(crate) fn plausible(length: i32) -> bool {
    length >= 5 && length as usize <= MAX_DOCUMENT_BYTES
}

pub(crate) fn implausible_reason(length: i32) -> String {
    if length >= 5 {
        format!(
            "a document says that it is {length} bytes long, more than the {MAX_DOCUMENT_BYTES} that are allowed"
        )
    } else {
        format!("a document says that it is {length} bytes long, fewer than the 5 of an empty one")
    }
}

pub(crate) fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Gives back the memory of a window that an extraordinary document has widened, once little is left in it from
/// `start` on.
pub(crate) fn narrow(window: &mut Vec<u8>, start: &mut usize) {
    const KEPT: usize = 16 * STEP;
    if window.capacity() > KEPT && window.len() - *start < KEPT / 2 {
        *window = window.split_off(*start);
        *start = 0;
    }
}

pub(crate) struct FrameReader<R> {
    input: R,
    path: PathBuf,
    collection: String,
    /// Bytes read and not yet handed out; the first stands at `place`.
    buffer: Vec<u8>,
    place: FilePlace,
    until: Option<u64>,
    at_end: bool,
    failed: Option<SourceError>,
}

enum Next {
    Document(usize),
    End,
    Failed(SourceError),
}

impl<R: Read + Send> FrameReader<R> {
    /// A reader over `input`, which stands at `place`.
    pub fn new(input: R, path: &Path, collection: &str, place: FilePlace, until: Option<u64>) -> Self {
        Self {
            input,
            path: path.to_owned(),
            collection: collection.to_owned(),
            buffer: Vec::new(),
            place,
            until,
            at_end: false,
            failed: None,
        }
    }

    fn damage(&self, at: FilePlace, reason: String) -> SourceError {
        CorruptData {
            path: self.path.clone(),
            collection: self.collection.clone(),
            offset: at.offset,
            line: None,
            documents_before: at.ordinal,
            reason,
            hint: "the documents before it were read; make the dump again to get those after it",
        }
        .into()
    }

    /// Makes at least `wanted` bytes available in the buffer, if the file has them.
    fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        while self.buffer.len() < wanted && !self.at_end {
            let old = self.buffer.len();
            self.buffer.resize(old + STEP.max(wanted - old), 0);
            let read = read_some(&mut self.input, &mut self.buffer[old..]);
            self.buffer.truncate(old + read.as_ref().copied().unwrap_or(0));
            self.at_end = read? == 0;
        }
        Ok(self.buffer.len() >= wanted)
    }

    fn fill_or_fail(&mut self, wanted: usize, at: FilePlace) -> Result<bool, SourceError> {
        match self.fill(wanted) {
            Ok(enough) => Ok(enough),
            // A compressed file that is cut off or garbled reports itself so.
            Err(e) if is_cut_off(&e) => {
                Err(self.damage(at, format!("the compressed file is cut off or damaged here: {e}")))
            }
            Err(e) => Err(SourceError::io("read", &self.path, e)),
        }
    }

    /// Looks at the document that begins `cursor` bytes into the buffer.
    fn look(&mut self, cursor: usize, at: FilePlace) -> Next {
        match self.try_look(cursor, at) {
            Ok(Some(length)) => Next::Document(length),
            Ok(None) => Next::End,
            Err(error) => Next::Failed(error),
        }
    }

    fn try_look(&mut self, cursor: usize, at: FilePlace) -> Result<Option<usize>, SourceError> {
        if let Some(until) = self.until
            && at.offset >= until
        {
            if at.offset == until {
                return Ok(None);
            }
            return Err(
                self.damage(at, format!("no document ends at byte {until}, where this part should end"))
            );
        }
        if !self.fill_or_fail(cursor + 4, at)? {
            return match self.buffer.len() - cursor {
                0 => Ok(None),
                rest => Err(self.damage(at, format!("the file ends with {rest} bytes that are no document"))),
            };
        }
        let prefix = self.buffer[cursor..cursor + 4].try_into().map(i32::from_le_bytes).unwrap_or(0);
        if !plausible(prefix) {
            return Err(self.damage(at, implausible_reason(prefix)));
        }
        let length = prefix as usize;
        if !self.fill_or_fail(cursor + length, at)? {
            let there = self.buffer.len() - cursor;
            let missing = length - there;
            return Err(self.damage(
                at,
                format!(
                    "the file ends in the middle of a document: it should have {length} bytes, {missing} of them \
                     are missing"
                ),
            ));
        }
        Ok(Some(length))
    }

    /// Hands out the first `length` bytes of the buffer, and keeps the rest.
    fn take(&mut self, length: usize) -> Vec<u8> {
        // The next chunk will be about as large.
        let mut rest = Vec::with_capacity(self.buffer.len() + STEP);
        rest.extend_from_slice(&self.buffer[length..]);
        self.buffer.truncate(length);
        std::mem::replace(&mut self.buffer, rest)
    }
}

impl<R: Read + Send> Reader for FrameReader<R> {
    fn next_chunk(&mut self, limit: Limit) -> Result<Option<Chunk>, SourceError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut spans = Vec::new();
        let mut malformed = Vec::new();
        let (mut cursor, mut at) = (0usize, self.place);
        while !limit.reached(spans.len() + malformed.len(), cursor) {
            let length = match self.look(cursor, at) {
                Next::Document(length) => length,
                Next::End => break,
                Next::Failed(error) => {
                    self.failed = Some(error);
                    break;
                }
            };
            let document = &self.buffer[cursor..cursor + length];
            match structure::check(document) {
                // Chunks are smaller than 4 GiB: see `Limit::MOST_BYTES`.
                Ok(()) => spans.push((cursor as u32, (cursor + length) as u32)),
                Err(flaw) => malformed.push(Malformed {
                    bytes: document.to_vec(),
                    position: at.position(),
                    reason: format!("{}, byte {}: {flaw}", self.path.display(), at.offset),
                }),
            }
            cursor += length;
            at = FilePlace { offset: at.offset + length as u64, ordinal: at.ordinal + 1 };
        }
        if cursor == 0 {
            return match &self.failed {
                Some(error) => Err(error.clone()),
                None => Ok(None),
            };
        }
        self.place = at;
        let bytes = self.take(cursor);
        Ok(Some(Chunk::from_parts(bytes, spans, at.position(), malformed)))
    }
}
