//! MongoDB's ObjectId as a UUIDv7 (RFC 9562), without loss and without a mapping table.
//!
//! A 96-bit ObjectId is 32 bits of seconds `T` and 64 further bits `R`:
//!
//! ```text
//! unix_ts_ms (48) = T * 1000
//! version     (4) = 0b0111
//! rand_a     (12) = R[63:52]
//! variant     (2) = 0b10
//! rand_b     (62) = R[51:0] << 10 | CRC-10 of the 12 bytes
//! ```
//!
//! The mapping is total, reversible and keeps the ObjectIds' order. Since `unix_ts_ms` is a real time, the
//! results sort among native v7 ids and keep B-tree inserts at the right edge. The checksum (polynomial 0x233,
//! initial value 0, most significant bit first) tells a mapped ObjectId from a native v7 id.

use crc::{Algorithm, Crc, Table};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use uuid::Uuid;

const CRC_10: Algorithm<u16> = Algorithm {
    width: 10,
    poly: 0x233,
    init: 0,
    refin: false,
    refout: false,
    xorout: 0,
    check: 0x199,
    residue: 0,
};
const CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_10);

/// The bits of `R` that go into `rand_b`, above the checksum.
const REST_LOW_BITS: u32 = 52;
const CHECKSUM_BITS: u32 = 10;

/// A MongoDB ObjectId: 12 bytes, the first four a big-endian time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ObjectId(pub [u8; 12]);

/// Why a UUID or a text is not an ObjectId.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectIdError {
    /// Not a UUIDv7 of the RFC 9562 variant.
    #[error("{0} is not a UUIDv7")]
    NotVersion7(Uuid),
    /// The time has a fraction of a second; an ObjectId's has none.
    #[error("{0} is a UUIDv7 whose time is not a whole second: no ObjectId has become it")]
    Milliseconds(Uuid),
    /// The time is after 2106-02-07, the last second of an ObjectId.
    #[error("{0} is a UUIDv7 of a time that an ObjectId cannot hold")]
    Time(Uuid),
    /// The checksum differs.
    #[error("{0} is a UUIDv7 without an ObjectId's checksum")]
    Checksum(Uuid),
    /// The text is not 24 hexadecimal digits.
    #[error("`{0}` is not an ObjectId: 24 hexadecimal digits are expected")]
    NotHex(String),
}

impl ObjectId {
    /// The UUIDv7 that stands for this ObjectId.
    pub fn to_uuid(self) -> Uuid {
        let [t0, t1, t2, t3, rest @ ..] = self.0;
        let seconds = u64::from(u32::from_be_bytes([t0, t1, t2, t3]));
        let rest = u64::from_be_bytes(rest);
        let high = ((seconds * 1000) << 16) | 0x7000 | (rest >> REST_LOW_BITS);
        let low_rest = rest & ((1 << REST_LOW_BITS) - 1);
        let low = (0b10 << 62) | (low_rest << CHECKSUM_BITS) | u64::from(CRC.checksum(&self.0));
        Uuid::from_u64_pair(high, low)
    }

    /// The ObjectId that a UUID stands for.
    ///
    /// # Errors
    /// The UUID is not of version 7, its time does not fit an ObjectId, or the checksum differs.
    pub fn from_uuid(uuid: Uuid) -> Result<Self, ObjectIdError> {
        let (high, low) = uuid.as_u64_pair();
        if (high >> 12) & 0xf != 7 || low >> 62 != 0b10 {
            return Err(ObjectIdError::NotVersion7(uuid));
        }
        let milliseconds = high >> 16;
        if !milliseconds.is_multiple_of(1000) {
            return Err(ObjectIdError::Milliseconds(uuid));
        }
        let seconds = u32::try_from(milliseconds / 1000).map_err(|_| ObjectIdError::Time(uuid))?;
        let low_rest = (low << 2) >> (CHECKSUM_BITS + 2);
        let rest = ((high & 0xfff) << REST_LOW_BITS) | low_rest;
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        bytes[4..].copy_from_slice(&rest.to_be_bytes());
        if u64::from(CRC.checksum(&bytes)) != low & ((1 << CHECKSUM_BITS) - 1) {
            return Err(ObjectIdError::Checksum(uuid));
        }
        Ok(ObjectId(bytes))
    }

    /// Reads 24 hexadecimal digits, of either case, without allocating.
    pub(crate) fn from_hex(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 12];
        if text.len() != 24 {
            return None;
        }
        HEXLOWER_PERMISSIVE.decode_mut(text, &mut bytes).ok()?;
        Some(ObjectId(bytes))
    }
}

