//! Reads the documents of one collection out of an archive, in one pass over the others.

use std::path::{Path, PathBuf};

use super::archive::broken;
use super::archive_format::extend_crc;
use super::stepwise::Steps;
use super::window::{Item, StreamError, Window};
use super::{Chunk, Malformed, Position, SourceError, structure};
use bson::raw::RawDocument;

/// A place after a document of an archive: within a block, hence with what was summed up until there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ArchivePlace {
    pub offset: u64,
    pub ordinal: u64,
    pub crc: u64,
}

impl ArchivePlace {
    pub fn position(self) -> Position {
        Position::new(format!("{}/{}/{:016x}", self.offset, self.ordinal, self.crc))
    }

    pub fn parse(position: &Position, source_name: &str) -> Result<Self, SourceError> {
        let mut parts = position.as_str().split('/');
        let mut read = || {
            let (offset, ordinal, crc) = (parts.next()?, parts.next()?, parts.next()?);
            let crc = u64::from_str_radix(crc, 16).ok()?;
            let place = Self { offset: offset.parse().ok()?, ordinal: ordinal.parse().ok()?, crc };
            parts.next().is_none().then_some(place)
        };
        read().ok_or_else(|| SourceError::position(position, source_name, "BYTE/DOCUMENTS/CHECKSUM"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a namespace document.
    Between,
    Mine,
    Other,
    Closing {
        mine: bool,
    },
}

pub(super) struct ArchiveReader {
    stream: Window,
    path: PathBuf,
    database: String,
    collection: String,
    place: ArchivePlace,
    until: Option<ArchivePlace>,
    state: State,
}

struct Header {
    mine: bool,
    ends: bool,
    crc: Option<i64>,
}

impl ArchiveReader {
    pub fn new(
        stream: Window,
        path: &Path,
        database: &str,
        collection: &str,
        after: Option<ArchivePlace>,
        until: Option<ArchivePlace>,
    ) -> Self {
        Self {
            stream,
            path: path.to_owned(),
            database: database.to_owned(),
            collection: collection.to_owned(),
            place: after.unwrap_or_default(),
            until,
            state: if after.is_some() { State::Mine } else { State::Between },
        }
    }

    fn damaged(&self, reason: impl Into<String>) -> SourceError {
        self.fail(StreamError::Corrupt(reason.into()))
    }

    fn fail(&self, error: StreamError) -> SourceError {
        broken(&self.path, &self.collection, self.stream.offset, self.place.ordinal, error)
    }

    fn header(&self, length: usize) -> Result<Header, SourceError> {
        let bytes = &self.stream.bytes()[..length];
        let read = || {
            structure::check(bytes).ok()?;
            let document = RawDocument::from_bytes(bytes).ok()?;
            let mine = document.get_str("db").ok()? == self.database
                && document.get_str("collection").ok()? == self.collection;
            Some(Header {
                mine,
                ends: document.get_bool("EOF").unwrap_or(false),
                crc: document.get_i64("CRC").ok(),
            })
        };
        read().ok_or_else(|| self.damaged("a block begins with something that names no collection"))
    }

    fn take(&mut self, length: usize, chunk: &mut Chunk) {
        let bytes = &self.stream.bytes()[..length];
        self.place.crc = extend_crc(self.place.crc, bytes);
        let begin = ArchivePlace { offset: self.stream.offset, ..self.place };
        let flaw = match (structure::check(bytes), RawDocument::from_bytes(bytes)) {
            (Ok(()), Ok(document)) => {
                chunk.push(document);
                None
            }
            (Err(flaw), _) => Some(flaw.to_string()),
            (_, Err(error)) => Some(error.to_string()),
        };
        if let Some(flaw) = flaw {
            chunk.malformed.push(Malformed {
                bytes: bytes.to_vec(),
                position: begin.position(),
                reason: format!("{}, byte {}: {flaw}", self.path.display(), begin.offset),
            });
        }
        self.stream.advance(length);
        self.place.offset = self.stream.offset;
        self.place.ordinal += 1;
    }

    fn check_sum(&self, wanted: Option<i64>) -> Result<(), SourceError> {
        let found = self.place.crc;
        match wanted {
            Some(wanted) if wanted as u64 != found => Err(self.damaged(format!(
                "the collection's checksum is {found:016x}, but the archive says {:016x}: a byte of it was changed \
                 since the dump",
                wanted as u64
            ))),
            _ => Ok(()),
        }
    }
}

impl Steps for ArchiveReader {
    fn position(&self) -> Position {
        self.place.position()
    }

    fn step(&mut self, chunk: &mut Chunk) -> Result<Option<usize>, SourceError> {
        if self.state == State::Mine && self.until.is_some_and(|until| self.place.offset >= until.offset) {
            return Ok(None);
        }
        let item = self.stream.look(0).map_err(|e| self.fail(e))?;
        match (self.state, item) {
            (State::Between, Item::Document(length)) => {
                let header = self.header(length)?;
                self.state = match (header.ends, header.mine) {
                    (true, mine) => {
                        if mine {
                            self.check_sum(header.crc)?;
                        }
                        State::Closing { mine }
                    }
                    (false, true) => State::Mine,
                    (false, false) => State::Other,
                };
                self.stream.advance(length);
            }
            (State::Between, Item::End) => {
                return Err(self.damaged("the archive ends before the collection does"));
            }
            (State::Between, Item::Terminator) => {
                return Err(self.damaged("a terminator where a block should begin"));
            }
            (State::Mine, Item::Document(length)) => {
                self.take(length, chunk);
                return Ok(Some(length));
            }
            (State::Other, Item::Document(length)) => self.stream.advance(length),
            (State::Mine | State::Other, Item::Terminator) => {
                self.stream.advance(4);
                self.state = State::Between;
            }
            (State::Closing { mine }, Item::Terminator) => {
                self.stream.advance(4);
                if mine {
                    return Ok(None);
                }
                self.state = State::Between;
            }
            (State::Closing { .. }, Item::Document(_)) => {
                return Err(self.damaged("documents after the end of their collection"));
            }
            (State::Mine | State::Other | State::Closing { .. }, Item::End) => {
                return Err(self.damaged("the archive ends in the middle of a block"));
            }
        }
        Ok(Some(0))
    }
}
