//! The terms of an unsealed segment: by key for those who know one, and in order for those who ask for a prefix.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::Bound;

use foldhash::quality::RandomState;

use crate::sync::{Arc, PoisonError, RwLock};

use super::chunks::Chunks;
use super::growing::ActivePostings;
use super::places::Places;
use super::term::TermKey;

/// The lists by term. Only one thread may add terms at a time; who looks for one does not wait for it.
///
/// Most terms are streams, and most stores never ask for a prefix of one: so terms are put in order by whoever asks, once each.
#[derive(Debug)]
pub(crate) struct Terms {
    /// In the order in which they came.
    lists: Chunks<(TermKey, Arc<ActivePostings>)>,
    places: Places,
    hasher: RandomState,
    /// As many as were put in order.
    sorted: RwLock<BTreeMap<TermKey, u32>>,
}

impl Terms {
    pub(crate) fn new() -> Self {
        let (lists, places, hasher) = (Chunks::new(), Places::new(), RandomState::default());
        Self { lists, places, hasher, sorted: RwLock::default() }
    }

    /// The list of `term`, made now if there is none.
    pub(crate) fn list(&self, term: Vec<u8>, first_revision: u64) -> Arc<ActivePostings> {
        let hash = self.hasher.hash_one(term.as_slice());
        if let Some(list) = self.find(hash, &term) {
            return Arc::clone(list);
        }
        let list = Arc::new(ActivePostings::new(first_revision));
        let place = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        self.lists.push((TermKey::from(term), Arc::clone(&list)));
        self.places.insert(hash, place, |_| false);
        list
    }

    /// The list of `term`, if there is one.
    pub(crate) fn get(&self, term: &[u8]) -> Option<Arc<ActivePostings>> {
        self.find(self.hasher.hash_one(term), term).cloned()
    }

    fn find(&self, hash: u64, term: &[u8]) -> Option<&Arc<ActivePostings>> {
        let is = |place: u32| self.lists.get(place as usize).is_some_and(|(key, _)| key.as_bytes() == term);
        let place = self.places.find(hash, is)?;
        self.lists.get(place as usize).map(|(_, list)| list)
    }

    /// The terms that begin with `prefix`, in order.
    ///
    /// Cost: puts those in order that are new since the last question.
    pub(crate) fn starting_with(&self, prefix: &[u8]) -> Vec<(Box<[u8]>, Arc<ActivePostings>)> {
        let mut sorted = self.sorted.read().unwrap_or_else(PoisonError::into_inner);
        if sorted.len() < self.lists.len() {
            drop(sorted);
            let mut behind = self.sorted.write().unwrap_or_else(PoisonError::into_inner);
            for place in behind.len()..self.lists.len() {
                if let (Some((key, _)), Ok(number)) = (self.lists.get(place), u32::try_from(place)) {
                    behind.insert(key.clone(), number);
                }
            }
            drop(behind);
            sorted = self.sorted.read().unwrap_or_else(PoisonError::into_inner);
        }
        sorted
            .range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(key, _)| key.as_bytes().starts_with(prefix))
            .filter_map(|(key, place)| Some((key.as_bytes().into(), Arc::clone(&self.lists.get(*place as usize)?.1))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::term;

    #[test]
    fn terms_are_found_by_key_and_listed_in_order_however_they_came() {
        let terms = Terms::new();
        let mut naive = BTreeMap::new();
        for number in 0..2000_u32 {
            let key = match number % 3 {
                0 => term::key(term::KIND, &(number % 97).to_string()),
                1 => term::stream("scope", &(number * 7919 % 1000).to_string()),
                _ => term::key(term::TAG, &format!("a tag that is too long to be kept in place {number}")),
            };
            let list = terms.list(key.clone(), 1);
            assert!(Arc::ptr_eq(&list, naive.entry(key.clone()).or_insert_with(|| Arc::clone(&list))));
            assert!(Arc::ptr_eq(&list, &terms.get(&key).unwrap()));
            if number % 100 == 0 {
                for prefix in [&b""[..], b"k", b"e1", b"ta tag", b"x", b"\xff"] {
                    let found: Vec<Box<[u8]>> = terms.starting_with(prefix).into_iter().map(|(key, _)| key).collect();
                    let wanted = naive.keys().filter(|key| key.starts_with(prefix));
                    assert!(found.iter().map(|key| &**key).eq(wanted.map(Vec::as_slice)));
                }
            }
        }
        assert!(terms.get(b"k").is_none() && terms.get(b"\xff").is_none());
    }
}
