//! Borrowed BSON: a value is a tag and its bytes, a document is walked element by element.
//!
//! Format: <https://bsonspec.org/spec.html>. Every length is checked before it is used; nothing here panics or
//! recurses, whatever the bytes are. Texts are checked for UTF-8 only where they are used.

use bson::raw::{RawBinaryRef, RawBsonRef, RawDocument, RawJavaScriptCodeWithScopeRef, RawRegexRef};
use memchr::memchr;

use super::error::{Code, ValueError};

/// The BSON types: the byte before a field's name, and the type in words.
macro_rules! tags {
    ($($name:ident = $byte:literal, $words:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Tag {
            $($name = $byte,)*
        }

        impl Tag {
            #[inline]
            fn from_byte(byte: u8) -> Option<Tag> {
                match byte {
                    $($byte => Some(Tag::$name),)*
                    _ => None,
                }
            }

            pub fn name(self) -> &'static str {
                match self {
                    $(Tag::$name => $words,)*
                }
            }
        }
    };
}

tags! {
    Double = 0x01, "a double";
    String = 0x02, "a string";
    Document = 0x03, "a document";
    Array = 0x04, "an array";
    Binary = 0x05, "a binary";
    Undefined = 0x06, "undefined";
    ObjectId = 0x07, "an ObjectId";
    Boolean = 0x08, "a boolean";
    DateTime = 0x09, "a date";
    Null = 0x0a, "null";
    Regex = 0x0b, "a regular expression";
    DbPointer = 0x0c, "a DBPointer";
    Code = 0x0d, "JavaScript code";
    Symbol = 0x0e, "a symbol";
    CodeWithScope = 0x0f, "JavaScript code with scope";
    Int32 = 0x10, "a 32-bit integer";
    Timestamp = 0x11, "a timestamp";
    Int64 = 0x12, "a 64-bit integer";
    Decimal128 = 0x13, "a Decimal128";
    MaxKey = 0x7f, "the MaxKey";
    MinKey = 0xff, "the MinKey";
}

/// A borrowed value.
///
/// Its bytes are the payload: of a string, symbol or code the text without length and terminator; of a document
/// or array all of it; of a binary the subtype and the data; of a regular expression pattern and options with
/// one NUL between them; of all others exactly what the document holds.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    pub tag: Tag,
    pub bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// The key as it stands there: not checked for UTF-8. In an array the index in digits.
    pub key: &'a [u8],
    pub value: Value<'a>,
}

impl Element<'_> {
    /// What an empty vector's elements are made of.
    pub(crate) const NONE: Element<'static> =
        Element { key: &[], value: Value { tag: Tag::Null, bytes: &[] } };
}

/// Walks the elements of a document or array in their order.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    /// What is left, without the document's terminator.
    left: &'a [u8],
}

#[cold]
fn malformed(reason: impl Into<String>) -> ValueError {
    ValueError::new(Code::Malformed, reason)
}

fn length(bytes: &[u8]) -> Option<usize> {
    let prefix: &[u8; 4] = bytes.first_chunk()?;
    usize::try_from(i32::from_le_bytes(*prefix)).ok()
}

impl<'a> Elements<'a> {
    /// Of a whole document: length, elements, terminator.
    #[inline]
    pub fn new(document: &'a [u8]) -> Result<Self, ValueError> {
        match document {
            [_, _, _, _, left @ .., 0] if length(document) == Some(document.len()) => Ok(Elements { left }),
            _ => Err(malformed("the document's length is not that of its bytes, or its end is missing")),
        }
    }

    /// The next element; `None` at the end. What comes after a broken element cannot be read.
    #[inline]
    pub fn next_element(&mut self) -> Result<Option<Element<'a>>, ValueError> {
        let Some((&tag, after_tag)) = self.left.split_first() else { return Ok(None) };
        let Some(end) = memchr(0, after_tag) else { return Err(malformed("a field's name does not end")) };
        let (key, after_key) = (&after_tag[..end], &after_tag[end + 1..]);
        let Some(tag) = Tag::from_byte(tag) else {
            return Err(malformed(format!("0x{tag:02x} is not a BSON type")).within(key));
        };
        match payload(tag, after_key) {
            Some((bytes, left)) => {
                self.left = left;
                Ok(Some(Element { key, value: Value { tag, bytes } }))
            }
            None => Err(malformed(format!("the bytes of {} are broken or cut off", tag.name())).within(key)),
        }
    }
}

