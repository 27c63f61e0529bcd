//! What a power cut takes: one decision for each unsynced sector, length and name.

use super::sectors::SECTOR_BYTES;
use super::{Faults, Garbage, Random, Stats};

/// What happens to an unsynced sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The disk has it.
    Kept,
    /// The disk has what it had before.
    Lost,
    /// The disk has its bytes before `at`, or else those from `at` on.
    Torn { at: usize, front: bool },
}

/// How a power cut decides.
#[derive(Debug)]
enum Choice {
    /// By the rates of the faults; of the sectors and of the names this share survives.
    Drawn { sectors: u16, names: u16 },
    /// As asked for: the lowest bit decides first, a set bit keeps.
    Given { bits: u64 },
}

/// A power cut in progress.
pub(super) struct Cut<'a> {
    pub(super) faults: Faults,
    pub(super) random: &'a mut Random,
    pub(super) garbage: &'a mut Garbage,
    pub(super) stats: &'a mut Stats,
    choice: Choice,
}

impl<'a> Cut<'a> {
    /// A random cut, or, with `bits`, one that keeps just what they say.
    pub(super) fn new(
        faults: Faults,
        random: &'a mut Random,
        garbage: &'a mut Garbage,
        stats: &'a mut Stats,
        bits: Option<u64>,
    ) -> Self {
        let mut rate = || faults.kept.or_else(|| random.pick(&[0, 100, 500, 900]).copied()).unwrap_or(0);
        let choice =
            bits.map_or_else(|| Choice::Drawn { sectors: rate(), names: rate() }, |bits| Choice::Given { bits });
        Self { faults, random, garbage, stats, choice }
    }

    /// The next of the decisions that were asked for.
    fn next(bits: &mut u64) -> bool {
        let kept = *bits & 1 == 1;
        *bits >>= 1;
        kept
    }

    /// Decides about a sector.
    pub(super) fn sector(&mut self) -> Fate {
        let kept = match &mut self.choice {
            Choice::Drawn { sectors, .. } => self.random.per_mille(*sectors),
            Choice::Given { bits } => return if Self::next(bits) { Fate::Kept } else { Fate::Lost },
        };
        if !kept {
            Fate::Lost
        } else if self.random.per_mille(self.faults.torn_sectors) {
            Fate::Torn { at: 1 + self.random.index(SECTOR_BYTES - 1), front: self.random.coin() }
        } else {
            Fate::Kept
        }
    }

    /// Decides about a change of a name.
    pub(super) fn keeps_name(&mut self) -> bool {
        let kept = match &mut self.choice {
            Choice::Drawn { names, .. } => self.random.per_mille(*names),
            Choice::Given { bits } => Self::next(bits),
        };
        *(if kept { &mut self.stats.kept_names } else { &mut self.stats.lost_names }) += 1;
        kept
    }

    /// How many of `pending` changes of names a journal kept.
    pub(super) fn journal(&mut self, pending: usize) -> usize {
        let kept = match &mut self.choice {
            Choice::Drawn { .. } => match self.faults.kept {
                Some(0) => 0,
                Some(1_000) => pending,
                _ => self.random.index(pending + 1),
            },
            Choice::Given { bits } => {
                let kept = (bits.trailing_ones() as usize).min(pending);
                *bits = bits.unbounded_shr(u32::try_from(pending).unwrap_or(u32::MAX));
                kept
            }
        };
        self.stats.kept_names += kept as u64;
        self.stats.lost_names += (pending - kept) as u64;
        kept
    }

    /// The length of a file that the disk knows with length `old`, the cache with `new`, and that was once `low` bytes short.
    pub(super) fn len(&mut self, old: usize, low: usize, new: usize) -> usize {
        let len = match &mut self.choice {
            Choice::Given { bits } => {
                if Self::next(bits) {
                    new
                } else {
                    old
                }
            }
            Choice::Drawn { .. } => match self.random.below(3) {
                0 => old,
                1 => new,
                _ => low + self.random.index(old.max(new) - low + 1),
            },
        };
        self.stats.lengths_between += u64::from(len != old && len != new);
        self.stats.lost_truncations += u64::from(len == old && new < old);
        len
    }

    /// Fills what a file was extended by with bytes of deleted files, if it comes to that.
    pub(super) fn fill(&mut self, file: &mut [u8], from: usize) {
        if matches!(self.choice, Choice::Drawn { .. })
            && self.random.per_mille(self.faults.garbage)
            && self.garbage.show(file, from, self.random)
        {
            self.stats.garbage_tails += 1;
        }
    }
}
