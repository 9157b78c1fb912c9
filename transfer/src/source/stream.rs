//! A window over a stream of BSON documents and marks: what archives are read through.

use std::io::{self, Read};

use super::frame::{implausible_reason, narrow, plausible, read_some};

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
    /// The bytes are wrong.
    Corrupt(String),
    Io(io::Error),
}

/// A stream with a window on its next bytes.
pub(super) struct Stream<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    /// The place of the window's first byte in the stream.
    pub offset: u64,
    at_end: bool,
}

impl<R: Read> Stream<R> {
    pub fn new(input: R, offset: u64) -> Self {
        Self { input, buffer: Vec::new(), start: 0, offset, at_end: false }
    }

    fn available(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Makes `wanted` bytes visible, if the stream has as many.
    fn fill(&mut self, wanted: usize) -> Result<bool, StreamError> {
        if self.available() < wanted && self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        while self.available() < wanted && !self.at_end {
            let old = self.buffer.len();
            self.buffer.resize(old + STEP.max(wanted.saturating_sub(old)), 0);
            let read = read_some(&mut self.input, &mut self.buffer[old..]);
            self.buffer.truncate(old + read.as_ref().copied().unwrap_or(0));
            match read {
                Ok(count) => self.at_end = count == 0,
                Err(e) if is_cut_off(&e) => {
                    return Err(StreamError::Corrupt(format!(
                        "the compressed file is cut off or damaged here: {e}"
                    )));
                }
                Err(e) => return Err(StreamError::Io(e)),
            }
        }
        Ok(self.available() >= wanted)
    }

    /// Steps over the first four bytes and gives their number, if there are as many.
    pub fn magic(&mut self) -> Result<Option<u32>, StreamError> {
        if !self.fill(4)? {
            return Ok(None);
        }
        let number = self.bytes(4).try_into().map(u32::from_le_bytes).ok();
        self.advance(4);
        Ok(number)
    }

    pub fn look(&mut self) -> Result<Item, StreamError> {
        if !self.fill(4)? {
            return match self.available() {
                0 => Ok(Item::End),
                rest => {
                    Err(StreamError::Corrupt(format!("the file ends with {rest} bytes that mean nothing")))
                }
            };
        }
        let prefix = self.bytes(4).try_into().map(i32::from_le_bytes).unwrap_or(0);
        if prefix == TERMINATOR {
            return Ok(Item::Terminator);
        }
        if !plausible(prefix) {
            return Err(StreamError::Corrupt(implausible_reason(prefix)));
        }
        let length = prefix as usize;
        if !self.fill(length)? {
            return Err(StreamError::Corrupt(format!(
                "the file ends in the middle of a document: it should have {length} bytes, {} of them are missing",
                length - self.available()
            )));
        }
        Ok(Item::Document(length))
    }

    /// The next bytes, which a look has made visible.
    pub fn bytes(&self, length: usize) -> &[u8] {
        &self.buffer[self.start..self.start + length]
    }

    /// Steps over bytes that a look has made visible.
    pub fn advance(&mut self, length: usize) {
        self.start += length;
        self.offset += length as u64;
        narrow(&mut self.buffer, &mut self.start);
    }
}

/// Whether a decompressor says that its input ends early or makes no sense.
pub(super) fn is_cut_off(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}
