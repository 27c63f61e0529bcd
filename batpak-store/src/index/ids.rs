//! The ids of an unsealed segment.

use std::hash::BuildHasher;

use batpak_core::EventId;
use foldhash::quality::RandomState;

use super::chunks::Words;
use super::places::Places;

/// Finds events by id. Only one thread may push at a time; others look without waiting for it.
///
/// Memory: 16 bytes for an id, and what [`Places`] takes.
#[derive(Debug)]
pub(crate) struct Ids {
    /// Two words an id.
    words: Words,
    places: Places,
    hasher: RandomState,
}

impl Ids {
    pub(crate) fn new() -> Self {
        Self { words: Words::new(), places: Places::new(), hasher: RandomState::default() }
    }

    /// Appends the id of the next event. An id that is there already keeps its first event.
    pub(crate) fn push(&self, rel: u32, id: &EventId) {
        let (first, second) = words(id);
        self.words.push(first);
        self.words.push(second);
        self.places.insert(self.hash(first, second), rel, |rel| self.holds(rel, first, second));
    }

    /// The place of the event with this id, published or not.
    pub(crate) fn find(&self, id: &EventId) -> Option<u32> {
        let (first, second) = words(id);
        self.places.find(self.hash(first, second), |rel| self.holds(rel, first, second))
    }

    fn holds(&self, rel: u32, first: u64, second: u64) -> bool {
        let at = 2 * rel as usize;
        self.words.get(at) == Some(first) && self.words.get(at + 1) == Some(second)
    }

    /// Seeded, so that nobody can choose ids that meet.
    fn hash(&self, first: u64, second: u64) -> u64 {
        self.hasher.hash_one(u128::from(first) << 64 | u128::from(second))
    }
}

fn words(id: &EventId) -> (u64, u64) {
    let id = u128::from_be_bytes(*id.as_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    ((id >> 64) as u64, id as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_and_the_first_event_counts() {
        let ids = Ids::new();
        let id = |number: u32| EventId::from_bytes((u128::from(number) * 0x9e37_79b9_7f4a_7c15_f39c).to_be_bytes());
        assert_eq!(ids.find(&id(1)), None);
        for number in 0..5000 {
            ids.push(2 * number, &id(number));
            ids.push(2 * number + 1, &id(number / 2));
        }
        assert!((0..5000).all(|number| ids.find(&id(number)) == Some(2 * number)));
        assert_eq!((5000..9000).find_map(|number| ids.find(&id(number))), None);
    }
}
