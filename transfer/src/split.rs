//! Cutting collections into ranges that can be read at the same time.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::source::frame::FilePlace;
use crate::source::window::plausible;
use crate::source::{Position, Range, SourceError};

/// Files smaller than this are not worth more than one part.
const SMALLEST_PART: u64 = 1 << 20;

/// Cuts a file of BSON documents into at most `parts` ranges of about the same size, at the borders of documents.
///
/// The borders are found by hopping from length to length, so they are right by construction. Where a length is
/// wrong the hopping ends, and the last range reaches to the end of the file: its reader reports the damage.
pub fn byte_ranges(path: &Path, parts: usize) -> Result<Vec<Range>, SourceError> {
    let file = File::open(path).map_err(|e| SourceError::io("open", path, e))?;
    let length = file.metadata().map_err(|e| SourceError::io("open", path, e))?.len();
    let mut input = BufReader::with_capacity(1 << 18, file);
    let (mut at, mut borders) = (FilePlace::default(), Vec::new());
    for target in targets(length, parts, SMALLEST_PART) {
        if !hop_to(&mut input, &mut at, target, length).map_err(|e| SourceError::io("read", path, e))? {
            break;
        }
        borders.push(at.position());
    }
    borders.dedup();
    Ok(ranges_between(borders))
}

/// Where to cut a file into at most `parts` parts of about the same size, of at least `smallest` bytes each.
pub(crate) fn targets(length: u64, parts: usize, smallest: u64) -> impl Iterator<Item = u64> {
    let parts = (parts as u64).min(length / smallest).max(1);
    // In u128: the product of two u64 cannot overflow there.
    (1..parts).map(move |part| (u128::from(length) * u128::from(part) / u128::from(parts)) as u64)
}

/// The ranges before, between and behind some borders.
pub(crate) fn ranges_between(borders: Vec<Position>) -> Vec<Range> {
    let mut ranges = Vec::with_capacity(borders.len() + 1);
    let mut after = None;
    for border in borders {
        ranges.push(Range { after: after.replace(border.clone()), until: Some(border) });
    }
    ranges.push(Range { after, until: None });
    ranges
}

/// Hops to the first border at or behind `target`; false when there is none before the end or the damage.
fn hop_to(
    input: &mut BufReader<File>,
    at: &mut FilePlace,
    target: u64,
    length: u64,
) -> std::io::Result<bool> {
    while at.offset < target {
        let mut prefix = [0u8; 4];
        if length - at.offset < 5 {
            return Ok(false);
        }
        input.read_exact(&mut prefix)?;
        let size = i32::from_le_bytes(prefix);
        if !plausible(size) || size as u64 > length - at.offset {
            return Ok(false);
        }
        input.seek_relative(i64::from(size) - 4)?;
        *at = FilePlace { offset: at.offset + size as u64, ordinal: at.ordinal + 1 };
    }
    Ok(at.offset < length)
}
