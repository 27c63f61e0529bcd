//! Variable-length numbers: little-endian base 128 (LEB128) for `u64`, always in the fewest bytes.
//!
//! The same wire form as postcard's unsigned integers; signed ones are zigzagged first, as there.

/// The most bytes that one number takes.
pub const VARINT_BYTES_MAX: usize = 10;

/// The number of bytes that [`write()`] appends for `value`.
#[must_use]
pub const fn size(value: u64) -> usize {
    // Seven bits a byte; zero still takes one.
    let bits = 64 - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Appends `value` to `out`.
#[inline]
pub fn write(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(low_bits(rest) | 0x80);
        rest >>= 7;
    }
    out.push(low_bits(rest));
}

/// The number at the start of `bytes` and how many bytes it took; `None` if it is cut off, does not fit 64 bits or
/// could have been written in fewer bytes.
#[inline]
#[must_use]
pub fn read(bytes: &[u8]) -> Option<(u64, usize)> {
    match bytes {
        [first, ..] if *first < 0x80 => Some((u64::from(*first), 1)),
        [first, second, ..] if *second < 0x80 && *second > 0 => {
            Some((u64::from(*first & 0x7f) | (u64::from(*second) << 7), 2))
        }
        _ => read_long(bytes),
    }
}

fn read_long(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(VARINT_BYTES_MAX).enumerate() {
        if index + 1 == VARINT_BYTES_MAX && *byte > 1 {
            return None;
        }
        value |= u64::from(*byte & 0x7f) << (7 * index);
        if *byte < 0x80 {
            let minimal = *byte > 0 || index == 0;
            return minimal.then_some((value, index + 1));
        }
    }
    None
}

/// Maps signed to unsigned so that small magnitudes stay short: 0, -1, 1, -2 become 0, 1, 2, 3.
#[inline]
#[must_use]
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// The inverse of [`zigzag`].
#[inline]
#[must_use]
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[inline]
const fn low_bits(value: u64) -> u8 {
    (value & 0x7f) as u8
}
