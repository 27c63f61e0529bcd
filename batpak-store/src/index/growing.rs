//! A term's postings while its segment grows: one writer appends, readers look without waiting for it.
//!
//! A list is a chain of chunks, each full before the next one is made, so that nothing ever moves. The writer keeps the newest chunk of
//! a list at hand and touches nothing else of it.

use crate::sync::plain::{AtomicU32, Ordering};
use crate::sync::{Arc, OnceLock};

use super::postings::{Direction, PostingsCursor};

/// Events that a list holds in place: most streams have no more in one segment.
const FEW: usize = 5;
/// Events of the first chunk beyond; each next one holds twice as many.
const CHUNK_FIRST: usize = 16;

/// Places of one term's events in the segment, ascending.
#[derive(Debug, Default)]
pub(crate) struct ActivePostings {
    few_len: AtomicU32,
    few: [AtomicU32; FEW],
    more: OnceLock<Arc<Chunk>>,
    first_revision: u64,
}

#[derive(Debug)]
struct Chunk {
    len: AtomicU32,
    items: Box<[AtomicU32]>,
    next: OnceLock<Arc<Chunk>>,
}

/// The writer's end of a list. Only one thread may push to a list at a time.
#[derive(Debug)]
pub(crate) struct Tail {
    list: Arc<ActivePostings>,
    chunk: Option<Arc<Chunk>>,
}

impl Chunk {
    fn of(items: usize) -> Arc<Self> {
        let items = (0..items).map(|_| AtomicU32::new(0)).collect();
        Arc::new(Self { len: AtomicU32::new(0), items, next: OnceLock::new() })
    }
}

/// Appends `rel`; false if there is no room left.
fn append(len: &AtomicU32, items: &[AtomicU32], rel: u32) -> bool {
    let at = len.load(Ordering::Relaxed);
    let Some(slot) = items.get(at as usize) else { return false };
    slot.store(rel, Ordering::Relaxed);
    len.store(at + 1, Ordering::Release);
    true
}

/// What is in a chunk now.
fn filled<'a>(len: &AtomicU32, items: &'a [AtomicU32]) -> &'a [AtomicU32] {
    items.get(..len.load(Ordering::Acquire) as usize).unwrap_or_default()
}

impl Tail {
    pub(crate) fn new(list: Arc<ActivePostings>) -> Self {
        Self { list, chunk: None }
    }

    /// Appends an event after all others of the list.
    pub(crate) fn push(&mut self, rel: u32) {
        loop {
            // If the list has another tail, this one may be behind; then its chunk is full.
            let next = match &self.chunk {
                None if append(&self.list.few_len, &self.list.few, rel) => return,
                None => self.list.more.get_or_init(|| Chunk::of(CHUNK_FIRST)),
                Some(chunk) if append(&chunk.len, &chunk.items, rel) => return,
                Some(chunk) => chunk.next.get_or_init(|| Chunk::of(2 * chunk.items.len())),
            };
            self.chunk = Some(Arc::clone(next));
        }
    }
}

impl ActivePostings {
    /// An empty list; of a stream, with the revision that its first event will have.
    pub(crate) fn new(first_revision: u64) -> Self {
        Self { first_revision, ..Self::default() }
    }

    /// The list in stretches, oldest first.
    fn stretches(&self) -> impl Iterator<Item = &[AtomicU32]> {
        let chunks = std::iter::successors(self.more.get(), |chunk| chunk.next.get());
        std::iter::once(filled(&self.few_len, &self.few)).chain(chunks.map(|chunk| filled(&chunk.len, &chunk.items)))
    }

    /// Number of events up to `rel` inclusive, and the last of them.
    fn upto(&self, rel: u32) -> (u64, Option<u32>) {
        let (mut count, mut last) = (0, None);
        for stretch in self.stretches() {
            let known = stretch.partition_point(|item| item.load(Ordering::Relaxed) <= rel);
            let Some(item) = known.checked_sub(1).and_then(|at| stretch.get(at)) else { break };
            last = Some(item.load(Ordering::Relaxed));
            count += known as u64;
        }
        (count, last)
    }

