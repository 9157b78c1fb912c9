//! Digests per key range: what both sides are reduced to before a row is looked at.
//!
//! A row belongs to the range that its key's hash falls into. A range keeps how many rows it has and the
//! wrapping sum of their 128-bit digests; a sum does not care about the order rows come in, and unlike an
//! exclusive or it does not cancel a row that is there twice.

use crate::digest::Digest;

/// How many ranges a table's keys are split into, a power of two. 4,096 ranges of a table of a hundred million
/// rows have 24,000 rows each, which is what drilling down has to hold; the digests take 128 KiB a table and side.
pub const RANGES: usize = 4096;

/// Of each range how many rows it has and the sum of their digests, modulo 2¹²⁸.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranges(Vec<(u64, u128)>);

impl Default for Ranges {
    fn default() -> Self {
        Ranges(vec![(0, 0); RANGES])
    }
}

impl Ranges {
    pub fn add(&mut self, range: usize, digest: Digest) {
        if let Some((count, sum)) = self.0.get_mut(range) {
            (*count, *sum) = (count.wrapping_add(1), sum.wrapping_add(digest.value()));
        }
    }

    pub fn remove(&mut self, range: usize, digest: Digest) {
        if let Some((count, sum)) = self.0.get_mut(range) {
            (*count, *sum) = (count.wrapping_sub(1), sum.wrapping_sub(digest.value()));
        }
    }

    pub fn merge(&mut self, other: &Ranges) {
        for ((count, sum), theirs) in self.0.iter_mut().zip(&other.0) {
            (*count, *sum) = (count.wrapping_add(theirs.0), sum.wrapping_add(theirs.1));
        }
    }

    pub fn rows(&self) -> u64 {
        self.0.iter().map(|(count, _)| count).sum()
    }

    pub fn differing(&self, other: &Ranges) -> Vec<usize> {
        (0..RANGES).filter(|&range| self.0[range] != other.0[range]).collect()
    }

    pub fn rows_in(&self, range: usize) -> u64 {
        self.0.get(range).map_or(0, |(count, _)| *count)
    }
}

/// The range a key belongs to: contiguous ranges of its hash, so the top bits count.
pub fn range_of(key: &[u8]) -> usize {
    (Digest::of(key).value() >> (u128::BITS - RANGES.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(ranges: &mut Ranges, row: &[u8]) {
        ranges.add(range_of(row), Digest::of(row));
    }

    #[test]
    fn order_does_not_matter_and_a_doubled_row_shows_until_it_is_removed() {
        let rows: Vec<[u8; 4]> = (0..10_000u32).map(u32::to_be_bytes).collect();
        let (mut forwards, mut backwards) = (Ranges::default(), Ranges::default());
        rows.iter().for_each(|row| add(&mut forwards, row));
        rows.iter().rev().for_each(|row| add(&mut backwards, row));
        assert_eq!(forwards, backwards);
        add(&mut backwards, &rows[7]);
        add(&mut backwards, &rows[7]);
        assert_eq!(forwards.differing(&backwards), vec![range_of(&rows[7])]);
        assert_eq!((forwards.rows(), backwards.rows()), (10_000, 10_002));
        (0..2).for_each(|_| backwards.remove(range_of(&rows[7]), Digest::of(&rows[7])));
        assert_eq!(forwards, backwards);
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let rows: Vec<[u8; 4]> = (0..1_000u32).map(u32::to_be_bytes).collect();
        let (mut whole, mut left, mut right) = (Ranges::default(), Ranges::default(), Ranges::default());
        for (i, row) in rows.iter().enumerate() {
            add(&mut whole, row);
            if i % 3 == 0 { add(&mut left, row) } else { add(&mut right, row) }
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
