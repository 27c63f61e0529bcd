//! A long vector in blocks that snapshots share: changing one copies only the block it is in.

use std::sync::Arc;

/// Bytes of a block.
const BLOCK_BYTES: usize = 1 << 16;

/// A growing vector of small values. A clone costs a pointer a block and a copy of the last one; the first change to a block that a clone
/// still holds copies it.
#[derive(Clone, Debug)]
pub(crate) struct Blocks<T> {
    full: Vec<Arc<[T]>>,
    /// The last block, not shared, so that pushing needs no atomics.
    last: Vec<T>,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }
}

impl<T: Copy> Blocks<T> {
    const BITS: u32 = (BLOCK_BYTES / size_of::<T>()).ilog2();
    /// Values of a block.
    const LEN: usize = 1 << Self::BITS;

    pub(crate) const fn len(&self) -> usize {
        (self.full.len() << Self::BITS) + self.last.len()
    }

    /// The value at `index`; `None` past the end.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<T> {
        self.get_ref(index).copied()
    }

    /// The value at `index`, where it lies.
    #[inline]
    pub(crate) fn get_ref(&self, index: u32) -> Option<&T> {
        let index = index as usize;
        self.full.get(index >> Self::BITS).map_or(self.last.as_slice(), |block| block).get(index & (Self::LEN - 1))
    }

    /// The value at `index`, to change it.
    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        let index = index as usize;
        let block = match self.full.get_mut(index >> Self::BITS) {
            Some(block) => Arc::make_mut(block),
            None => &mut self.last,
        };
        block.get_mut(index & (Self::LEN - 1))
    }

    /// Changes the value at `index`; past the end nothing happens.
    #[inline]
    pub(crate) fn set(&mut self, index: u32, value: T) {
        if let Some(cell) = self.get_mut(index) {
            *cell = value;
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        self.last.push(value);
        if self.last.len() == Self::LEN {
            self.full.push(Arc::from(self.last.as_slice()));
            self.last.clear();
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        ((self.full.len() << Self::BITS) + self.last.capacity()) * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_was() {
        let mut blocks = Blocks::default();
        (0..40_000_u32).for_each(|value| blocks.push(value));
        let before = blocks.clone();
        blocks.set(3, 99);
        blocks.set(39_999, 98);
        blocks.push(7);
        assert_eq!([before.get(3), before.get(39_999), before.get(40_000)], [Some(3), Some(39_999), None]);
        assert_eq!([blocks.get(3), blocks.get(39_999), blocks.get(40_000)], [Some(99), Some(98), Some(7)]);
        assert_eq!((before.len(), blocks.len()), (40_000, 40_001));
        assert_eq!([Arc::strong_count(&before.full[0]), Arc::strong_count(&before.full[1])], [1, 2]);
    }
}