    /// First and last revision, and the last event, up to `rel` inclusive; `None` if there are none yet.
    pub(crate) fn span(&self, rel: u32) -> Option<(u64, u64, u32)> {
        let (count, last) = self.upto(rel);
        Some((self.first_revision, self.first_revision.saturating_add(count).saturating_sub(1), last?))
    }

    /// Number of events up to `rel` inclusive.
    pub(crate) fn count(&self, rel: u32) -> u64 {
        self.upto(rel).0
    }

    /// Copies the next events from `bound` on, in either direction.
    fn copy(&self, bound: u32, direction: Direction, into: &mut Vec<u32>) {
        let load = |item: &AtomicU32| item.load(Ordering::Relaxed);
        let room = |into: &Vec<u32>| STRETCH.saturating_sub(into.len());
        into.clear();
        match direction {
            Direction::Forward => {
                for stretch in self.stretches() {
                    let from = stretch.partition_point(|item| load(item) < bound);
                    into.extend(stretch.iter().skip(from).take(room(into)).map(load));
                }
            }
            Direction::Backward => {
                let stretches: Vec<_> = self.stretches().collect();
                for stretch in stretches.into_iter().rev() {
                    let until = stretch.partition_point(|item| load(item) <= bound);
                    into.extend(stretch.iter().take(until).rev().take(room(into)).map(load));
                }
            }
        }
    }
}

/// A cursor over growing postings; copies a stretch at a time.
pub(crate) struct ActiveCursor {
    postings: Arc<ActivePostings>,
    direction: Direction,
    stretch: Vec<u32>,
    at: usize,
}

/// Postings copied at a time.
const STRETCH: usize = 256;

impl ActiveCursor {
    pub(crate) fn new(postings: Arc<ActivePostings>, direction: Direction) -> Self {
        Self { postings, direction, stretch: Vec::new(), at: 0 }
    }
}

impl PostingsCursor for ActiveCursor {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, super::sealed::IndexDamage> {
        loop {
            while let Some(rel) = self.stretch.get(self.at) {
                let hit = match self.direction {
                    Direction::Forward => *rel >= bound,
                    Direction::Backward => *rel <= bound,
                };
                if hit {
                    return Ok(Some(*rel));
                }
                self.at += 1;
            }
            self.at = 0;
            self.postings.copy(bound, self.direction, &mut self.stretch);
            if self.stretch.is_empty() {
                return Ok(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_counts_and_walks_as_a_vector_does_whatever_its_length() {
        let list = Arc::new(ActivePostings::new(7));
        let mut tails = [Tail::new(Arc::clone(&list)), Tail::new(Arc::clone(&list))];
        let mut naive: Vec<u32> = Vec::new();
        assert_eq!((list.span(u32::MAX), list.count(u32::MAX)), (None, 0));
        for number in 0..700_u32 {
            // Two tails of one list: whichever is behind catches up.
            tails[usize::from(number % 7 > 3)].push(number * 3);
            naive.push(number * 3);
            if !(number < 60 || number % 97 == 0) {
                continue;
            }
            for rel in [0, 1, 3, number, number * 3, number * 3 + 1, u32::MAX] {
                let below = naive.iter().filter(|item| **item <= rel).count() as u64;
                assert_eq!(list.count(rel), below);
                let last = naive.iter().rfind(|item| **item <= rel);
                assert_eq!(list.span(rel), last.map(|last| (7, 6 + below, *last)));
                let mut forward = ActiveCursor::new(Arc::clone(&list), Direction::Forward);
                assert_eq!(forward.seek(rel).unwrap(), naive.iter().find(|item| **item >= rel).copied());
                let mut backward = ActiveCursor::new(Arc::clone(&list), Direction::Backward);
                assert_eq!(backward.seek(rel).unwrap(), last.copied());
            }
        }
        let mut cursor = ActiveCursor::new(Arc::clone(&list), Direction::Forward);
        let forward: Vec<u32> = naive.iter().filter_map(|rel| cursor.seek(*rel).unwrap()).collect();
        assert_eq!(forward, naive);
        let mut cursor = ActiveCursor::new(list, Direction::Backward);
        naive.reverse();
        let backward: Vec<u32> = naive.iter().filter_map(|rel| cursor.seek(*rel).unwrap()).collect();
        assert_eq!(backward, naive);
    }
}
