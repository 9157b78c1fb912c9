//! Texts, labels and bytes.

use crate::transform::error::{Code, ValueError};
use crate::transform::value::{Tag, Value};

use super::number::mismatch;
use super::{Shape, Writer};

/// A string's or symbol's text, checked for what PostgreSQL cannot store.
#[inline]
pub fn text(value: Value<'_>) -> Result<&str, ValueError> {
    match value.tag {
        Tag::String | Tag::Symbol => storable(value.text()?),
        _ => Err(mismatch(value, "a string")),
    }
}

#[inline]
pub(crate) fn storable(text: &str) -> Result<&str, ValueError> {
    if !text.as_bytes().contains(&0) {
        return Ok(text);
    }
    Err(nul())
}

#[cold]
pub(crate) fn nul() -> ValueError {
    ValueError::new(Code::NulInText, "the text contains U+0000, which PostgreSQL cannot store")
}

/// Writes `text`, `character varying(n)` or `citext`.
#[inline]
pub fn write(text: &str, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    if let Some(most) = shape.length {
        // Never fewer bytes than characters: most texts need no counting.
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if text.len() > most {
            check_length(text.chars().count(), most)?;
        }
    }
    out.put(text.as_bytes());
    Ok(())
}

/// Writes `character(n)`, padded with blanks as it is stored.
pub fn write_padded(text: &str, shape: &Shape, out: &mut Writer<'_>) -> Result<(), ValueError> {
    out.put(text.as_bytes());
    if let Some(most) = shape.length {
        let (characters, most) = (text.chars().count(), usize::try_from(most).unwrap_or(usize::MAX));
        check_length(characters, most)?;
        (characters..most).for_each(|_| out.put_byte(b' '));
    }
    Ok(())
}

fn check_length(characters: usize, most: usize) -> Result<(), ValueError> {
    if characters <= most {
        return Ok(());
    }
    let reason = format!("the text has {characters} characters, the column holds {most}; it is not cut");
    Err(ValueError::new(Code::TooLong, reason))
}

#[inline]
pub fn label<'a>(value: Value<'a>, labels: &[&str]) -> Result<&'a str, ValueError> {
    let text = text(value)?;
    if labels.contains(&text) {
        return Ok(text);
    }
    let known: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    let shown: String = text.chars().take(60).collect();
    let reason = format!("`{}` is not one of the labels {}", shown.escape_debug(), known.join(", "));
    Err(ValueError::new(Code::UnknownLabel, reason))
}

/// A binary's data, of any subtype.
#[inline]
pub fn bytes(value: Value<'_>) -> Result<&[u8], ValueError> {
    match value.tag {
        Tag::Binary => Ok(value.binary()?.1),
        _ => Err(mismatch(value, "a binary")),
    }
}
