//! A window over a file of text that counts its lines.

use std::io::{self, Read};

use super::frame::{narrow, read_some};

const STEP: usize = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextPlace {
    pub offset: u64,
    /// Counted from 1.
    pub line: u64,
    /// In bytes, counted from 1.
    pub column: u64,
}

impl TextPlace {
    pub const BEGIN: Self = Self { offset: 0, line: 1, column: 1 };

    /// The place after these bytes.
    pub fn after(self, bytes: &[u8]) -> Self {
        let offset = self.offset + bytes.len() as u64;
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                Self { offset, line: self.line + lines, column: (bytes.len() - last) as u64 }
            }
            None => Self { offset, line: self.line, column: self.column + bytes.len() as u64 },
        }
    }
}

/// A file of text with a window on its next bytes.
pub(super) struct Text<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    /// The place of the window's first byte.
    pub place: TextPlace,
    at_end: bool,
}

impl<R: Read> Text<R> {
    pub fn new(input: R, place: TextPlace) -> Self {
        Self { input, buffer: Vec::new(), start: 0, place, at_end: false }
    }

    /// The bytes that are visible.
    pub fn window(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Makes more bytes visible; false at the end of the file.
    pub fn more(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let old = self.buffer.len();
        // Not by more: what follows a large document would be kept until its turn comes.
        self.buffer.resize(old + STEP, 0);
        let read = read_some(&mut self.input, &mut self.buffer[old..]);
        self.buffer.truncate(old + read.as_ref().copied().unwrap_or(0));
        self.at_end = read? == 0;
        Ok(!self.at_end)
    }

    /// The next byte, not taken.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.window().is_empty() {
            self.more()?;
        }
        Ok(self.window().first().copied())
    }

    /// Steps over visible bytes.
    pub fn advance(&mut self, length: usize) {
        let taken = &self.buffer[self.start..self.start + length];
        self.place = self.place.after(taken);
        self.start += length;
        narrow(&mut self.buffer, &mut self.start);
    }

    /// Steps over spaces, and the marks in `also`.
    pub fn skip_space(&mut self, also: &[u8]) -> io::Result<()> {
        loop {
            let window = self.window();
            let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r') || also.contains(byte);
            let length = window.iter().position(|byte| !space(byte)).unwrap_or(window.len());
            self.advance(length);
            if !self.window().is_empty() || !self.more()? {
                return Ok(());
            }
        }
    }

    /// How many bytes there are up to the first of `marks`, at most `most`.
    pub fn length_until(&mut self, marks: &[u8], most: usize) -> io::Result<usize> {
        let mut searched = 0;
        loop {
            let window = self.window();
            if let Some(found) = window[searched..].iter().position(|byte| marks.contains(byte)) {
                return Ok((searched + found).min(most));
            }
            searched = window.len();
            if searched >= most || !self.more()? {
                return Ok(searched.min(most));
            }
        }
    }
}
