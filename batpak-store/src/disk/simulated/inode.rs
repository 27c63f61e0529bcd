//! The bytes of one file, twice: as the cache shows them and as the disk has them.

use super::cut::{Cut, Fate};
use super::sectors::{SECTOR_BYTES, Sectors, bytes_of, touched};
use super::{Garbage, Random, Stats};

/// A file without its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    cache: Vec<u8>,
    disk: Vec<u8>,
    /// Sectors that the next sync writes.
    dirty: Sectors,
    /// Sectors that a failed sync left clean although the disk has other bytes.
    lost: Sectors,
    /// Sectors that cannot be read until they are written again.
    spoilt: Sectors,
    /// The shortest that the file was since its length was last synced.
    low: usize,
}

/// Copies `range` of `from` to the same place of `to`.
fn copy(from: &[u8], to: &mut [u8], range: std::ops::Range<usize>) {
    if let (Some(from), Some(to)) = (from.get(range.clone()), to.get_mut(range)) {
        to.copy_from_slice(from);
    }
}

impl Inode {
    /// What a reader sees.
    pub(super) fn cache(&self) -> &[u8] {
        &self.cache
    }

    /// What the disk has.
    pub(super) fn disk(&self) -> &[u8] {
        &self.disk
    }

    /// Whether the bytes from `from` up to `to` can be read.
    pub(super) fn is_readable(&self, from: usize, to: usize) -> bool {
        !self.spoilt.touches(touched(from, to))
    }

    /// Makes the sector of `byte` unreadable. Returns whether there is one.
    pub(super) fn spoil(&mut self, byte: usize) -> bool {
        let there = byte < self.cache.len();
        if there {
            self.spoilt.insert(touched(byte, byte + 1));
        }
        there
    }

