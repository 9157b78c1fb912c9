//! A window over a file of text that counts its lines.

use super::window::{StreamError, Window};

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
pub(super) struct Text {
    window: Window,
    /// The place of the window's first byte.
    pub place: TextPlace,
}

impl Text {
    pub fn new(input: Box<dyn std::io::Read + Send>, place: TextPlace) -> Self {
        Self { window: Window::new(input, place.offset), place }
    }

    pub fn window(&self) -> &[u8] {
        self.window.bytes()
    }

    /// Makes more bytes visible; false at the end of the file.
    pub fn more(&mut self) -> Result<bool, StreamError> {
        self.window.fill(self.window().len() + 1)
    }

    pub fn peek(&mut self) -> Result<Option<u8>, StreamError> {
        self.window.fill(1)?;
        Ok(self.window().first().copied())
    }

    pub fn advance(&mut self, length: usize) {
        self.place = self.place.after(&self.window()[..length]);
        self.window.advance(length);
    }

    /// Steps over spaces, and the marks in `also`.
    pub fn skip_space(&mut self, also: &[u8]) -> Result<(), StreamError> {
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
    pub fn length_until(&mut self, marks: &[u8], most: usize) -> Result<usize, StreamError> {
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
