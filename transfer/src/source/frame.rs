//! Documents one after the other: the framing of `.bson` files.
//!
//! Each document begins with its own length. While the lengths are right, a document that is broken inside costs
//! only itself; where a length is wrong nothing after it can be found any more, and that is one clear error.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::window::{Item, StreamError, TERMINATOR, Window, implausible_reason};
use super::{Chunk, Limit, Malformed, Position, Reader, SourceError, structure};

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

pub(crate) struct FrameReader {
    window: Window,
    path: PathBuf,
    collection: String,
    place: FilePlace,
    until: Option<u64>,
    failed: Option<SourceError>,
}

impl FrameReader {
    /// A reader over `input`, which stands at `place`.
    pub fn new(
        input: Box<dyn Read + Send>,
        path: &Path,
        collection: &str,
        place: FilePlace,
        until: Option<u64>,
    ) -> Self {
        Self {
            window: Window::new(input, place.offset),
            path: path.to_owned(),
            collection: collection.to_owned(),
            place,
            until,
            failed: None,
        }
    }

    fn broken(&self, at: FilePlace, error: StreamError) -> SourceError {
        let hint = "the documents before it were read; make the dump again to get those after it";
        error.of(&self.path, &self.collection, (at.offset, None), at.ordinal, hint)
    }

    /// The length of the document that begins `cursor` bytes into the window, or `None` at the end.
    fn look(&mut self, cursor: usize, at: FilePlace) -> Result<Option<usize>, SourceError> {
        if let Some(until) = self.until
            && at.offset >= until
        {
            if at.offset == until {
                return Ok(None);
            }
            let reason = format!("no document ends at byte {until}, where this part should end");
            return Err(self.broken(at, StreamError::Corrupt(reason)));
        }
        match self.window.look(cursor) {
            Ok(Item::Document(length)) => Ok(Some(length)),
            Ok(Item::End) => Ok(None),
            Ok(Item::Terminator) => {
                Err(self.broken(at, StreamError::Corrupt(implausible_reason(TERMINATOR))))
            }
            Err(error) => Err(self.broken(at, error)),
        }
    }
}

impl Reader for FrameReader {
    fn next_chunk(&mut self, limit: Limit) -> Result<Option<Chunk>, SourceError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut spans = Vec::new();
        let mut malformed = Vec::new();
        let (mut cursor, mut at) = (0usize, self.place);
        while !limit.reached(spans.len() + malformed.len(), cursor) {
            let length = match self.look(cursor, at) {
                Ok(Some(length)) => length,
                Ok(None) => break,
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            };
            let document = &self.window.bytes()[cursor..cursor + length];
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
        let bytes = self.window.take(cursor);
        Ok(Some(Chunk { bytes, spans, position_after: at.position(), malformed }))
    }
}
