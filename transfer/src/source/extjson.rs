//! Extended JSON to BSON: version 2 (canonical and relaxed) and the version 1 that mongoexport wrote before 4.2.
//!
//! Specification: <https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/>. The text becomes BSON
//! bytes in one pass. What the canonical form tells apart (int32, int64, double, decimal) stays apart; a plain
//! number without point or exponent becomes the smallest integer type that holds it, as in the relaxed form.

use super::MAX_DOCUMENT_BYTES;
use super::extjson_number::{plain_number, short_typed, tag};
use super::extjson_types::{Field, typed, wrapper_key};
use super::structure::MAX_DEPTH;

/// Why a text is not a document, and at which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// The byte within the text.
    pub offset: usize,
    /// The dotted path of the field; empty for the document itself.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl JsonError {
    fn new(offset: usize, reason: impl Into<String>) -> Self {
        JsonError { offset, path: String::new(), reason: reason.into() }
    }

    #[cold]
    fn within(mut self, key: &[u8]) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.path = format!("{}{dot}{}", String::from_utf8_lossy(key), self.path);
        self
    }
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let colon = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.path, self.reason)
    }
}

/// Appends the document that `text` holds to `out`, as BSON.
///
/// # Errors
/// When the text is not a document in Extended JSON; `out` is as before then.
pub fn to_bson(text: &str, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let before = out.len();
    let mut parser = Parser { text: text.as_bytes(), at: 0, depth: 0 };
    let result = parser.top(out).and_then(|()| {
        let length = out.len() - before;
        if length > MAX_DOCUMENT_BYTES {
            let reason = format!("as BSON it has {length} bytes, MongoDB holds {MAX_DOCUMENT_BYTES}");
            return Err(JsonError::new(0, reason));
        }
        Ok(())
    });
    result.inspect_err(|_| out.truncate(before))
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

/// Puts a length before what was written after `begin`, and a zero byte after it.
fn close(out: &mut Vec<u8>, begin: usize) {
    out.push(0);
    let length = (out.len() - begin) as u32;
    out[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
}

pub(super) fn put_string(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}

impl Parser<'_> {
    fn error<T>(&self, offset: usize, reason: impl Into<String>) -> Result<T, JsonError> {
        Err(JsonError::new(offset, reason))
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    /// The next byte that is not a space, not taken.
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.get(self.at).copied()
    }

    fn found(&self) -> String {
        match std::str::from_utf8(self.text.get(self.at..).unwrap_or_default())
            .ok()
            .and_then(|t| t.chars().next())
        {
            Some(found) => format!("found {found:?}"),
            None => "the text ends".into(),
        }
    }

    fn expect(&mut self, wanted: u8, what: &str) -> Result<(), JsonError> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        let found = self.found();
        self.error(self.at, format!("{what} is missing: {found}"))
    }

    fn top(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.expect(b'{', "the { that begins a document")?;
        self.members(out)?;
        if self.peek().is_some() {
            let found = self.found();
            return self.error(self.at, format!("nothing may follow the document: {found}"));
        }
        Ok(())
    }

    /// What stands between braces, the opening one taken: a document as it is written, never a typed value.
    fn members(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let begin = out.len();
        out.extend_from_slice(&[0; 4]);
        let mut first = true;
        while self.next_member(&mut first, b'}')? {
            let tag_at = out.len();
            out.push(0);
            self.key(out)?;
            let key_end = out.len() - 1;
            self.expect(b':', "the : after a field's name")?;
            match self.value(out) {
                Ok(tag) => out[tag_at] = tag,
                Err(error) => return Err(error.within(&out[tag_at + 1..key_end])),
            }
        }
        close(out, begin);
        Ok(())
    }

    /// Steps over the comma to the next member; false after the closing mark.
    fn next_member(&mut self, first: &mut bool, closing: u8) -> Result<bool, JsonError> {
        let next = self.peek();
        if next == Some(closing) && *first {
            self.at += 1;
            return Ok(false);
        }
        if !std::mem::take(first) {
            if next == Some(closing) {
                self.at += 1;
                return Ok(false);
            }
            let what = if closing == b'}' { "a , or }" } else { "a , or ]" };
            self.expect(b',', what)?;
            self.skip_space();
        }
        Ok(true)
    }

    fn key(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let at = self.at;
        if self.peek() != Some(b'"') {
            let found = self.found();
            return self.error(self.at, format!("a field's name in quotes is missing: {found}"));
        }
        let begin = out.len();
        self.string(out)?;
        if out[begin..].contains(&0) {
            return self.error(at, "a field's name with a zero byte in it cannot be BSON");
        }
        out.push(0);
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth >= MAX_DEPTH {
            return self.error(self.at, format!("nested deeper than {MAX_DEPTH} levels"));
        }
        Ok(())
    }

    fn value(&mut self, out: &mut Vec<u8>) -> Result<u8, JsonError> {
        match self.peek() {
            Some(b'{') => {
                self.deeper()?;
                let tag = self.object(out)?;
                self.depth -= 1;
                Ok(tag)
            }
            Some(b'[') => {
                self.deeper()?;
                self.array(out)?;
                self.depth -= 1;
                Ok(tag::ARRAY)
            }
            Some(b'"') => {
                let begin = out.len();
                out.extend_from_slice(&[0; 4]);
                self.string(out)?;
                out.push(0);
                let length = (out.len() - begin - 4) as u32;
                out[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
                Ok(tag::STRING)
            }
            Some(b'-' | b'+' | b'0'..=b'9') => self.number(out),
            Some(_) => self.word(out),
            None => self.error(self.at, "a value is missing: the text ends"),
        }
    }

    fn array(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.at += 1;
        let begin = out.len();
        out.extend_from_slice(&[0; 4]);
        let mut first = true;
        let mut index = 0u32;
        while self.next_member(&mut first, b']')? {
            let tag_at = out.len();
            out.push(0);
            out.extend_from_slice(index.to_string().as_bytes());
            out.push(0);
            out[tag_at] = self.value(out).map_err(|error| error.within(index.to_string().as_bytes()))?;
            index += 1;
        }
        close(out, begin);
        Ok(())
    }

    /// An object: a document, or a value whose type is told by names that begin with a dollar.
    fn object(&mut self, out: &mut Vec<u8>) -> Result<u8, JsonError> {
        let begin = self.at;
        self.at += 1;
        self.skip_space();
        if !self.text.get(self.at..).unwrap_or_default().starts_with(b"\"$") {
            self.members(out)?;
            return Ok(tag::DOCUMENT);
        }
        if let Some((tag, length)) = short_typed(&self.text[begin..], out) {
            self.at = begin + length;
            return Ok(tag);
        }
        let mut fields: Vec<Field> = Vec::new();
        let mut first = true;
        while self.next_member(&mut first, b'}')? {
            let mut key = Vec::new();
            self.key(&mut key)?;
            key.pop();
            self.expect(b':', "the : after a field's name")?;
            let mut value = Vec::new();
            let wrapped = self.peek() == Some(b'{');
            let tag = self.value(&mut value).map_err(|error| error.within(&key))?;
            fields.push(Field { key: String::from_utf8_lossy(&key).into_owned(), tag, value, wrapped });
        }
        match typed(&fields) {
            Ok(Some((tag, value))) => {
                out.extend_from_slice(&value);
                Ok(tag)
            }
            Ok(None) => {
                let begin = out.len();
                out.extend_from_slice(&[0; 4]);
                for field in &fields {
                    out.push(field.tag);
                    out.extend_from_slice(field.key.as_bytes());
                    out.push(0);
                    out.extend_from_slice(&field.value);
                }
                close(out, begin);
                Ok(tag::DOCUMENT)
            }
            Err(reason) => {
                let key = fields.iter().map(|f| f.key.as_str()).find(|key| wrapper_key(key)).unwrap_or("$");
                self.error(begin, format!("{key}: {reason}"))
            }
        }
    }

    fn string(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let begin = self.at;
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
            out.extend_from_slice(&rest[..plain]);
            self.at += plain;
            match rest.get(plain) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(out)?,
                Some(control) => {
                    return self.error(self.at, format!("the control character 0x{control:02x} in a text"));
                }
                None => return self.error(begin, "a text without its closing quote"),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let begin = self.at;
        let plain = match self.text.get(self.at + 1) {
            Some(b'u') => return self.unicode_escape(out),
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(same @ (b'"' | b'\\' | b'/')) => *same,
            _ => return self.error(begin, "an escape that JSON does not have"),
        };
        out.push(plain);
        self.at += 2;
        Ok(())
    }

    fn hex4(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + (*digit as char).to_digit(16)?))
    }

    fn unicode_escape(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let begin = self.at;
        let Some(first) = self.hex4(begin + 2) else {
            return self.error(begin, "\\u needs four hexadecimal digits");
        };
        self.at += 6;
        let mut code = first;
        if (0xD800..0xDC00).contains(&first) {
            let low = match self.text.get(self.at..self.at + 2) {
                Some(b"\\u") => self.hex4(self.at + 2).filter(|low| (0xDC00..0xE000).contains(low)),
                _ => None,
            };
            let Some(low) = low else {
                return self.error(begin, "half of a surrogate pair without its other half");
            };
            self.at += 6;
            code = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
        }
        match char::from_u32(code) {
            Some(character) => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                Ok(())
            }
            None => self.error(begin, "half of a surrogate pair without its other half"),
        }
    }

    fn number(&mut self, out: &mut Vec<u8>) -> Result<u8, JsonError> {
        let begin = self.at;
        let rest = &self.text[begin..];
        let length = rest
            .iter()
            .position(|b| !matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        if matches!(rest.get(length), Some(b'I')) && length == 1 {
            return self.word(out);
        }
        let text = std::str::from_utf8(&rest[..length]).unwrap_or_default();
        self.at += length;
        match plain_number(text, out) {
            Some(tag) => Ok(tag),
            None => self.error(
                begin,
                format!("{text} is not a number that BSON holds exactly; {{\"$numberDecimal\": …}} could be"),
            ),
        }
    }

    fn word(&mut self, out: &mut Vec<u8>) -> Result<u8, JsonError> {
        let rest = &self.text[self.at..];
        let length = rest
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !b"+-_$".contains(b))
            .unwrap_or(rest.len());
        let (tag, double) = match &rest[..length] {
            b"true" | b"false" => {
                out.push(u8::from(rest[0] == b't'));
                (tag::BOOL, None)
            }
            b"null" => (tag::NULL, None),
            // What mongoexport wrote before 4.2.
            b"NaN" => (tag::DOUBLE, Some(f64::NAN)),
            b"Infinity" | b"+Infinity" => (tag::DOUBLE, Some(f64::INFINITY)),
            b"-Infinity" => (tag::DOUBLE, Some(f64::NEG_INFINITY)),
            name if rest.get(length) == Some(&b'(') && !name.is_empty() => {
                let name = String::from_utf8_lossy(name);
                return self.error(
                    self.at,
                    format!("{name}(…) is the shell's notation; export with mongoexport or EJSON.stringify"),
                );
            }
            _ => {
                let found = self.found();
                return self.error(self.at, format!("a value is missing: {found}"));
            }
        };
        if let Some(double) = double {
            out.extend_from_slice(&double.to_le_bytes());
        }
        self.at += length;
        Ok(tag)
    }
}
