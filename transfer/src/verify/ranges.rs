//! Digests per key range: what both sides are reduced to before a row is looked at.
//!
//! A row belongs to the range that its key's 64-bit hash falls into. A range keeps how many rows it has and the
//! wrapping sum of their 128-bit digests; a sum does not care about the order rows come in, and unlike an
//! exclusive or it does not cancel a row that is there twice.

use crate::digest::{key_hash, tuple_digest};

/// How many ranges a table's keys are split into. 4,096 ranges of a table of a hundred million rows have
/// 24,000 rows each, which is what narrowing has to hold; the digests take 128 KiB a table and side.
pub const RANGES: usize = 4096;

/// One range of one table on one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// Rows in it.
    pub rows: u64,
    /// Sum of their digests, modulo 2^128.
    pub sum: u128,
}

/// All ranges of one table on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges(Vec<Range>);

impl Default for Ranges {
    fn default() -> Self {
        Ranges(vec![Range::default(); RANGES])
    }
}

impl Ranges {
    /// Adds a row.
    pub fn add(&mut self, key: &[u8], tuple: &[u8]) {
        self.add_digest(range_of(key), tuple_digest(tuple));
    }

    /// Adds a row whose digest is known.
    pub fn add_digest(&mut self, range: usize, digest: u128) {
        if let Some(range) = self.0.get_mut(range) {
            range.rows += 1;
            range.sum = range.sum.wrapping_add(digest);
        }
    }

    /// Adds what another part of the same side found.
    pub fn merge(&mut self, other: &Ranges) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            mine.rows += theirs.rows;
            mine.sum = mine.sum.wrapping_add(theirs.sum);
        }
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.iter().map(|range| range.rows).sum()
    }

    /// The numbers of the ranges in which the two sides differ.
    pub fn differing(&self, other: &Ranges) -> Vec<usize> {
        (0..RANGES).filter(|&range| self.0[range] != other.0[range]).collect()
    }

    /// How many rows a range has.
    pub fn rows_in(&self, range: usize) -> u64 {
        self.0.get(range).map_or(0, |range| range.rows)
    }
}

/// The range a key belongs to.
pub fn range_of(key: &[u8]) -> usize {
    // The top bits: ranges of hashes, contiguous.
    (key_hash(key) >> (64 - RANGES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_a_doubled_row_shows() {
        let rows: Vec<[u8; 4]> = (0..10_000u32).map(u32::to_be_bytes).collect();
        let (mut forwards, mut backwards) = (Ranges::default(), Ranges::default());
        rows.iter().for_each(|row| forwards.add(row, row));
        rows.iter().rev().for_each(|row| backwards.add(row, row));
        assert_eq!(forwards, backwards);
        backwards.add(&rows[7], &rows[7]);
        backwards.add(&rows[7], &rows[7]);
        assert_eq!(forwards.differing(&backwards), vec![range_of(&rows[7])]);
        assert_eq!((forwards.rows(), backwards.rows()), (10_000, 10_002));
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let rows: Vec<[u8; 4]> = (0..1_000u32).map(u32::to_be_bytes).collect();
        let (mut whole, mut left, mut right) = (Ranges::default(), Ranges::default(), Ranges::default());
        for (i, row) in rows.iter().enumerate() {
            whole.add(row, row);
            if i % 3 == 0 { left.add(row, row) } else { right.add(row, row) }
        }
        left.merge(&right);
        assert_eq!(whole, left);
    }

    #[test]
    fn every_range_is_used() {
        let mut seen = vec![false; RANGES];
        (0..200_000u32).for_each(|i| seen[range_of(&i.to_be_bytes())] = true);
        assert!(seen.into_iter().all(|seen| seen));
    }
}