    /// Reads at `offset`; returns how much there was.
    pub(super) fn read(&self, offset: usize, into: &mut [u8]) -> usize {
        let found = self.cache.get(offset..).unwrap_or_default();
        let count = found.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), found.get(..count)) {
            to.copy_from_slice(from);
        }
        count
    }

    /// Writes at `offset`, which with the bytes must not overflow.
    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if offset > self.cache.len() {
            self.extend(offset);
        }
        let (over, beyond) = bytes.split_at(bytes.len().min(self.cache.len() - offset));
        if let Some(target) = self.cache.get_mut(offset..offset + over.len()) {
            target.copy_from_slice(over);
        }
        self.cache.extend_from_slice(beyond);
        self.touch(touched(offset, offset + bytes.len()));
    }

    /// Cuts or extends the file.
    pub(super) fn set_len(&mut self, len: usize) {
        if len > self.cache.len() {
            self.extend(len);
        } else if len < self.cache.len() {
            self.cache.truncate(len);
            self.dirty.remove_from(len.div_ceil(SECTOR_BYTES));
            self.lost.remove_from(len.div_ceil(SECTOR_BYTES));
            self.spoilt.remove_from(len.div_ceil(SECTOR_BYTES));
            self.low = self.low.min(len);
        }
    }

    /// Extends with zeros: dirty ones where the disk still has bytes that a truncation took.
    fn extend(&mut self, len: usize) {
        let stale = touched(self.cache.len(), len.min(self.disk.len()));
        self.cache.resize(len, 0);
        self.touch(stale);
    }

    fn touch(&mut self, sectors: (usize, usize)) {
        self.dirty.insert(sectors);
        self.lost.remove(sectors);
        self.spoilt.remove(sectors);
    }

    /// Whether a power cut could change the length.
    fn resized(&self) -> bool {
        self.cache.len() != self.disk.len() || self.low < self.disk.len()
    }

    /// How many decisions a power cut takes here.
    pub(super) fn unsynced(&self) -> usize {
        self.dirty.len() + usize::from(self.resized())
    }

    /// Makes the disk agree, but for what an earlier sync lost.
    pub(super) fn sync(&mut self, garbage: &mut Garbage) {
        self.sync_len(garbage);
        for sector in self.dirty.iter() {
            copy(&self.cache, &mut self.disk, bytes_of(sector, self.cache.len()));
        }
        self.dirty.clear();
    }

    fn sync_len(&mut self, garbage: &mut Garbage) {
        garbage.add(&self.disk, self.cache.len());
        self.disk.resize(self.cache.len(), 0);
        self.low = self.cache.len();
    }

    /// A sync that fails: a share of the dirty sectors lands, the others are lost, in the cache too with `revert`; none stays dirty.
    pub(super) fn fail_sync(&mut self, revert: bool, garbage: &mut Garbage, random: &mut Random, stats: &mut Stats) {
        let landing = random.pick(&[0, 500, 900]).copied().unwrap_or(0);
        if random.coin() {
            self.sync_len(garbage);
        }
        let dirty = std::mem::take(&mut self.dirty);
        for sector in dirty.iter() {
            let bytes = bytes_of(sector, self.cache.len());
            if bytes.end <= self.disk.len() && random.per_mille(landing) {
                copy(&self.cache, &mut self.disk, bytes);
                continue;
            }
            stats.sectors_lost_by_syncs += 1;
            if revert {
                self.show_disk(sector);
            } else {
                self.lost.insert((sector, sector + 1));
            }
        }
    }

    /// Makes the cache show what the disk has of `sector`.
    fn show_disk(&mut self, sector: usize) {
        let bytes = bytes_of(sector, self.cache.len());
        if let Some(target) = self.cache.get_mut(bytes.clone()) {
            let found = self.disk.get(bytes.start..).unwrap_or_default();
            let old = found.iter().copied().chain(std::iter::repeat(0));
            target.iter_mut().zip(old).for_each(|(to, from)| *to = from);
        }
    }

    /// Drops the cache after a successful sync: what an earlier sync lost shows. Returns how many sectors that are.
    pub(super) fn drop_cache(&mut self) -> u64 {
        let lost = std::mem::take(&mut self.lost);
        let mut found = 0;
        for sector in lost.iter() {
            self.show_disk(sector);
            found += 1;
        }
        found
    }

    /// The system writes some dirty sectors of its own accord, where the disk knows that the file is that long. Returns how many.
    pub(super) fn write_back(&mut self, random: &mut Random) -> u64 {
        let chosen: Vec<usize> = self
            .dirty
            .iter()
            .filter(|sector| bytes_of(*sector, self.cache.len()).end <= self.disk.len())
            .filter(|_| random.coin())
            .collect();
        for sector in &chosen {
            copy(&self.cache, &mut self.disk, bytes_of(*sector, self.cache.len()));
            self.dirty.remove((*sector, *sector + 1));
        }
        chosen.len() as u64
    }

    /// The power fails: the disk gets what it gets, and the cache is gone.
    pub(super) fn power_cut(&mut self, cut: &mut Cut<'_>) {
        let (old, new) = (self.disk.len(), self.cache.len());
        let changed_from = self.low.min(old).min(new);
        let resized = self.resized();
        let len = if resized { cut.len(old, changed_from, new) } else { old };
        cut.garbage.add(&self.disk, len);
        self.disk.resize(len, 0);
        if len > old {
            cut.fill(&mut self.disk, old);
        }
        let dirty = std::mem::take(&mut self.dirty);
        for sector in dirty.iter() {
            let bytes = bytes_of(sector, len.min(new));
            let (start, end) = (bytes.start, bytes.end);
            match cut.sector() {
                Fate::Lost => cut.stats.lost_sectors += 1,
                Fate::Kept => {
                    cut.stats.kept_sectors += 1;
                    copy(&self.cache, &mut self.disk, start..end);
                }
                Fate::Torn { at, front } => {
                    cut.stats.torn_sectors += 1;
                    let at = (start + at).min(end);
                    copy(&self.cache, &mut self.disk, if front { start..at } else { at..end });
                }
            }
        }
        self.cache.resize(len, 0);
        cut.stats.sectors_found_lost += self.drop_cache();
        for sector in dirty.iter() {
            copy(&self.disk, &mut self.cache, bytes_of(sector, len));
        }
        if resized {
            copy(&self.disk, &mut self.cache, changed_from.min(len)..len);
        }
        self.low = len;
    }

    /// Changes both images, as damage does that no crash explains. Returns false if `change` finds nothing to change in the cache.
    pub(super) fn damage(&mut self, change: impl Fn(&mut Vec<u8>) -> bool) -> bool {
        let changed = change(&mut self.cache);
        change(&mut self.disk);
        let len = self.cache.len();
        self.dirty.remove_from(len.div_ceil(SECTOR_BYTES));
        self.lost.remove_from(len.div_ceil(SECTOR_BYTES));
        self.spoilt.remove_from(len.div_ceil(SECTOR_BYTES));
        self.low = self.low.min(len);
        changed
    }
}
