//! A union-find forest over numbers, shared by snapshots.

use crate::blocks::Blocks;

/// Which numbers belong together.
///
/// A tree is linked below the one whose top has the greater [`priority`]: paths are short, as with random linking (Goel et al., "Disjoint
/// set union with randomized linking"), whoever chooses what is joined, so that looking up need not change anything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forest {
    cells: Blocks<Cell>,
    trees: usize,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    parent: u32,
    /// At the top of a tree: the smallest number in it.
    smallest: u32,
}

impl Forest {
    /// The number of trees.
    pub(crate) const fn trees(&self) -> usize {
        self.trees
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.cells.len()).unwrap_or(u32::MAX)
    }

    /// Adds the next number, which belongs to itself alone.
    pub(crate) fn push(&mut self) {
        let number = self.len();
        self.cells.push(Cell { parent: number, smallest: number });
        self.trees += 1;
    }

    /// The number at the top of a number's tree.
    #[inline]
    pub(crate) fn top(&self, mut number: u32) -> u32 {
        while let Some(cell) = self.cells.get(number)
            && cell.parent != number
        {
            number = cell.parent;
        }
        number
    }

    /// Whether two numbers belong together.
    #[inline]
    pub(crate) fn together(&self, left: u32, right: u32) -> bool {
        left == right || self.top(left) == self.top(right)
    }

    /// The smallest number that belongs to this one.
    pub(crate) fn smallest(&self, number: u32) -> u32 {
        self.cells.get(self.top(number)).map_or(number, |cell| cell.smallest)
    }

    /// As [`Forest::top`], and halves the path for the next one.
    fn top_halving(&mut self, mut number: u32) -> u32 {
        while let Some(cell) = self.cells.get(number)
            && cell.parent != number
        {
            let above = self.cells.get(cell.parent).map_or(cell.parent, |above| above.parent);
            if above != cell.parent {
                self.cells.set(number, Cell { parent: above, ..cell });
            }
            number = above;
        }
        number
    }

    /// Makes one tree of two; false if they are one already, or if one of the numbers does not exist.
    pub(crate) fn join(&mut self, left: u32, right: u32) -> bool {
        let (left, right) = (self.top_halving(left), self.top_halving(right));
        if left == right || left.max(right) >= self.len() {
            return false;
        }
        let smallest = self.smallest(left).min(self.smallest(right));
        let (low, high) = if priority(left) < priority(right) { (left, right) } else { (right, left) };
        self.cells.set(low, Cell { parent: high, smallest });
        self.cells.set(high, Cell { parent: high, smallest });
        self.trees -= 1;
        true
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.cells.heap_bytes()
    }
}

/// A permutation of the numbers without order in it (Knuth's multiplicative hash, high bits mixed into the low ones before).
const fn priority(number: u32) -> u32 {
    (number ^ (number >> 15)).wrapping_mul(0x9E37_79B1).rotate_left(16).wrapping_mul(0x85EB_CA6B)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_from_the_end_paths_stay_short() {
        let mut forest = Forest::default();
        (0..100_000).for_each(|_| forest.push());
        assert!((1..100_000).rev().all(|number| forest.join(number - 1, number)));
        assert!(!forest.join(0, 99_999) && !forest.join(0, 100_000), "one already, and not there");
        assert_eq!((forest.trees(), forest.smallest(99_999)), (1, 0));
        let depth = |mut number: u32| {
            let mut depth = 0;
            while let Some(cell) = forest.cells.get(number)
                && cell.parent != number
            {
                (number, depth) = (cell.parent, depth + 1);
            }
            depth
        };
        assert!((0..100_000).map(depth).max() < Some(60));
    }
}
