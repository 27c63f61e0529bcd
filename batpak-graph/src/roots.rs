//! Roots: the events without causes, and which of them belong together.

use crate::blocks::Blocks;
use crate::forest::Forest;

/// The roots in order, each with a number of its own, and a union-find forest over those numbers.
///
/// An event belongs to the component of its earliest root, so that no event needs a label of its own: 12 bytes a root, not an event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roots {
    nodes: Blocks<u32>,
    forest: Forest,
}

impl Roots {
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// The number of components.
    pub(crate) const fn components(&self) -> usize {
        self.forest.trees()
    }

    /// Adds a root; its number.
    pub(crate) fn push(&mut self, node: u32) -> u32 {
        let number = self.len();
        self.nodes.push(node);
        self.forest.push();
        number
    }

    /// The root with this number.
    pub(crate) fn node(&self, number: u32) -> Option<u32> {
        self.nodes.get(number)
    }

    /// All roots in order.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).filter_map(|number| self.nodes.get(number))
    }

    /// The component of a root: the number of its earliest root.
    #[inline]
    pub(crate) fn component(&self, number: u32) -> u32 {
        self.forest.smallest(number)
    }

    /// Whether two roots are in the same component.
    #[inline]
    pub(crate) fn together(&self, left: u32, right: u32) -> bool {
        self.forest.together(left, right)
    }

    /// Makes one component of two; false if they are one already.
    pub(crate) fn join(&mut self, left: u32, right: u32) -> bool {
        self.forest.join(left, right)
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.nodes.heap_bytes() + self.forest.heap_bytes()
    }
}
