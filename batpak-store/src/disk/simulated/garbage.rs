//! Bytes of deleted files, which blocks that a file gets anew may still hold.

use super::Random;
use super::sectors::SECTOR_BYTES;

/// Sectors that are remembered.
const SECTORS_MAX: usize = 64;

/// Deleted sectors, the latest ones; never a sector of zeros.
#[derive(Clone, Debug, Default)]
pub(super) struct Garbage {
    bytes: Vec<u8>,
    next: usize,
}

impl Garbage {
    /// Remembers what a file held from `from` on, whole sectors of it.
    pub(super) fn add(&mut self, file: &[u8], from: usize) {
        let whole = from.div_ceil(SECTOR_BYTES) * SECTOR_BYTES;
        let sectors = file.get(whole..).unwrap_or_default().chunks_exact(SECTOR_BYTES);
        for sector in sectors.filter(|sector| sector.iter().any(|byte| *byte != 0)) {
            if self.bytes.len() < SECTORS_MAX * SECTOR_BYTES {
                self.bytes.extend_from_slice(sector);
            } else if let Some(slot) = self.bytes.chunks_exact_mut(SECTOR_BYTES).nth(self.next) {
                slot.copy_from_slice(sector);
                self.next = (self.next + 1) % SECTORS_MAX;
            }
        }
    }

    /// Fills `file` from byte `from` on with neighbouring deleted sectors, at the places in a sector where they were.
    /// Returns false, and changes nothing, if nothing was ever deleted.
    pub(super) fn show(&self, file: &mut [u8], from: usize, random: &mut Random) -> bool {
        if self.bytes.is_empty() || from >= file.len() {
            return false;
        }
        let skip = random.index(self.bytes.len() / SECTOR_BYTES) * SECTOR_BYTES + from % SECTOR_BYTES;
        let target = file.get_mut(from..).unwrap_or_default();
        for (byte, old) in target.iter_mut().zip(self.bytes.iter().cycle().skip(skip)) {
            *byte = *old;
        }
        true
    }
}
