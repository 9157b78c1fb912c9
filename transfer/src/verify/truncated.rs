//! A truncated tuple, as it is held while differences are looked for: long fields by their beginning and their
//! digest.
//!
//! Two truncated tuples are equal exactly when the tuples are, as far as a 128-bit digest tells, and a row of many
//! megabytes costs no more than its place in a report.

use crate::copy_out;
use crate::digest::Digest;

/// The most bytes a field has that is held whole.
const WHOLE: usize = 512;
/// How much of a longer one is held: what a report shows.
const HEAD: usize = 480;
const DIGEST: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    Null,
    Whole(&'a [u8]),
    Long { head: &'a [u8], length: usize, digest: Digest },
}

pub fn truncate(tuple: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(tuple.len().min(4 * WHOLE));
    for field in copy_out::fields(tuple) {
        // A field has 1 GiB at most.
        row.extend_from_slice(&field.map_or(-1, |bytes| bytes.len() as i32).to_be_bytes());
        match field {
            Some(bytes) if bytes.len() > WHOLE => {
                row.extend_from_slice(&bytes[..HEAD]);
                row.extend_from_slice(&Digest::of(bytes).to_bytes());
            }
            Some(bytes) => row.extend_from_slice(bytes),
            None => {}
        }
    }
    row.shrink_to_fit();
    row
}

/// The fields of a truncated tuple, in order.
pub fn fields(mut bytes: &[u8]) -> impl Iterator<Item = Field<'_>> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk()?;
        let length = i32::from_be_bytes(*length);
        let Ok(length) = usize::try_from(length) else {
            bytes = rest;
            return Some(Field::Null);
        };
        if length <= WHOLE {
            let (field, rest) = rest.split_at_checked(length)?;
            bytes = rest;
            return Some(Field::Whole(field));
        }
        let (head, rest) = rest.split_at_checked(HEAD)?;
        let (digest, rest) = rest.split_at_checked(DIGEST)?;
        bytes = rest;
        Some(Field::Long { head, length, digest: Digest::from_bytes(digest)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy_out::tuple;

    #[test]
    fn short_fields_are_whole_and_long_ones_are_told_apart() {
        let long = vec![b'x'; 100_000];
        let mut other = long.clone();
        other[99_999] = b'y';
        let bytes = truncate(&tuple(&[None, Some(b""), Some(&long), Some(&[7; WHOLE]), Some(b"end")]));
        assert!(bytes.len() < 3 * WHOLE, "{}", bytes.len());
        let expected = [
            Field::Null,
            Field::Whole(b""),
            Field::Long { head: &long[..HEAD], length: 100_000, digest: Digest::of(&long) },
            Field::Whole(&[7; WHOLE]),
            Field::Whole(b"end"),
        ];
        assert_eq!(fields(&bytes).collect::<Vec<_>>(), expected);
        let changed = truncate(&tuple(&[None, Some(b""), Some(&other), Some(&[7; WHOLE]), Some(b"end")]));
        assert_ne!(bytes, changed);
    }
}
