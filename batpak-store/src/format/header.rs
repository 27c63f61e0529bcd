//! The header of a segment file: who the segment belongs to, where it starts, and what came before it.

use batpak_core::{Hlc, Position, StoreId};

use super::checksum;

/// Bytes that the header takes, so that no frame shares a disk block with it.
pub(crate) const HEADER_BYTES: u32 = 4096;
/// Version of the format that this code writes.
pub(crate) const FORMAT_VERSION: u16 = 1;

/// First bytes of every segment: not text, and broken by any transfer that converts line ends (as in PNG).
const MAGIC: [u8; 12] = *b"\x89batpak\r\n\x1a\n\x01";
/// Bytes that the checksum covers.
const CHECKED_BYTES: usize = 112;

const _: () = assert!(CHECKED_BYTES + 8 <= HEADER_BYTES as usize);

/// A segment's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// The store that this segment belongs to.
    pub store: StoreId,
    /// Number of the segment, 0 for the first.
    pub number: u64,
    /// Position of the first event in it.
    pub first_position: Position,
    /// Random; covered by every checksum of the segment.
    pub salt: u64,
    /// Length of the predecessor up to its last commit; 0 for the first segment.
    pub predecessor_length: u32,
    /// Checksum of the predecessor's last frame (of its header, if it has none); 0 for the first segment.
    pub predecessor_checksum: u64,
    /// The newest recorded time before this segment.
    pub clock: Hlc,
    /// Marks of the whole store: bit 0 is reserved for *governed*.
    pub marks: u32,
    /// Features of a newer version that a reader may ignore and a writer may not.
    pub read_only: u32,
}

/// Why a header was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// Too short, or the checksum does not match.
    Damaged,
    /// Written by a newer version; the number is the format version or the incompatible feature bits.
    Unsupported(u32),
}

impl SegmentHeader {
    /// The header's bytes; the rest of [`HEADER_BYTES`] is zero.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES as usize);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&[0; 4]); // compat
        out.extend_from_slice(&self.read_only.to_le_bytes());
        out.extend_from_slice(&[0; 4]); // incompat
        out.extend_from_slice(self.store.as_bytes());
        out.extend_from_slice(&self.number.to_le_bytes());
        out.extend_from_slice(&self.first_position.get().to_le_bytes());
        out.extend_from_slice(&self.salt.to_le_bytes());
        out.extend_from_slice(&self.predecessor_checksum.to_le_bytes());
        out.extend_from_slice(&self.predecessor_length.to_le_bytes());
        out.extend_from_slice(&self.marks.to_le_bytes());
        out.extend_from_slice(&self.clock.wall_us.to_le_bytes());
        out.extend_from_slice(&self.clock.counter.to_le_bytes());
        out.resize(CHECKED_BYTES, 0);
        out.extend_from_slice(&checksum::plain(&out).to_le_bytes());
        out.resize(HEADER_BYTES as usize, 0);
        out
    }

    /// Reads a header from the first [`HEADER_BYTES`] of a segment; total over any bytes.
    ///
    /// Returns the header and its checksum, which seeds the segment's first frame.
    pub(crate) fn decode(bytes: &[u8]) -> Result<(Self, u64), HeaderFault> {
        let checked = bytes.get(..CHECKED_BYTES).ok_or(HeaderFault::Damaged)?;
        let rest = bytes.get(CHECKED_BYTES..HEADER_BYTES as usize).ok_or(HeaderFault::Damaged)?;
        let (stored, zeros) = rest.split_first_chunk::<8>().ok_or(HeaderFault::Damaged)?;
        let checksum = checksum::plain(checked);
        if u64::from_le_bytes(*stored) != checksum || !checked.starts_with(&MAGIC) || zeros.iter().any(|b| *b != 0) {
            return Err(HeaderFault::Damaged);
        }
        let mut fields = Fields(checked.get(MAGIC.len()..).ok_or(HeaderFault::Damaged)?);
        let version = u16::from_le_bytes(fields.take()?);
        let _: [u8; 2] = fields.take()?;
        let [_compat, read_only, incompat] = [fields.u32()?, fields.u32()?, fields.u32()?];
        if version != FORMAT_VERSION {
            return Err(HeaderFault::Unsupported(u32::from(version)));
        }
        if incompat != 0 {
            return Err(HeaderFault::Unsupported(incompat));
        }
        let header = Self {
            store: StoreId::from_bytes(fields.take()?),
            number: fields.u64()?,
            first_position: Position::new(fields.u64()?),
            salt: fields.u64()?,
            predecessor_checksum: fields.u64()?,
            predecessor_length: fields.u32()?,
            marks: fields.u32()?,
            read_only,
            clock: Hlc { wall_us: fields.u64()?, counter: u16::from_le_bytes(fields.take()?) },
        };
        Ok((header, checksum))
    }
}

/// Takes fixed-width little-endian fields off the front.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], HeaderFault> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(HeaderFault::Damaged)?;
        self.0 = tail;
        Ok(*head)
    }
    fn u32(&mut self) -> Result<u32, HeaderFault> {
        self.take().map(u32::from_le_bytes)
    }
    fn u64(&mut self) -> Result<u64, HeaderFault> {
        self.take().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> SegmentHeader {
        SegmentHeader {
            store: StoreId::from_bytes([7; 16]),
            number: 3,
            first_position: Position::new(42),
            salt: 99,
            predecessor_length: 5000,
            predecessor_checksum: 77,
            clock: Hlc { wall_us: 1_700_000_000_000_000, counter: 5 },
            marks: 0,
            read_only: 0,
        }
    }

    #[test]
    fn a_header_reads_back() {
        let bytes = header().encode();
        assert_eq!(bytes.len(), HEADER_BYTES as usize);
        assert_eq!(SegmentHeader::decode(&bytes).map(|(h, _)| h), Ok(header()));
    }

    #[test]
    fn any_flipped_bit_or_cut_of_a_header_is_noticed() {
        let bytes = header().encode();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(SegmentHeader::decode(&bad).is_err(), "byte {at}");
            assert!(SegmentHeader::decode(&bytes[..at]).is_err(), "cut {at}");
        }
        assert_eq!(SegmentHeader::decode(&[0; 4096]), Err(HeaderFault::Damaged));
    }
}
