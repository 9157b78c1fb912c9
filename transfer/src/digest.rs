//! A tuple's fingerprint: the one home of the function that loading, quarantining and verifying agree on.

use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

/// The 128-bit fingerprint of a COPY tuple: XXH3-128 (seed 0) of its bytes, field count included.
///
/// Two tuples with equal bytes have equal digests; equal digests of different tuples are as likely as any
/// collision of a 128-bit hash. The hash is not cryptographic: it guards against accidents, not against forgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u128);

impl Digest {
    /// The digest of one tuple's bytes, as `TupleBuffer::iter` gives them.
    pub fn of(tuple: &[u8]) -> Self {
        Digest(xxh3_128(tuple))
    }

    pub fn value(self) -> u128 {
        self.0
    }

    /// Sixteen bytes, most significant first: how `whimbrel.rejects.row_digest` stores it.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads what [`Digest::to_bytes`] wrote; `None` unless there are exactly sixteen bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Digest(u128::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// Makes the digest of bytes that come in pieces.
#[derive(Default)]
pub struct Digester(Xxh3Default);

impl Digester {
    pub fn add(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    pub fn field(&mut self, field: Option<&[u8]>) -> &mut Self {
        // A field has 1 GiB at most.
        self.add(&field.map_or(-1, |value| value.len() as i32).to_be_bytes()).add(field.unwrap_or_default())
    }

    pub fn digest(&self) -> Digest {
        Digest(self.0.digest128())
    }
}

impl std::fmt::Display for Digest {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_xxh3_128_and_stays_it() {
        // Published test vector of XXH3-128, seed 0, empty input; digests are stored in databases.
        assert_eq!(Digest::of(b"").to_string(), "99aa06d3014798d86001c324468d497f");
        assert_eq!(Digest::from_bytes(&Digest::of(b"abc").to_bytes()), Some(Digest::of(b"abc")));
        assert_eq!(Digest::from_bytes(b"short"), None);
    }

    #[test]
    fn pieces_have_the_digest_of_the_whole() {
        let tuple =
            [&[0, 3][..], &2i32.to_be_bytes(), b"ab", &(-1i32).to_be_bytes(), &0i32.to_be_bytes()].concat();
        let mut digester = Digester::default();
        digester.add(&3i16.to_be_bytes()).field(Some(b"ab")).field(None).field(Some(b""));
        assert_eq!(digester.digest(), Digest::of(&tuple));
    }
}
