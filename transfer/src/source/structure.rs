//! Whether the bytes within a document's frame are a document: types, lengths, terminators, nesting.
//!
//! It is the check a reader makes before it hands a document out, so that walking it later cannot fail half way.
//! The contents of strings are left to whoever takes them: invalid UTF-8 is a matter of one field, not of the
//! document. Format: <https://bsonspec.org/spec.html>.

use std::borrow::Cow;

/// How deep documents and arrays may be nested. MongoDB stores 100 levels; its tools allow 200.
pub const MAX_DEPTH: usize = 200;

/// What is wrong in a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (byte {offset} of the document)")]
#[non_exhaustive]
pub struct BsonError {
    /// The byte within the document.
    pub offset: usize,
    /// What is wrong there.
    pub reason: Cow<'static, str>,
}

fn error(offset: usize, reason: impl Into<Cow<'static, str>>) -> BsonError {
    BsonError { offset, reason: reason.into() }
}

fn int32(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(i32::from_le_bytes)
}

/// Checks one document, whose bytes these are exactly.
///
/// # Errors
/// The first error in it.
pub fn check(bytes: &[u8]) -> Result<(), BsonError> {
    check_below(bytes, 0)
}

/// Checks a document that has `base` levels of documents around it.
fn check_below(bytes: &[u8], base: usize) -> Result<(), BsonError> {
    match int32(bytes, 0) {
        Some(length) if length >= 5 && length as usize == bytes.len() => {}
        _ => return Err(error(0, "a length that does not fit")),
    }
    if bytes[bytes.len() - 1] != 0 {
        return Err(error(bytes.len() - 1, "no zero byte at the end of a document"));
    }
    // The ends of the documents around the place we are at; a loop, so that depth costs no stack.
    let mut ends = [0usize; MAX_DEPTH];
    let mut depth = 0;
    ends[0] = bytes.len() - 1;
    let mut at = 4;
    loop {
        let end = ends[depth];
        if at == end {
            // The terminator has been checked when the document was entered.
            if depth == 0 {
                return Ok(());
            }
            depth -= 1;
            at += 1;
            continue;
        }
        let tag = bytes[at];
        if tag == 0 {
            return Err(error(at, "an end mark before the end"));
        }
        let value = skip_name(bytes, at + 1, end)?;
        if tag == 0x03 || tag == 0x04 {
            depth += 1;
            if base + depth >= MAX_DEPTH {
                return Err(error(at, format!("nested deeper than {MAX_DEPTH} levels")));
            }
            ends[depth] = enter(bytes, value, end)?;
            at = value + 4;
        } else {
            at = skip_value(bytes, tag, at, value, end, base + depth)?;
        }
    }
}

/// The end mark of the document that begins at `at`, whose surroundings end at `limit`.
fn enter(bytes: &[u8], at: usize, limit: usize) -> Result<usize, BsonError> {
    match int32(bytes, at) {
        Some(length) if length >= 5 && length as usize <= limit.saturating_sub(at) => {
            let end = at + length as usize - 1;
            if bytes[end] == 0 { Ok(end) } else { Err(error(end, "no zero byte at the end of a document")) }
        }
        _ => Err(error(at, "a length that does not fit")),
    }
}

/// The place after the zero-terminated UTF-8 text that begins at `at`.
fn skip_name(bytes: &[u8], at: usize, end: usize) -> Result<usize, BsonError> {
    let text = bytes.get(at..end).unwrap_or_default();
    let Some(length) = text.iter().position(|byte| *byte == 0) else {
        return Err(error(at, "a text without its terminating zero byte"));
    };
    if !text[..length].is_ascii() && std::str::from_utf8(&text[..length]).is_err() {
        return Err(error(at, "a field name that is not UTF-8"));
    }
    Ok(at + length + 1)
}

/// The place after a value that is not a document.
fn skip_value(
    bytes: &[u8],
    tag: u8,
    element: usize,
    at: usize,
    end: usize,
    depth: usize,
) -> Result<usize, BsonError> {
    let next = match tag {
        0x01 | 0x09 | 0x11 | 0x12 => at + 8,
        0x02 | 0x0D | 0x0E => skip_string(bytes, at, end)?,
        0x05 => skip_binary(bytes, at, end)?,
        0x06 | 0x0A | 0xFF | 0x7F => at,
        0x07 => at + 12,
        0x08 => match bytes.get(at) {
            Some(0 | 1) => at + 1,
            Some(other) => {
                return Err(error(at, format!("a boolean that is 0x{other:02x}, neither 0 nor 1")));
            }
            None => return Err(error(at, "a value that goes beyond the end of its document")),
        },
        0x0B => {
            let options = skip_name(bytes, at, end)?;
            skip_name(bytes, options, end)?
        }
        0x0C => skip_string(bytes, at, end)? + 12,
        0x0F => skip_code_with_scope(bytes, at, end, depth)?,
        0x10 => at + 4,
        0x13 => at + 16,
        other => return Err(error(element, format!("no BSON type has the number 0x{other:02x}"))),
    };
    if next > end { Err(error(at, "a value that goes beyond the end of its document")) } else { Ok(next) }
}

fn skip_string(bytes: &[u8], at: usize, end: usize) -> Result<usize, BsonError> {
    let length =
        int32(bytes, at).ok_or_else(|| error(at, "a value that goes beyond the end of its document"))?;
    if length < 1 || length as usize > end.saturating_sub(at).saturating_sub(4) {
        return Err(error(at, "a value that goes beyond the end of its document"));
    }
    let next = at + 4 + length as usize;
    if bytes[next - 1] == 0 {
        Ok(next)
    } else {
        Err(error(at, "a string whose length does not end at a zero byte"))
    }
}

fn skip_binary(bytes: &[u8], at: usize, end: usize) -> Result<usize, BsonError> {
    let length =
        int32(bytes, at).ok_or_else(|| error(at, "a value that goes beyond the end of its document"))?;
    if length < 0 || length as usize > end.saturating_sub(at).saturating_sub(5) {
        return Err(error(at, "a value that goes beyond the end of its document"));
    }
    // Subtype 2, the old binary, repeats its length within.
    if bytes[at + 4] == 0x02 && int32(bytes, at + 5) != Some(length - 4) {
        return Err(error(at + 5, "an inner length that does not fit the outer one"));
    }
    Ok(at + 5 + length as usize)
}

fn skip_code_with_scope(bytes: &[u8], at: usize, end: usize, depth: usize) -> Result<usize, BsonError> {
    let length =
        int32(bytes, at).ok_or_else(|| error(at, "a value that goes beyond the end of its document"))?;
    if length < 14 || length as usize > end.saturating_sub(at) {
        return Err(error(at, "a value that goes beyond the end of its document"));
    }
    let next = at + length as usize;
    let scope = skip_string(bytes, at + 4, next)?;
    // Scopes are the one thing that is checked by recursion: few levels are enough for anybody.
    if depth + SCOPE_DEPTH >= MAX_DEPTH {
        return Err(error(at, format!("nested deeper than {MAX_DEPTH} levels")));
    }
    let inner = bytes.get(scope..next).unwrap_or_default();
    check_below(inner, depth + SCOPE_DEPTH).map_err(|inner| error(scope + inner.offset, inner.reason))?;
    Ok(next)
}

/// How many levels of nesting the scope of JavaScript code counts for.
const SCOPE_DEPTH: usize = 20;
