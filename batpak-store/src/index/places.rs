//! A hash table from what hashes to its place in a list that only grows: one writer inserts, readers look without waiting for it.

use arc_swap::ArcSwap;

use crate::sync::Arc;
use crate::sync::plain::{AtomicU64, Ordering};

/// Slots of the first table; each next one has twice as many.
const SLOTS_FIRST: usize = 256;

/// Knows 32 bits of each hash and the place; what is there, the caller knows. Only one thread may insert at a time.
///
/// Memory: 11 to 21 bytes for a place, since at most three of four slots are taken.
#[derive(Debug)]
pub(crate) struct Places {
    /// The hash in the upper half, which also says where to look from; the place plus one in the lower; 0 if the slot is free.
    slots: ArcSwap<Box<[AtomicU64]>>,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self { slots: ArcSwap::from_pointee(free(SLOTS_FIRST)) }
    }

    /// Inserts `place`, unless `same` says of another place with this hash that it holds the same.
    pub(crate) fn insert(&self, hash: u64, place: u32, same: impl Fn(u32) -> bool) {
        let mut slots = self.slots.load();
        if place as usize >= slots.len() / 4 * 3 {
            let larger = free(2 * slots.len());
            for slot in slots.iter().map(|slot| slot.load(Ordering::Relaxed)).filter(|slot| *slot != 0) {
                if let Some(to) = probe(&larger, slot >> 32).find(|to| to.load(Ordering::Relaxed) == 0) {
                    to.store(slot, Ordering::Relaxed);
                }
            }
            self.slots.store(Arc::new(larger));
            slots = self.slots.load();
        }
        let hash = hash >> 32;
        for slot in probe(&slots, hash) {
            match slot.load(Ordering::Relaxed) {
                0 => return slot.store(hash << 32 | (u64::from(place) + 1), Ordering::Release),
                taken if taken >> 32 == hash && same(place_in(taken)) => return,
                _ => {}
            }
        }
    }

    /// The place with this hash of which `same` says that it is the one.
    pub(crate) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let (slots, hash) = (self.slots.load(), hash >> 32);
        let taken = probe(&slots, hash).map(|slot| slot.load(Ordering::Acquire)).take_while(|slot| *slot != 0);
        { taken }.find(|slot| slot >> 32 == hash && same(place_in(*slot))).map(place_in)
    }
}

fn free(slots: usize) -> Box<[AtomicU64]> {
    (0..slots).map(|_| AtomicU64::new(0)).collect()
}

/// The slots that something with this hash may be in, in the order in which to look.
fn probe(slots: &[AtomicU64], hash: u64) -> impl Iterator<Item = &AtomicU64> {
    let start = usize::try_from(hash).unwrap_or_default() & slots.len().saturating_sub(1);
    let (front, back) = slots.split_at_checked(start).unwrap_or_default();
    back.iter().chain(front)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is 32 bits wide")]
fn place_in(slot: u64) -> u32 {
    (slot as u32).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_through_all_sizes_of_the_table_and_hashes_may_meet() {
        let places = Places::new();
        let hash = |item: u32| u64::from(item / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for item in 0..5000 {
            assert_eq!(places.find(hash(item), |place| place == item), None);
            places.insert(hash(item), item, |place| place == item);
        }
        assert!((0..5000).all(|item| places.find(hash(item), |place| place == item) == Some(item)));
    }

    #[test]
    fn the_same_many_times_takes_one_slot() {
        let places = Places::new();
        (0..100_000).for_each(|place| places.insert(7 << 40, place, |_| true));
        assert_eq!(places.find(7 << 40, |_| true), Some(0));
        assert_eq!(places.slots.load().iter().filter(|slot| slot.load(Ordering::Relaxed) != 0).count(), 1);
    }
}