/// Splits the payload of a value from what follows it.
#[inline]
fn payload(tag: Tag, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match tag {
        Tag::Double | Tag::DateTime | Tag::Timestamp | Tag::Int64 => bytes.split_at_checked(8),
        Tag::Int32 => bytes.split_at_checked(4),
        Tag::ObjectId => bytes.split_at_checked(12),
        Tag::Boolean => bytes.split_at_checked(1).filter(|(value, _)| value[0] < 2),
        Tag::Null | Tag::Undefined | Tag::MinKey | Tag::MaxKey => Some((&[], bytes)),
        Tag::Decimal128 => bytes.split_at_checked(16),
        Tag::String | Tag::Symbol | Tag::Code => {
            let (text, left) = bytes.get(4..)?.split_at_checked(length(bytes)?)?;
            let (0, text) = text.split_last()? else { return None };
            Some((text, left))
        }
        Tag::Document | Tag::Array => {
            let (document, left) = bytes.split_at_checked(length(bytes)?)?;
            (document.len() >= 5 && document.last() == Some(&0)).then_some((document, left))
        }
        Tag::Binary => bytes.get(4..)?.split_at_checked(length(bytes)?.checked_add(1)?),
        Tag::Regex => {
            let pattern = memchr(0, bytes)?;
            let options = memchr(0, bytes.get(pattern + 1..)?)?;
            let end = pattern + 1 + options;
            Some((bytes.get(..end)?, bytes.get(end + 1..)?))
        }
        Tag::DbPointer => bytes.split_at_checked(length(bytes)?.checked_add(4 + 12)?),
        Tag::CodeWithScope => bytes.split_at_checked(length(bytes)?),
    }
}

