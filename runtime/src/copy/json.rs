//! `json` and `jsonb`: any BSON as JSON, without loss.
//!
//! Strings, booleans, null, arrays, documents and integers are JSON's own. A double is printed as the shortest
//! decimal that is read as the same double, always with a point, never with an exponent: `1.0` stays a double
//! and `1` an integer. Everything else is canonical Extended JSON v2
//! (<https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/>): `{"$oid": "…"}`,
//! `{"$date": {"$numberLong": "…"}}`, `{"$numberDecimal": "…"}`, and `{"$numberDouble": "NaN"}` for what JSON
//! cannot spell.
//!
//! `jsonb` is printed as `jsonb_out` does: keys by length, then bytes, one blank after `,` and `:`. `json` keeps
//! the order of the document's fields.

use std::fmt::Write as _;

use crate::transform::error::{Code, ValueError};
use crate::transform::value::{Element, Elements, Tag, Value, utf8};

use super::Writer;
use super::text::nul;
use super::writer::emptied;

mod scalar;
mod serde;

pub use serde::write_value;

/// How deeply documents and arrays may be nested; MongoDB itself stops at 100.
pub const MAX_DEPTH: usize = 256;

/// How long a value's JSON may become, in bytes. A document of 16 MiB can spell numbers that need hundreds of
/// digits each; PostgreSQL's own limit is 256 MiB, and a value beyond it would spoil the whole COPY.
pub const MAX_LENGTH: usize = 64 << 20;

/// The version that `jsonb_send` puts before its text.
const JSONB_VERSION: u8 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `json`: the order of the source.
    Json,
    /// `jsonb`: canonical order, after a version byte.
    Jsonb,
}

impl Form {
    pub(crate) fn begin(self, out: &mut Writer<'_>) {
        if self == Form::Jsonb {
            out.put_byte(JSONB_VERSION);
        }
    }
}

pub fn write(value: Value<'_>, form: Form, out: &mut Writer<'_>) -> Result<(), ValueError> {
    form.begin(out);
    let mut stack = std::mem::take(&mut out.scratch.json);
    let written = Json::new(form, &mut stack, out).value(value, 0, out);
    out.scratch.json = emptied(stack, |_| Element::NONE);
    written
}

/// Writes BSON values; documents' elements are sorted on a stack.
pub(crate) struct Json<'s, 'a> {
    form: Form,
    stack: &'s mut Vec<Element<'a>>,
    /// Up to which position of the output this may go.
    end: usize,
}

impl<'s, 'a> Json<'s, 'a> {
    /// What is written from here on.
    pub(crate) fn new(form: Form, stack: &'s mut Vec<Element<'a>>, out: &Writer<'_>) -> Self {
        Json { form, stack, end: out.position() + MAX_LENGTH }
    }

    /// Writes a value that stands `depth` documents deep.
    pub(crate) fn value(
        &mut self,
        value: Value<'a>,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<(), ValueError> {
        self.unlimited(value, depth, out)?;
        if out.position() <= self.end {
            return Ok(());
        }
        let reason = format!("the value's JSON is longer than {} MiB", MAX_LENGTH >> 20);
        Err(ValueError::new(Code::TooLong, reason))
    }

    fn unlimited(&mut self, value: Value<'a>, depth: usize, out: &mut Writer<'_>) -> Result<(), ValueError> {
        match value.tag {
            Tag::Document => self.document(value, depth, out),
            Tag::Array => self.array(value, depth, out),
            Tag::CodeWithScope => {
                let (code, scope) = value.code_with_scope()?;
                out.put(b"{\"$code\": ");
                string(code, out)?;
                out.put(b", \"$scope\": ");
                self.document(scope, depth + 1, out)?;
                out.put_byte(b'}');
                Ok(())
            }
            _ => scalar::write(value, out),
        }
    }

    fn array(&mut self, value: Value<'a>, depth: usize, out: &mut Writer<'_>) -> Result<(), ValueError> {
        check_depth(depth)?;
        out.put_byte(b'[');
        let mut elements = Elements::new(value.bytes)?;
        let mut separator: &[u8] = b"";
        while let Some(element) = elements.next_element()? {
            out.put(separator);
            self.value(element.value, depth + 1, out).map_err(|error| error.within(element.key))?;
            separator = b", ";
        }
        out.put_byte(b']');
        Ok(())
    }

