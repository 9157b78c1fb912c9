//! A tuple as it is kept while differences are looked for: whole where it is small, long fields by their beginning
//! and their digest.
//!
//! Two kept tuples are equal exactly when their tuples are, as far as a 128-bit digest tells, and a row of many
//! megabytes costs no more than its place in a report.

use crate::copy_out::fields;
use crate::digest::Digest;

/// The most bytes a field has that is kept whole.
const WHOLE: usize = 512;
/// How much of a longer one is kept: what a report shows.
const HEAD: usize = 480;
const DIGEST: usize = 16;

/// A field of a kept tuple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept<'a> {
    /// NULL.
    Null,
    /// All its bytes.
    Whole(&'a [u8]),
    /// A field that was too long to keep.
    Long {
        /// Its first bytes.
        head: &'a [u8],
        /// How many it has.
        length: usize,
        /// The digest of all of them.
        digest: Digest,
    },
}

/// What to keep of a tuple.
pub fn keep(tuple: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(tuple.len().min(4 * WHOLE));
    for field in fields(tuple) {
        // A field has 1 GiB at most.
        kept.extend_from_slice(&field.map_or(-1, |bytes| bytes.len() as i32).to_be_bytes());
        match field {
            Some(bytes) if bytes.len() > WHOLE => {
                kept.extend_from_slice(&bytes[..HEAD]);
                kept.extend_from_slice(&Digest::of(bytes).to_bytes());
            }
            Some(bytes) => kept.extend_from_slice(bytes),
            None => {}
        }
    }
    kept.shrink_to_fit();
    kept
}

/// The fields of a kept tuple, in order.
pub fn kept(mut bytes: &[u8]) -> impl Iterator<Item = Kept<'_>> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk()?;
        let length = i32::from_be_bytes(*length);
        let Ok(length) = usize::try_from(length) else {
            bytes = rest;
            return Some(Kept::Null);
        };
        if length <= WHOLE {
            let (field, rest) = rest.split_at_checked(length)?;
            bytes = rest;
            return Some(Kept::Whole(field));
        }
        let (head, rest) = rest.split_at_checked(HEAD)?;
        let (digest, rest) = rest.split_at_checked(DIGEST)?;
        bytes = rest;
        Some(Kept::Long { head, length, digest: Digest::from_bytes(digest)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuple(fields: &[Option<&[u8]>]) -> Vec<u8> {
        let mut tuple = (fields.len() as i16).to_be_bytes().to_vec();
        for field in fields {
            tuple.extend(field.map_or(-1, |bytes| bytes.len() as i32).to_be_bytes());
            tuple.extend(field.unwrap_or_default());
        }
        tuple
    }

    #[test]
    fn short_fields_are_whole_and_long_ones_are_told_apart() {
        let long = vec![b'x'; 100_000];
        let mut other = long.clone();
        other[99_999] = b'y';
        let bytes = keep(&tuple(&[None, Some(b""), Some(&long), Some(&[7; WHOLE]), Some(b"end")]));
        assert!(bytes.len() < 3 * WHOLE, "{}", bytes.len());
        let expected = [
            Kept::Null,
            Kept::Whole(b""),
            Kept::Long { head: &long[..HEAD], length: 100_000, digest: Digest::of(&long) },
            Kept::Whole(&[7; WHOLE]),
            Kept::Whole(b"end"),
        ];
        assert_eq!(kept(&bytes).collect::<Vec<_>>(), expected);
        let changed = keep(&tuple(&[None, Some(b""), Some(&other), Some(&[7; WHOLE]), Some(b"end")]));
        assert_ne!(bytes, changed);
    }
}
