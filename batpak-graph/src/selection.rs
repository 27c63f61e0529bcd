//! A selection: the events of a set, numbered by their place in it, so that what is noted of them needs room for them alone.

use crate::node_set::NodeSet;

/// Counts of the events before each block of a set. 4 bytes for each 64 events of the graph.
pub(crate) struct Selection<'s> {
    blocks: &'s [usize],
    before: Vec<u32>,
    len: u32,
    /// Whether all events are in it, so that their numbers are their places.
    whole: bool,
}

impl<'s> Selection<'s> {
    pub(crate) fn new(set: &'s NodeSet) -> Self {
        let blocks = set.bits.as_slice();
        let mut len = 0;
        let count = |block: &usize| {
            let before = len;
            len += block.count_ones();
            before
        };
        let before = blocks.iter().map(count).collect();
        Self { blocks, before, len, whole: len == set.events() }
    }

    /// Number of events.
    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    /// The place of a node; `None` if it is not in the set.
    #[inline]
    pub(crate) fn place(&self, node: u32) -> Option<usize> {
        if self.whole {
            return (node < self.len).then_some(node as usize);
        }
        let (block, bit) = ((node / usize::BITS) as usize, node % usize::BITS);
        let bits = self.blocks.get(block)?;
        let below = bits & !(usize::MAX << bit);
        (bits & (1 << bit) != 0).then(|| (self.before.get(block).copied().unwrap_or(0) + below.count_ones()) as usize)
    }
}
