//! The two checksums of a frame: a chained one over everything and a short one over its header alone.

use twox_hash::XxHash3_64;

/// Where bytes belong: checksums cover the place, so bytes written to, or copied from, another place never pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Number of the segment.
    pub segment: u64,
    /// The segment's random salt, unknown to whoever produces payloads.
    pub salt: u64,
    /// Byte offset in the segment file.
    pub offset: u32,
}

/// The 64-bit chained checksum (XXH3-64) of `bytes` at `place`, seeded with its predecessor's checksum.
///
/// A frame that is stale, moved or resurrected has another predecessor or another place and so another seed.
pub(crate) fn chained(previous: u64, place: Place, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(seed(previous, place), bytes)
}

/// A short check (CRC32C) of a frame header at `place`, independent of the predecessor, so that a look-ahead can
/// recognise a frame whose predecessor is damaged.
pub(crate) fn header_check(place: Place, bytes: &[u8]) -> u32 {
    let mut prefix = [0_u8; 20];
    let (salt, rest) = prefix.split_at_mut(8);
    let (segment, offset) = rest.split_at_mut(8);
    salt.copy_from_slice(&place.salt.to_le_bytes());
    segment.copy_from_slice(&place.segment.to_le_bytes());
    offset.copy_from_slice(&place.offset.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&prefix), bytes)
}

/// The checksum of a block of bytes that belongs to no chain (a segment header).
pub(crate) fn plain(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(PLAIN_SEED, bytes)
}

/// Seed of [`plain`]: not zero, so that zeros never check.
const PLAIN_SEED: u64 = 0x6261_7470_616b_3031;

/// Mixes place and predecessor.
fn seed(previous: u64, place: Place) -> u64 {
    mix(previous
        ^ place.salt.rotate_left(32)
        ^ place.segment.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ u64::from(place.offset).wrapping_mul(0xd6e8_feb8_6659_fd93))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection.
pub(crate) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
