//! A list that only grows and never moves its items, so that one thread can append while others read without a lock.

use crate::sync::{OnceLock, plain};

/// Items of the first chunk; each next one holds twice as many.
const FIRST: usize = 64;
/// Chunks at most: room for 2^37 items.
const CHUNKS: usize = 32;

/// An append-only list. Only one thread may push at a time.
#[derive(Debug)]
pub(crate) struct Chunks<T> {
    chunks: [OnceLock<Box<[OnceLock<T>]>>; CHUNKS],
    len: plain::AtomicUsize,
}

impl<T> Chunks<T> {
    pub(crate) fn new() -> Self {
        Self { chunks: std::array::from_fn(|_| OnceLock::new()), len: plain::AtomicUsize::new(0) }
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
    chunks: [OnceLock<Box<[plain::AtomicU64]>>; CHUNKS],
    len: plain::AtomicUsize,
}

impl Words {
    pub(crate) fn new() -> Self {
        Self { chunks: std::array::from_fn(|_| OnceLock::new()), len: plain::AtomicUsize::new(0) }
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
    let number = index / FIRST + 1;
    let chunk = number.ilog2();
    let size = FIRST << chunk;
    (chunk as usize, index + FIRST - size, size)
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
