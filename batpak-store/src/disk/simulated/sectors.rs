//! A set of sectors of a file, one bit each.

/// Bytes that a disk writes as one, or tears.
pub(super) const SECTOR_BYTES: usize = 512;

/// Sectors by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Sectors(Vec<u64>);

/// The sectors that the bytes from `from` up to `to` touch.
pub(super) fn touched(from: usize, to: usize) -> (usize, usize) {
    if from < to { (from / SECTOR_BYTES, to.div_ceil(SECTOR_BYTES)) } else { (0, 0) }
}

/// The bytes of `sector` in a file of `len` bytes; empty if it lies behind the end.
pub(super) fn bytes_of(sector: usize, len: usize) -> std::ops::Range<usize> {
    let start = sector.saturating_mul(SECTOR_BYTES).min(len);
    start..start.saturating_add(SECTOR_BYTES).min(len)
}

/// The bits of word `word` that the sectors from `first` up to `end` have.
fn mask(word: usize, first: usize, end: usize) -> u64 {
    let low = first.saturating_sub(word * 64).min(64);
    let high = end.saturating_sub(word * 64).min(64);
    if low >= high { 0 } else { (u64::MAX << low) & (u64::MAX >> (64 - high)) }
}

impl Sectors {
    /// Adds the sectors from `first` up to `end`.
    pub(super) fn insert(&mut self, (first, end): (usize, usize)) {
        if self.0.len() < end.div_ceil(64) {
            self.0.resize(end.div_ceil(64), 0);
        }
        self.each_word(first, end, |word, mask| *word |= mask);
    }

    /// Takes out the sectors from `first` up to `end`.
    pub(super) fn remove(&mut self, (first, end): (usize, usize)) {
        self.each_word(first, end, |word, mask| *word &= !mask);
    }

    /// Takes out the sectors from `first` on.
    pub(super) fn remove_from(&mut self, first: usize) {
        self.remove((first, self.0.len() * 64));
    }

    /// Takes out all sectors; keeps the room.
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Whether any of the sectors from `first` up to `end` is there.
    pub(super) fn touches(&self, (first, end): (usize, usize)) -> bool {
        let mut words = self.0.iter().enumerate().take(end.div_ceil(64)).skip(first / 64);
        words.any(|(at, word)| word & mask(at, first, end) != 0)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// All sectors, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(at * 64 + bit)
            })
        })
    }

    fn each_word(&mut self, first: usize, end: usize, change: impl Fn(&mut u64, u64)) {
        let words = self.0.iter_mut().enumerate().take(end.div_ceil(64)).skip(first / 64);
        for (at, word) in words {
            change(word, mask(at, first, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Random;
    use super::*;

    #[test]
    fn agrees_with_a_plain_set() {
        let mut random = Random::new(3);
        let (mut sectors, mut plain) = (Sectors::default(), BTreeSet::new());
        for _ in 0..2_000 {
            let first = random.index(300);
            let end = first + random.index(140);
            match random.below(8) {
                0..4 => {
                    sectors.insert((first, end));
                    plain.extend(first..end);
                }
                4..7 => {
                    sectors.remove((first, end));
                    plain.retain(|sector| !(first..end).contains(sector));
                }
                _ => {
                    sectors.remove_from(first);
                    plain.retain(|sector| *sector < first);
                }
            }
            assert!(sectors.iter().eq(plain.iter().copied()));
            assert_eq!(sectors.touches((first, end)), plain.range(first..end).next().is_some());
            assert_eq!(sectors.len(), plain.len());
        }
    }

    #[test]
    fn sectors_of_bytes() {
        assert_eq!(
            (touched(0, 0), touched(0, 1), touched(511, 513), touched(512, 1024)),
            ((0, 0), (0, 1), (0, 2), (1, 2))
        );
        assert_eq!((bytes_of(0, 100), bytes_of(1, 600), bytes_of(2, 600)), (0..100, 512..600, 600..600));
    }
}
