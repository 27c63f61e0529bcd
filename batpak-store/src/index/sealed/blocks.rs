//! Which 16 KiB blocks of a mapped file match their checksums: each is checked when it is first touched, then remembered.

use std::fmt;
use std::ops::Range;

use super::damage::IndexDamage;
use super::layout::Part;
use super::reader::SealedIndex;
use crate::sync::{AtomicU64, Ordering};

/// Bytes that one checksum covers.
pub(super) const BLOCK: usize = 16 << 10;
pub(super) const BLOCK_BYTES: u64 = BLOCK as u64;

/// Blocks that so many bytes take; the last one may be short.
pub(super) const fn block_count(bytes: u64) -> u64 {
    bytes.div_ceil(BLOCK_BYTES)
}

/// CRC32C of a block.
pub(super) fn block_check(block: &[u8]) -> u32 {
    crc32c::crc32c(block)
}

/// One bit for each block that was found to match. Costs one byte of memory for 128 KiB.
pub(super) struct Verified {
    bits: Box<[AtomicU64]>,
}

impl Verified {
    /// Nothing is verified yet of so many bytes.
    pub fn new(bytes: usize) -> Self {
        let words = bytes.div_ceil(BLOCK).div_ceil(64);
        Self { bits: (0..words).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The bytes of `range`, once every block of `bytes` that it touches is known to match what `expected` says of it.
    ///
    /// `None` if the range goes beyond the bytes; otherwise the error of the first block that does not match, made by
    /// `mismatch`, or the one `expected` gave. Any number of threads may check the same block at once.
    #[inline]
    pub fn check<'a>(
        &self,
        bytes: &'a [u8],
        range: Range<usize>,
        expected: impl Fn(u64) -> Result<u32, IndexDamage>,
        mismatch: fn(u64) -> IndexDamage,
    ) -> Result<Option<&'a [u8]>, IndexDamage> {
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        let Some(wanted) = bytes.get(range) else {
            return Ok(None);
        };
        for block in blocks {
            if !self.is_verified(block) && !wanted.is_empty() {
                self.verify(bytes, block, &expected, mismatch)?;
            }
        }
        Ok(Some(wanted))
    }

    #[cold]
    fn verify(
        &self,
        bytes: &[u8],
        block: usize,
        expected: &dyn Fn(u64) -> Result<u32, IndexDamage>,
        mismatch: fn(u64) -> IndexDamage,
    ) -> Result<(), IndexDamage> {
        let start = block.saturating_mul(BLOCK);
        let end = start.saturating_add(BLOCK).min(bytes.len());
        let number = block as u64;
        if block_check(bytes.get(start..end).unwrap_or_default()) != expected(number)? {
            return Err(mismatch(number));
        }
        if let Some(word) = self.bits.get(block / 64) {
            word.fetch_or(1 << (block % 64), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Relaxed is enough: a bit says something of bytes that do not change, and carries nothing else along.
    #[inline]
    fn is_verified(&self, block: usize) -> bool {
        let word = self.bits.get(block / 64);
        word.is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (block % 64)) != 0)
    }
}

/// The blocks of a sealed log file, vouched for by its index.
pub(crate) struct Blocks {
    verified: Verified,
    length: usize,
    index: SealedIndex,
}

impl Blocks {
    /// Nothing is verified yet.
    pub(super) fn new(index: SealedIndex, length: usize) -> Self {
        Self { verified: Verified::new(length), length, index }
    }

    /// The bytes of `range` of the log file `bytes`, once every block that it touches is known to match its checksum.
    ///
    /// Cost: nothing but a look at a bit after the first time; then one pass over each block of 16 KiB. `bytes` may be
    /// longer than the log (a file is filled with zeros ahead), never shorter.
    ///
    /// # Errors
    /// [`IndexDamage::LogBlock`] if the log is damaged there or ends before; others if the index is.
    pub(crate) fn check<'a>(&self, bytes: &'a [u8], range: Range<usize>) -> Result<&'a [u8], IndexDamage> {
        let outside = IndexDamage::LogBlock(range.end.saturating_sub(1) as u64 / BLOCK_BYTES);
        let bytes = bytes.get(..self.length).ok_or(outside)?;
        let expected = |block| self.index.u32_at(Part::LogBlocks, block);
        self.verified.check(bytes, range, expected, IndexDamage::LogBlock)?.ok_or(outside)
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocks").field("length", &self.length).finish_non_exhaustive()
    }
}
