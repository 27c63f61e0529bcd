//! A list that only grows and never moves its items, so that one thread can append while others read without a lock.

use crate::sync::{OnceLock, plain};

/// Items of the first chunk. After every four chunks the next ones hold twice as many: at most a fifth of the room is empty.
const FIRST: usize = 16;
/// Chunks at most: room for 2^30 items, more than a segment has bytes.
const CHUNKS: usize = 4 * 24;

/// Items that are made together, when the first of them is needed.
type Chunk<T> = OnceLock<Box<[T]>>;

/// An append-only list. Only one thread may push at a time.
#[derive(Debug)]
pub(crate) struct Chunks<T> {
    chunks: Box<[Chunk<OnceLock<T>>]>,
    len: plain::AtomicUsize,
}

impl<T> Chunks<T> {
    pub(crate) fn new() -> Self {
        Self { chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect(), len: plain::AtomicUsize::new(0) }
    }

    /// Appends an item. The writer's lock makes pushes exclusive.
    pub(crate) fn push(&self, item: T) {
        let index = self.len.load(plain::Ordering::Relaxed);
        let (chunk, at, size) = place(index);
        if let Some(slot) = self
            .chunks
            .get(chunk)
            .map(|chunk| chunk.get_or_init(|| (0..size).map(|_| OnceLock::new()).collect()))
            .and_then(|chunk| chunk.get(at))
        {
            let _ = slot.set(item);
            self.len.store(index + 1, plain::Ordering::Release);
        }
    }

    /// The item at `index`, if it was pushed.
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let (chunk, at, _) = place(index);
        self.chunks.get(chunk)?.get()?.get(at)?.get()
    }

    /// Items pushed.
    pub(crate) fn len(&self) -> usize {
        self.len.load(plain::Ordering::Acquire)
    }
}

/// An append-only list of numbers: as [`Chunks`], without the cost of an item that is set once. Only one thread may push at a time.
#[derive(Debug)]
pub(crate) struct Words {
    chunks: Box<[Chunk<plain::AtomicU64>]>,
    len: plain::AtomicUsize,
}

impl Words {
    pub(crate) fn new() -> Self {
        Self { chunks: (0..CHUNKS).map(|_| OnceLock::new()).collect(), len: plain::AtomicUsize::new(0) }
    }

    /// Appends a number. The writer's lock makes pushes exclusive.
    pub(crate) fn push(&self, word: u64) {
        let index = self.len.load(plain::Ordering::Relaxed);
        let (chunk, at, size) = place(index);
        let new = || (0..size).map(|_| plain::AtomicU64::new(0)).collect();
        if let Some(slot) = self.chunks.get(chunk).and_then(|chunk| chunk.get_or_init(new).get(at)) {
            slot.store(word, plain::Ordering::Relaxed);
            self.len.store(index + 1, plain::Ordering::Release);
        }
    }

    /// The number at `index`, if it was pushed.
    pub(crate) fn get(&self, index: usize) -> Option<u64> {
        if index >= self.len() {
            return None;
        }
        let (chunk, at, _) = place(index);
        Some(self.chunks.get(chunk)?.get()?.get(at)?.load(plain::Ordering::Relaxed))
    }

    /// Numbers pushed.
    pub(crate) fn len(&self) -> usize {
        self.len.load(plain::Ordering::Acquire)
    }
}

/// Chunk, place in it, and its size.
fn place(index: usize) -> (usize, usize, usize) {
    // Each four chunks together hold as many items as all before them, and four more of the first.
    let doublings = (index / (4 * FIRST) + 1).ilog2();
    let size = FIRST << doublings;
    let at = index + 4 * FIRST - 4 * size;
    (4 * doublings as usize + (at >> size.trailing_zeros()), at & (size - 1), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_places() {
        let list = Chunks::new();
        for item in 0..10_000_usize {
            assert_eq!(list.get(item), None);
            list.push(item);
        }
        assert_eq!(list.len(), 10_000);
        assert!((0..10_000).all(|item| list.get(item) == Some(&item)));
    }

    #[test]
    fn numbers_keep_their_places() {
        let list = Words::new();
        for word in 0..10_000_u64 {
            assert_eq!(list.get(list.len()), None);
            list.push(word * 3);
        }
        assert!((0..10_000).all(|at| list.get(at) == Some(at as u64 * 3)));
    }
}