    fn document(&mut self, value: Value<'a>, depth: usize, out: &mut Writer<'_>) -> Result<(), ValueError> {
        check_depth(depth)?;
        let start = self.stack.len();
        let mut elements = Elements::new(value.bytes)?;
        while let Some(element) = elements.next_element()? {
            self.stack.push(element);
        }
        self.object(start, depth, out)
    }

    /// Writes the elements that were pushed from `start` on, and takes them away.
    pub(crate) fn object(
        &mut self,
        start: usize,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<(), ValueError> {
        let end = self.stack.len();
        if self.form == Form::Jsonb {
            sort_by_key(&mut self.stack[start..], |element| element.key)?;
        }
        out.put_byte(b'{');
        for at in start..end {
            let element = self.stack[at];
            if at > start {
                out.put(b", ");
            }
            key(element.key, out)?;
            self.value(element.value, depth + 1, out).map_err(|error| error.within(element.key))?;
        }
        out.put_byte(b'}');
        self.stack.truncate(start);
        Ok(())
    }
}

pub(crate) fn key(key: &[u8], out: &mut Writer<'_>) -> Result<(), ValueError> {
    string(utf8(key).map_err(|error| error.within(key))?, out)?;
    out.put(b": ");
    Ok(())
}

pub(crate) fn check_depth(depth: usize) -> Result<(), ValueError> {
    if depth < MAX_DEPTH {
        return Ok(());
    }
    Err(ValueError::new(Code::TooDeep, format!("documents are nested more than {MAX_DEPTH} levels deep")))
}

/// The order of `jsonb`: by length, then by bytes. Keys that come twice are refused.
pub(crate) fn sort_by_key<'a, T>(items: &mut [T], key: impl Fn(&T) -> &'a [u8]) -> Result<(), ValueError> {
    let order = |a: &T, b: &T| {
        let (a, b) = (key(a), key(b));
        (a.len(), a).cmp(&(b.len(), b))
    };
    if items.is_sorted_by(|a, b| order(a, b).is_lt()) {
        return Ok(());
    }
    items.sort_unstable_by(order);
    for pair in items.windows(2) {
        if let [first, second] = pair
            && key(first) == key(second)
        {
            let reason = "the document has this field twice; `jsonb` would keep only one of them";
            return Err(ValueError::new(Code::DuplicateField, reason).within(key(first)));
        }
    }
    Ok(())
}

/// Writes a string as `escape_json` does.
pub(crate) fn string(text: &str, out: &mut Writer<'_>) -> Result<(), ValueError> {
    out.put_byte(b'"');
    let mut left = text.as_bytes();
    while let Some(at) = special(left) {
        out.put(&left[..at]);
        escape(left[at], out)?;
        left = &left[at + 1..];
    }
    out.put(left);
    out.put_byte(b'"');
    Ok(())
}

/// Where the first byte is that cannot stand in a JSON string as it is: eight bytes at a time.
#[inline]
fn special(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let one = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let bits = u64::from_le_bytes(*word);
        // A byte below n leaves its high bit when n is subtracted (Hacker's Delight, 6-1); a hit too many does
        // no harm, since the bytes are looked at again.
        let below = |bits: u64, n: u64| bits.wrapping_sub(ONES * n) & !bits & HIGH;
        let hit = below(bits, 0x20) | below(bits ^ (ONES * 0x22), 1) | below(bits ^ (ONES * 0x5c), 1);
        if hit != 0
            && let Some(found) = word.iter().position(one)
        {
            return Some(at * 8 + found);
        }
    }
    rest.iter().position(one).map(|found| words.len() * 8 + found)
}

fn escape(byte: u8, out: &mut Writer<'_>) -> Result<(), ValueError> {
    match byte {
        0 => return Err(nul()),
        b'"' => out.put(b"\\\""),
        b'\\' => out.put(b"\\\\"),
        b'\n' => out.put(b"\\n"),
        b'\r' => out.put(b"\\r"),
        b'\t' => out.put(b"\\t"),
        0x08 => out.put(b"\\b"),
        0x0c => out.put(b"\\f"),
        // Writing to a `Writer` cannot fail.
        _ => drop(write!(out, "\\u{byte:04x}")),
    }
    Ok(())
}