impl std::str::FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        Self::from_hex(text.as_bytes()).ok_or_else(|| ObjectIdError::NotHex(text.to_owned()))
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        HEXLOWER.encode_write(&self.0, f)
    }
}

impl From<ObjectId> for Uuid {
    fn from(id: ObjectId) -> Uuid {
        id.to_uuid()
    }
}

impl TryFrom<Uuid> for ObjectId {
    type Error = ObjectIdError;

    fn try_from(uuid: Uuid) -> Result<Self, ObjectIdError> {
        Self::from_uuid(uuid)
    }
}

#[cfg(feature = "transform")]
impl From<bson::oid::ObjectId> for ObjectId {
    fn from(id: bson::oid::ObjectId) -> Self {
        ObjectId(id.bytes())
    }
}

#[cfg(feature = "transform")]
impl From<ObjectId> for bson::oid::ObjectId {
    fn from(id: ObjectId) -> Self {
        bson::oid::ObjectId::from_bytes(id.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    fn id(text: &str) -> ObjectId {
        text.parse().unwrap()
    }

    #[test]
    fn given_vector() {
        let uuid: Uuid = "013a7092-e8d8-7bcf-a1b3-5e650e40447c".parse().unwrap();
        assert_eq!(id("507f1f77bcf86cd799439011").to_uuid(), uuid);
        assert_eq!(ObjectId::from_uuid(uuid).unwrap().to_string(), "507f1f77bcf86cd799439011");
    }

    #[test]
    fn the_checksum_is_crc_10() {
        // The check value of CRC-10/ATM, which has this polynomial, in the CRC catalogue.
        assert_eq!(CRC.checksum(b"123456789"), 0x199);
    }

    #[test]
    fn both_ends_of_the_range() {
        for end in ["000000000000000000000000", "ffffffffffffffffffffffff"] {
            assert_eq!(ObjectId::from_uuid(id(end).to_uuid()).unwrap().to_string(), end);
        }
    }

    #[test]
    fn other_uuids_are_told_apart() {
        let good = id("507f1f77bcf86cd799439011").to_uuid();
        let (high, low) = good.as_u64_pair();
        let decode = |high, low| ObjectId::from_uuid(Uuid::from_u64_pair(high, low)).unwrap_err();
        assert!(matches!(decode(high & !0xf000 | 0x4000, low), ObjectIdError::NotVersion7(_)));
        assert!(matches!(decode(high, low & !(1 << 63)), ObjectIdError::NotVersion7(_)));
        assert!(matches!(decode(high + (1 << 16), low), ObjectIdError::Milliseconds(_)));
        assert!(matches!(decode((1000 << 32 << 16) | high & 0xffff, low), ObjectIdError::Time(_)));
        assert!(matches!(decode(high, low ^ 1), ObjectIdError::Checksum(_)));
    }

    #[test]
    fn texts_that_are_no_object_id() {
        for text in ["", "507f1f77bcf86cd79943901", "507f1f77bcf86cd7994390111", "507f1f77bcf86cd79943901g"] {
            assert!(text.parse::<ObjectId>().is_err(), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

        #[test]
        fn reversible(bytes: [u8; 12]) {
            let uuid = ObjectId(bytes).to_uuid();
            prop_assert_eq!(uuid.get_version_num(), 7);
            prop_assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
            prop_assert_eq!(ObjectId::from_uuid(uuid), Ok(ObjectId(bytes)));
        }

        #[test]
        fn keeps_the_order(a: [u8; 12], b: [u8; 12]) {
            prop_assert_eq!(ObjectId(a).cmp(&ObjectId(b)), ObjectId(a).to_uuid().cmp(&ObjectId(b).to_uuid()));
        }

        #[test]
        fn a_flipped_bit_is_noticed(bytes: [u8; 12], bit in 0..128_u32) {
            let flipped = Uuid::from_u128(ObjectId(bytes).to_uuid().as_u128() ^ (1 << bit));
            prop_assert!(ObjectId::from_uuid(flipped).is_err());
        }

        #[test]
        fn two_flipped_bits_of_the_payload_are_noticed(bytes: [u8; 12], a in 0..62_u32, b in 0..62_u32) {
            prop_assume!(a != b);
            let flipped = Uuid::from_u128(ObjectId(bytes).to_uuid().as_u128() ^ (1 << a) ^ (1 << b));
            prop_assert!(ObjectId::from_uuid(flipped).is_err());
        }

        #[test]
        fn hexadecimal_digits_come_back(bytes: [u8; 12]) {
            prop_assert_eq!(ObjectId(bytes).to_string().parse(), Ok(ObjectId(bytes)));
        }
    }
}