impl<'a> Value<'a> {
    /// Whether it stands for NULL: null, or the deprecated undefined.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self.tag, Tag::Null | Tag::Undefined)
    }

    /// The payload as an array of its fixed size; zeroes never happen, since `payload` has measured it.
    #[inline]
    pub(crate) fn fixed<const N: usize>(self) -> [u8; N] {
        self.bytes.first_chunk().copied().unwrap_or([0; N])
    }

    #[inline]
    pub fn text(self) -> Result<&'a str, ValueError> {
        utf8(self.bytes)
    }

    /// A binary's subtype and data; the second length that the old subtype 2 has is not part of the data.
    pub fn binary(self) -> Result<(u8, &'a [u8]), ValueError> {
        match self.bytes {
            [2, data @ ..] => match data.get(4..) {
                Some(inner) if length(data) == Some(inner.len()) => Ok((2, inner)),
                _ => Err(malformed("a binary of the old subtype 2 has a wrong second length")),
            },
            [subtype, data @ ..] => Ok((*subtype, data)),
            [] => Err(malformed("a binary has no subtype")),
        }
    }

    pub fn regex(self) -> Result<(&'a str, &'a str), ValueError> {
        let end = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(self.bytes.len());
        Ok((utf8(&self.bytes[..end])?, utf8(self.bytes.get(end + 1..).unwrap_or_default())?))
    }

    /// Code and its scope, which is a document.
    pub fn code_with_scope(self) -> Result<(&'a str, Value<'a>), ValueError> {
        let parts = self.bytes.get(4..).and_then(|bytes| {
            let (code, scope) = payload(Tag::Code, bytes)?;
            let (scope, left) = payload(Tag::Document, scope)?;
            left.is_empty().then_some((code, scope))
        });
        let Some((code, scope)) = parts else {
            return Err(malformed("the bytes of JavaScript code with scope are broken"));
        };
        Ok((utf8(code)?, Value { tag: Tag::Document, bytes: scope }))
    }

    pub fn db_pointer(self) -> Result<(&'a str, [u8; 12]), ValueError> {
        let parts = payload(Tag::String, self.bytes);
        match parts.map(|(namespace, id)| (namespace, id.try_into())) {
            Some((namespace, Ok(id))) => Ok((utf8(namespace)?, id)),
            _ => Err(malformed("the bytes of a DBPointer are broken")),
        }
    }

    /// The value as the `bson` crate has it, for `with` functions; `None` for arrays and DBPointers, which that
    /// crate does not let others make: look them up in the document instead.
    pub fn to_bson(self) -> Result<Option<RawBsonRef<'a>>, ValueError> {
        let broken = |error: bson::error::Error| malformed(error.to_string());
        Ok(Some(match self.tag {
            Tag::Array | Tag::DbPointer => return Ok(None),
            Tag::Double => RawBsonRef::Double(f64::from_le_bytes(self.fixed())),
            Tag::String => RawBsonRef::String(self.text()?),
            Tag::Symbol => RawBsonRef::Symbol(self.text()?),
            Tag::Code => RawBsonRef::JavaScriptCode(self.text()?),
            Tag::Document => RawBsonRef::Document(RawDocument::from_bytes(self.bytes).map_err(broken)?),
            Tag::Binary => {
                let (subtype, bytes) = self.binary()?;
                RawBsonRef::Binary(RawBinaryRef { subtype: subtype.into(), bytes })
            }
            Tag::Undefined => RawBsonRef::Undefined,
            Tag::Null => RawBsonRef::Null,
            Tag::MinKey => RawBsonRef::MinKey,
            Tag::MaxKey => RawBsonRef::MaxKey,
            Tag::ObjectId => RawBsonRef::ObjectId(bson::oid::ObjectId::from_bytes(self.fixed())),
            Tag::Boolean => RawBsonRef::Boolean(self.bytes == [1]),
            Tag::DateTime => {
                RawBsonRef::DateTime(bson::DateTime::from_millis(i64::from_le_bytes(self.fixed())))
            }
            Tag::Regex => {
                let (pattern, options) = self.regex()?;
                RawBsonRef::RegularExpression(RawRegexRef {
                    pattern: pattern.try_into().map_err(broken)?,
                    options: options.try_into().map_err(broken)?,
                })
            }
            Tag::CodeWithScope => {
                let (code, scope) = self.code_with_scope()?;
                let scope = RawDocument::from_bytes(scope.bytes).map_err(broken)?;
                RawBsonRef::JavaScriptCodeWithScope(RawJavaScriptCodeWithScopeRef { code, scope })
            }
            Tag::Int32 => RawBsonRef::Int32(i32::from_le_bytes(self.fixed())),
            Tag::Int64 => RawBsonRef::Int64(i64::from_le_bytes(self.fixed())),
            Tag::Timestamp => {
                let [i0, i1, i2, i3, t0, t1, t2, t3] = self.fixed();
                RawBsonRef::Timestamp(bson::Timestamp {
                    time: u32::from_le_bytes([t0, t1, t2, t3]),
                    increment: u32::from_le_bytes([i0, i1, i2, i3]),
                })
            }
            Tag::Decimal128 => RawBsonRef::Decimal128(bson::Decimal128::from_bytes(self.fixed())),
        }))
    }
}

#[inline]
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, ValueError> {
    std::str::from_utf8(bytes).map_err(|error| {
        ValueError::new(
            Code::InvalidUtf8,
            format!("the text is not UTF-8 from byte {} on; PostgreSQL cannot store it", error.valid_up_to()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_of_the_old_subtype() {
        let value = |bytes| Value { tag: Tag::Binary, bytes };
        assert_eq!(value(&[2, 1, 0, 0, 0, 9]).binary(), Ok((2, &[9][..])));
        assert_eq!(value(&[0, 1, 0, 0, 0, 9]).binary(), Ok((0, &[1, 0, 0, 0, 9][..])));
        assert_eq!(value(&[2, 2, 0, 0, 0, 9]).binary().unwrap_err().code(), Code::Malformed);
        assert_eq!(value(&[2, 1]).binary().unwrap_err().code(), Code::Malformed);
    }

    #[test]
    fn code_with_scope() {
        let value = |bytes| Value { tag: Tag::CodeWithScope, bytes };
        let good = b"\x10\0\0\0\x03\0\0\0ab\0\x05\0\0\0\0";
        assert_eq!(value(good).code_with_scope().unwrap().0, "ab");
        assert!(value(&good[..15]).code_with_scope().is_err());
        assert!(value(b"").code_with_scope().is_err());
    }
}
