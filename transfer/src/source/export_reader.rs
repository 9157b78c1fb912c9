//! Reads the documents of one export: a document a line, several over many lines, or one array of them.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::extent::{Extent, ExtentFinder};
use super::extjson::to_bson;
use super::stepwise::Steps;
use super::text::{Text, TextPlace};
use super::window::StreamError;
use super::{Chunk, Malformed, Position, SourceError};

/// The longest text of one document. A document of 16 MiB needs about three times as much in canonical form.
const MAX_TEXT_BYTES: usize = 64 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Sequence,
    /// Within `[` and `]`.
    Array,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExportPlace {
    pub text: TextPlace,
    pub ordinal: u64,
    /// Known as soon as the file's first mark is.
    pub layout: Option<Layout>,
}

impl ExportPlace {
    pub const BEGIN: Self = Self { text: TextPlace::BEGIN, ordinal: 0, layout: None };

    pub fn position(self) -> Position {
        let layout = match self.layout {
            Some(Layout::Array) => "array",
            Some(Layout::Sequence) => "lines",
            None => "begin",
        };
        let TextPlace { offset, line, column } = self.text;
        Position::new(format!("{offset}/{}/{line}:{column}/{layout}", self.ordinal))
    }

    pub fn parse(position: &Position, source_name: &str) -> Result<Self, SourceError> {
        let read = || {
            let mut parts = position.as_str().split('/');
            let (offset, ordinal) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let (line, column) = parts.next()?.split_once(':')?;
            let layout = match parts.next()? {
                "array" => Some(Layout::Array),
                "lines" => Some(Layout::Sequence),
                "begin" => None,
                _ => return None,
            };
            let text = TextPlace { offset, line: line.parse().ok()?, column: column.parse().ok()? };
            parts.next().is_none().then_some(Self { text, ordinal, layout })
        };
        read()
            .ok_or_else(|| SourceError::position(position, source_name, "BYTE/DOCUMENTS/LINE:COLUMN/LAYOUT"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    /// This many bytes that may be a document.
    Text(usize),
    /// This many bytes that are not a document, and why.
    NoDocument(usize, &'static str),
    End,
}

pub(super) struct ExportReader {
    text: Text,
    path: PathBuf,
    collection: String,
    ordinal: u64,
    layout: Option<Layout>,
    until: Option<u64>,
    /// After what was last taken; spaces and marks after it belong to what follows.
    last: ExportPlace,
}

impl ExportReader {
    pub fn new(
        input: Box<dyn Read + Send>,
        path: &Path,
        collection: &str,
        place: ExportPlace,
        until: Option<u64>,
    ) -> Self {
        Self {
            text: Text::new(input, place.text),
            path: path.to_owned(),
            collection: collection.to_owned(),
            ordinal: place.ordinal,
            layout: place.layout,
            until,
            last: place,
        }
    }

    fn place(&self) -> ExportPlace {
        ExportPlace { text: self.text.place, ordinal: self.ordinal, layout: self.layout }
    }

    fn damage(&self, reason: impl Into<String>) -> SourceError {
        self.io(StreamError::Corrupt(reason.into()))
    }

    fn io(&self, error: StreamError) -> SourceError {
        let TextPlace { offset, line, column } = self.text.place;
        let hint = "the documents before it were read; export again, or correct the file there";
        error.of(&self.path, &self.collection, (offset, Some((line, column))), self.ordinal, hint)
    }

    fn begin(&mut self) -> Result<Layout, SourceError> {
        if let Some(layout) = self.layout {
            return Ok(layout);
        }
        while self.text.window().len() < 3 && self.text.more().map_err(|e| self.io(e))? {}
        if self.text.window().starts_with(b"\xef\xbb\xbf") {
            self.text.advance(3);
        }
        if self.text.window().starts_with(b"\xff\xfe") || self.text.window().starts_with(b"\xfe\xff") {
            let reason = "the file is UTF-16; mongoexport writes UTF-8, and so must it be";
            return Err(self.damage(reason));
        }
        self.text.skip_space(&[]).map_err(|e| self.io(e))?;
        let layout = match self.text.peek().map_err(|e| self.io(e))? {
            Some(b'[') => {
                self.text.advance(1);
                Layout::Array
            }
            _ => Layout::Sequence,
        };
        self.layout = Some(layout);
        Ok(layout)
    }

    fn next_item(&mut self) -> Result<Item, SourceError> {
        let layout = self.begin()?;
        // A comma too many or too few between documents says nothing about the documents.
        self.text.skip_space(b",").map_err(|e| self.io(e))?;
        if self.until.is_some_and(|until| self.text.place.offset >= until) {
            return Ok(Item::End);
        }
        match (self.text.peek().map_err(|e| self.io(e))?, layout) {
            (Some(b'{'), _) => self.find_end(),
            (None, Layout::Sequence) => Ok(Item::End),
            (None, Layout::Array) => Err(self.damage("the file ends before its array does: a ] is missing")),
            (Some(b']'), Layout::Array) => {
                self.text.advance(1);
                self.text.skip_space(&[]).map_err(|e| self.io(e))?;
                match self.text.peek().map_err(|e| self.io(e))? {
                    None => Ok(Item::End),
                    Some(_) => Err(self.damage("there is text after the end of the array")),
                }
            }
            (Some(_), layout) => {
                let marks: &[u8] = if layout == Layout::Array { b"\n,]" } else { b"\n" };
                let length = self.text.length_until(marks, MAX_TEXT_BYTES).map_err(|e| self.io(e))?;
                Ok(Item::NoDocument(length.max(1), "this is not a document: one begins with {"))
            }
        }
    }

    fn find_end(&mut self) -> Result<Item, SourceError> {
        let mut finder = ExtentFinder::default();
        loop {
            match finder.find(self.text.window()) {
                Extent::Complete(length) if length <= MAX_TEXT_BYTES => return Ok(Item::Text(length)),
                Extent::CutOff(length) if length <= MAX_TEXT_BYTES => {
                    let reason = "the document is cut off: another one, or another line, begins within it";
                    return Ok(Item::NoDocument(length, reason));
                }
                _ if self.text.window().len() > MAX_TEXT_BYTES => {
                    return Err(self.damage(format!(
                        "a document that begins here has more than {MAX_TEXT_BYTES} bytes"
                    )));
                }
                _ => {}
            }
            if !self.text.more().map_err(|e| self.io(e))? {
                return Err(self.damage("the file ends in the middle of the document that begins here"));
            }
        }
    }
}

/// Appends a document's text as BSON, or tells what is wrong with it at which byte.
fn convert(bytes: &[u8], bson: &mut Vec<u8>) -> Result<(), (usize, String)> {
    let text = std::str::from_utf8(bytes).map_err(|e| (e.valid_up_to(), "not UTF-8".to_owned()))?;
    to_bson(text, bson).map_err(|e| (e.offset.min(bytes.len()), e.to_string()))
}

impl Steps for ExportReader {
    fn position(&self) -> Position {
        self.last.position()
    }

    fn step(&mut self, chunk: &mut Chunk) -> Result<Option<usize>, SourceError> {
        let item = self.next_item()?;
        let begin = self.place();
        let window = self.text.window();
        let (length, converted) = match item {
            Item::End => return Ok(None),
            Item::NoDocument(length, reason) => (length, Err((0, reason.to_owned()))),
            Item::Text(length) => (length, chunk.push_with(|bson| convert(&window[..length], bson))),
        };
        let size = converted.unwrap_or_else(|(offset, reason)| {
            let at = begin.text.after(&window[..offset]);
            chunk.malformed.push(Malformed {
                bytes: window[..length].to_vec(),
                position: begin.position(),
                reason: format!("{}:{}:{}: {reason}", self.path.display(), at.line, at.column),
            });
            length
        });
        self.text.advance(length);
        self.ordinal += 1;
        self.last = self.place();
        Ok(Some(size))
    }
}

/// The places after documents at which a file can be cut, nearest after each target.
pub(super) fn borders(mut reader: ExportReader, targets: impl Iterator<Item = u64>) -> Vec<Position> {
    let mut found = Vec::new();
    let mut targets = targets.peekable();
    while let Some(target) = targets.peek().copied() {
        // CorruptData ends the search: whoever reads the last part meets it, too.
        let Ok(Item::Text(length) | Item::NoDocument(length, _)) = reader.next_item() else { break };
        reader.text.advance(length);
        reader.ordinal += 1;
        if reader.text.place.offset >= target {
            found.push(reader.place().position());
            while targets.next_if(|next| *next <= reader.text.place.offset).is_some() {}
        }
    }
    found
}
