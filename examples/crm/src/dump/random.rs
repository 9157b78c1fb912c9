//! Numbers that look random and are the same every time.

/// SplitMix64 (Steele, Lea, Flood, 2014), seeded for one document, so that a document does not depend on those
/// before it.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// For the `index`-th document of a collection.
    pub(crate) fn new(collection: u64, index: u64) -> Self {
        let mut random = Random(
            collection.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index.wrapping_mul(0xd6e8_feb8_6659_fd93),
        );
        random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`, which must not be 0; the small bias does not matter here.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// Below `limit`, as a number for an `int` field.
    pub(crate) fn int(&mut self, limit: u32) -> i32 {
        i32::try_from(self.below(limit.into())).unwrap_or(i32::MAX)
    }

    /// Below `limit`, as a number for a `long` field.
    pub(crate) fn long(&mut self, limit: u64) -> i64 {
        i64::try_from(self.below(limit)).unwrap_or(i64::MAX)
    }

    /// True this often of a hundred times.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a few.
    pub(crate) fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        let index = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        of[index]
    }
}
