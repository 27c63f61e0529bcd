//! Sets of nodes.

use std::fmt;

use batpak_core::{Position, Positions};
use fixedbitset::FixedBitSet;

use crate::node::Node;

const BITS: usize = usize::BITS as usize;

/// A set of events of a graph: one bit for each event, so 125 KB a million, and any set algebra costs a pass over that.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeSet {
    pub(crate) bits: FixedBitSet,
}

impl NodeSet {
    /// The empty set, with room for a graph of `events`.
    #[must_use]
    pub fn new(events: u32) -> Self {
        Self { bits: FixedBitSet::with_capacity(events as usize) }
    }

    /// The set of all `events`.
    #[must_use]
    pub fn full(events: u32) -> Self {
        let mut set = Self::new(events);
        set.bits.insert_range(..);
        set
    }

    /// A set of these nodes, with room for a graph of `events`; others are left out.
    pub fn of(events: u32, nodes: impl IntoIterator<Item = Node>) -> Self {
        let mut set = Self::new(events);
        nodes.into_iter().for_each(|node| set.insert(node));
        set
    }

    /// A copy with room for a graph of `events`; what does not fit is left out.
    pub(crate) fn fitted(&self, events: u32) -> Self {
        if self.bits.len() == events as usize {
            return self.clone();
        }
        let mut fitted = Self::new(events);
        let blocks = fitted.bits.as_mut_slice();
        blocks.iter_mut().zip(self.bits.as_slice()).for_each(|(to, from)| *to = *from);
        let spare = events % usize::BITS;
        if let Some(last) = blocks.last_mut().filter(|_| spare != 0) {
            *last &= (1 << spare) - 1;
        }
        fitted
    }

    /// How many events there is room for.
    #[must_use]
    pub fn events(&self) -> u32 {
        u32::try_from(self.bits.len()).unwrap_or(u32::MAX)
    }

    /// Adds a node, if there is room for it.
    #[inline]
    pub fn insert(&mut self, node: Node) {
        if (node.number() as usize) < self.bits.len() {
            self.bits.insert(node.number() as usize);
        }
    }

    /// Takes a node out.
    pub fn remove(&mut self, node: Node) {
        if (node.number() as usize) < self.bits.len() {
            self.bits.remove(node.number() as usize);
        }
    }

    /// Whether a node is in the set.
    #[inline]
    #[must_use]
    pub fn contains(&self, node: Node) -> bool {
        self.bits.contains(node.number() as usize)
    }

    /// The number of nodes. Cost: a pass over the bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.count_ones(..)
    }

    /// Whether no node is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.is_clear()
    }

    /// The nodes, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Node> + '_ {
        self.bits.ones().filter_map(|bit| u32::try_from(bit).ok().map(Node::new))
    }

    /// The oldest node.
    #[must_use]
    pub fn first(&self) -> Option<Node> {
        self.bits.minimum().and_then(|bit| u32::try_from(bit).ok()).map(Node::new)
    }

    /// The newest node.
    #[must_use]
    pub fn last(&self) -> Option<Node> {
        self.bits.maximum().and_then(|bit| u32::try_from(bit).ok()).map(Node::new)
    }

    /// Adds the nodes of another set of the same graph.
    pub fn unite(&mut self, other: &Self) {
        self.bits.union_with(&other.bits);
    }

    /// Keeps the nodes that are in another set as well.
    pub fn intersect(&mut self, other: &Self) {
        self.bits.intersect_with(&other.bits);
    }

    /// Takes the nodes of another set out.
    pub fn subtract(&mut self, other: &Self) {
        self.bits.difference_with(&other.bits);
    }

    /// Takes every node out whose number is `events` or more.
    pub fn truncate(&mut self, events: u32) {
        let events = (events as usize).min(self.bits.len());
        self.bits.set_range(events.., false);
    }

    /// Turns the set into the nodes that were not in it.
    pub fn invert(&mut self) {
        self.bits.toggle_range(..);
    }

    /// Whether every node is in the other set as well.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.bits.is_subset(&other.bits)
    }
}

/// The positions of the events: what a read takes as a filter.
impl Positions for NodeSet {
    fn at_or_after(&self, position: Position) -> Option<Position> {
        let from = usize::try_from(position.get().saturating_sub(1)).ok()?;
        let blocks = self.bits.as_slice();
        let mask = usize::MAX << (from % BITS);
        let first = blocks.get(from / BITS)? & mask;
        let (at, block) = std::iter::once((from / BITS, first))
            .chain(blocks.iter().copied().enumerate().skip(from / BITS + 1))
            .find(|(_, block)| *block != 0)?;
        Some(Position::new((at * BITS) as u64 + u64::from(block.trailing_zeros()) + 1))
    }

    fn at_or_before(&self, position: Position) -> Option<Position> {
        let last = self.bits.len().checked_sub(1)?;
        let from = usize::try_from(position.get().checked_sub(1)?).map_or(last, |from| from.min(last));
        let blocks = self.bits.as_slice();
        let mask = usize::MAX >> (BITS - 1 - from % BITS);
        let first = blocks.get(from / BITS)? & mask;
        let (at, block) = std::iter::once((from / BITS, first))
            .chain(blocks.iter().copied().enumerate().take(from / BITS).rev())
            .find(|(_, block)| *block != 0)?;
        Some(Position::new((at * BITS) as u64 + u64::from(usize::BITS - block.leading_zeros())))
    }
}

impl fmt::Debug for NodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Node::position)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_and_the_last_position_are_found() {
        let set = NodeSet::of(200, [0, 5, 63, 64, 130].map(Node::new));
        let after = |at| set.at_or_after(Position::new(at)).map(Position::get);
        let before = |at| set.at_or_before(Position::new(at)).map(Position::get);
        for at in 0..260 {
            let members = [1, 6, 64, 65, 131];
            assert_eq!(after(at), members.into_iter().find(|member| *member >= at), "{at}");
            assert_eq!(before(at), members.into_iter().rev().find(|member| *member <= at), "{at}");
        }
        assert_eq!(before(u64::MAX), Some(131));
        assert_eq!(NodeSet::new(0).at_or_before(Position::new(9)), None);
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let set = NodeSet::of(200, [3, 99, 100, 127, 128, 199].map(Node::new));
        assert_eq!(set.fitted(100), NodeSet::of(100, [3, 99].map(Node::new)));
        assert_eq!(set.fitted(128), NodeSet::of(128, [3, 99, 100, 127].map(Node::new)));
        assert_eq!(set.fitted(300), NodeSet::of(300, set.iter()));
        assert!(set.fitted(0).is_empty());
    }
}
