//! What archives are made of: the numbers that readers and writers share.

use crc::{CRC_64_XZ, Crc, Table};

/// The first four bytes of an archive, as a little-endian number.
pub(crate) const MAGIC: u32 = 0x8199_e26d;

/// What Go calls CRC-64/ECMA, with which the tools sum up each collection.
static CRC64: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// The checksum of what `before` sums up with `bytes` after it; of nothing it is 0.
pub(crate) fn extend_crc(before: u64, bytes: &[u8]) -> u64 {
    let mut digest = CRC64.digest_with_initial((!before).reverse_bits());
    digest.update(bytes);
    digest.finalize()
}
