//! What the documents say in another way than the tables.

use std::str::FromStr;

use whimbrel::bson::RawBsonRef;

/// A number that was written as a text; an empty text says nothing.
pub fn number<T: FromStr<Err: std::fmt::Display>>(
    value: Option<RawBsonRef<'_>>,
) -> Result<Option<T>, String> {
    match value {
        None | Some(RawBsonRef::Null) | Some(RawBsonRef::String("")) => Ok(None),
        Some(RawBsonRef::String(text)) => {
            text.parse().map(Some).map_err(|error| format!("`{text}` is not the text of a number: {error}"))
        }
        Some(other) => Err(format!("a text was expected, not {:?}", other.element_type())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_texts_only() {
        let read = |value| number::<i16>(Some(value));
        assert_eq!(read(RawBsonRef::String("-3")), Ok(Some(-3)));
        assert_eq!(read(RawBsonRef::String("")), Ok(None));
        assert_eq!(number::<i16>(None), Ok(None));
        assert!(read(RawBsonRef::String("40000")).is_err_and(|error| error.contains("`40000`")));
        assert!(read(RawBsonRef::String("VII a")).is_err());
        assert!(read(RawBsonRef::Int32(3)).is_err_and(|error| error.contains("Int32")));
    }
}
