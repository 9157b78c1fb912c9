//! Where a JSON document ends, without understanding it: so that a broken one costs only itself.

#[derive(Debug, Clone, Copy)]
struct Level {
    array: bool,
    value_may_follow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Complete(usize),
    /// The document was cut off; after this many bytes something else begins.
    CutOff(usize),
    /// More bytes are needed to tell.
    Open,
}

/// Follows braces and quotes from the `{` that begins a document. It can be fed piece by piece.
///
/// A document that was cut off is noticed where the next one begins: in what mongoexport and other tools write,
/// documents begin a line, and a `{` at the beginning of a line where no value may stand can be nothing else. A
/// line's end within a text tells the same.
#[derive(Debug, Default)]
pub(super) struct ExtentFinder {
    levels: Vec<Level>,
    in_text: bool,
    escaped: bool,
    seen: usize,
    line_begins: bool,
}

impl ExtentFinder {
    /// Looks at the document's bytes; `bytes` begins with the document and may have grown since the last call.
    pub fn find(&mut self, bytes: &[u8]) -> Extent {
        while let Some(&byte) = bytes.get(self.seen) {
            if let Some(extent) = self.step(byte) {
                return extent;
            }
            self.seen += 1;
        }
        Extent::Open
    }

    fn step(&mut self, byte: u8) -> Option<Extent> {
        let line_begins = std::mem::take(&mut self.line_begins);
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                b'\n' => return Some(Extent::CutOff(self.seen)),
                _ => {}
            }
            return None;
        }
        match byte {
            b' ' | b'\t' | b'\r' => {}
            b'\n' => self.line_begins = true,
            b'"' => {
                self.in_text = true;
                self.value_seen();
            }
            b'{' => {
                if line_begins && self.levels.last().is_some_and(|level| !level.value_may_follow) {
                    return Some(Extent::CutOff(self.seen));
                }
                self.value_seen();
                self.levels.push(Level { array: false, value_may_follow: false });
            }
            b'[' => {
                self.value_seen();
                self.levels.push(Level { array: true, value_may_follow: true });
            }
            b'}' | b']' => {
                self.levels.pop();
                if self.levels.is_empty() {
                    return Some(Extent::Complete(self.seen + 1));
                }
            }
            b',' => {
                if let Some(level) = self.levels.last_mut() {
                    level.value_may_follow = level.array;
                }
            }
            b':' => {
                if let Some(level) = self.levels.last_mut() {
                    level.value_may_follow = true;
                }
            }
            _ => self.value_seen(),
        }
        None
    }

    fn value_seen(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.value_may_follow = false;
        }
    }
}
