//! Sweeps: everything before, and everything after, a set of events.
//!
//! A sweep runs over the bits of a set once, in the order of nodes: what it adds lies ahead of it, since causes are earlier than their
//! effects. There is no queue and no visited list, and stretches without a bit cost an instruction per 64 events.

use std::ops::ControlFlow;

use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::{Arcs, Relation, with_arcs};

const BITS: u32 = usize::BITS;

/// One part in this many of the later events must be reached before a forward sweep looks at all of them instead of following effects.
const SPARSE: usize = 32;

/// How many events may be reached by following effects before it is better to look at all later ones.
pub(crate) fn few(graph: &Graph, first: Node) -> usize {
    graph.len().saturating_sub(first.number()) as usize / SPARSE + 64
}

impl Graph {
    /// Everything that the events of a set rest on, the set included.
    ///
    /// Cost: about 8 ns for each event found, and a pass over the bits.
    #[must_use]
    pub fn ancestors(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        self.ancestors_above(set, 0, relation)
    }

    /// As [`Graph::ancestors`], for a caller to whom events before `floor` do not matter: whether those are found is left open.
    pub(crate) fn ancestors_above(&self, set: &NodeSet, floor: u32, relation: Relation) -> NodeSet {
        let mut found = set.fitted(self.len());
        with_arcs!(relation, self, |arcs| sweep_back(&mut found, floor, &mut arcs));
        found
    }

    /// Everything that rests on an event of a set, the set included.
    ///
    /// Cost: about 10 ns for each event after the first of the set, or about 30 ns for each event found if the index of effects is there
    /// and they are few.
    #[must_use]
    pub fn descendants(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        self.descendants_below(set, self.len(), relation)
    }

    /// As [`Graph::descendants`], for a caller to whom events from `ceiling` on do not matter: whether those are found is left open.
    pub(crate) fn descendants_below(&self, set: &NodeSet, ceiling: u32, relation: Relation) -> NodeSet {
        let mut found = set.fitted(self.len());
        with_arcs!(relation, self, |arcs| {
            if self.indexes.effects.get().is_none() || !follow_few(self, &mut found, &mut arcs) {
                sweep_forth(&mut found, ceiling.min(self.len()), &mut arcs);
            }
        });
        found
    }

    /// The direct causes of the events of a set.
    #[must_use]
    pub fn causes_of(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let mut found = NodeSet::new(self.len());
        with_arcs!(relation, self, |arcs| {
            for node in set.iter() {
                arcs.back(node.number(), |cause| found.insert(Node::new(cause)));
            }
        });
        found
    }

    /// The direct effects of the events of a set.
    #[must_use]
    pub fn effects_of(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let mut found = NodeSet::new(self.len());
        with_arcs!(relation, self, |arcs| {
            if self.indexes.effects.get().is_some() {
                set.iter().for_each(|node| arcs.forth(node.number(), |effect| found.insert(Node::new(effect))));
            } else if let Some(first) = set.first() {
                for node in first.number()..self.len() {
                    if arcs.any_back(node, |cause| set.contains(Node::new(cause))) {
                        found.insert(Node::new(node));
                    }
                }
            }
        });
        found
    }

    /// As [`Graph::ancestors`], but at most `steps` causes away; 0 is the set itself.
    #[must_use]
    pub fn ancestors_within(&self, set: &NodeSet, steps: u32, relation: Relation) -> NodeSet {
        self.within(set, steps, |frontier| self.causes_of(frontier, relation))
    }

    /// As [`Graph::descendants`], but at most `steps` effects away; 0 is the set itself.
    #[must_use]
    pub fn descendants_within(&self, set: &NodeSet, steps: u32, relation: Relation) -> NodeSet {
        self.effects_index();
        self.within(set, steps, |frontier| self.effects_of(frontier, relation))
    }

    fn within(&self, set: &NodeSet, steps: u32, step: impl Fn(&NodeSet) -> NodeSet) -> NodeSet {
        let mut found = set.clone();
        let mut frontier = set.clone();
        for _ in 0..steps {
            frontier = step(&frontier);
            frontier.subtract(&found);
            if frontier.is_empty() {
                break;
            }
            found.unite(&frontier);
        }
        found
    }
}

/// From the newest bits down to `floor`: marks what each node rests on.
fn sweep_back(set: &mut NodeSet, floor: u32, arcs: &mut impl Arcs) {
    let blocks = set.bits.as_mut_slice();
    for at in ((floor / BITS) as usize..blocks.len()).rev() {
        let mut done = 0;
        loop {
            // Causes in the same block are marked meanwhile and come with the next turn. To take each block's bits as they were keeps
            // the look-ups of one bit from waiting for those of another.
            let mut rest = blocks.get(at).copied().unwrap_or(0) & !done;
            if rest == 0 {
                break;
            }
            done |= rest;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                arcs.back(node_of(at, bit), |cause| mark(blocks, cause));
            }
        }
    }
}

/// Visits the nodes of a set from the newest to the oldest, with those that a visit marks meanwhile: it may mark earlier nodes alone.
#[inline]
pub(crate) fn descend(set: &mut NodeSet, mut visit: impl FnMut(&mut [usize], u32) -> ControlFlow<()>) {
    let blocks = set.bits.as_mut_slice();
    for at in (0..blocks.len()).rev() {
        let mut rest = blocks.get(at).copied().unwrap_or(0);
        while rest != 0 {
            let bit = BITS - 1 - rest.leading_zeros();
            if visit(blocks, node_of(at, bit)).is_break() {
                return;
            }
            // Causes in the same block were marked meanwhile; all of them are below this bit.
            rest = blocks.get(at).copied().unwrap_or(0) & !(usize::MAX << bit);
        }
    }
}

/// From the oldest bit up to `ceiling`: marks every node that rests on a marked one. Looks at all nodes between.
fn sweep_forth(set: &mut NodeSet, ceiling: u32, arcs: &mut impl Arcs) {
    let Some(first) = set.first() else { return };
    let blocks = set.bits.as_mut_slice();
    for node in first.number()..ceiling {
        if arcs.any_back(node, |cause| is_marked(blocks, cause)) {
            mark(blocks, node);
        }
    }
}

/// Follows effects from node to node; gives up, and returns false, once they are many.
fn follow_few(graph: &Graph, set: &mut NodeSet, arcs: &mut impl Arcs) -> bool {
    let Some(first) = set.first() else { return true };
    let most = few(graph, first);
    let mut open: Vec<u32> = set.iter().map(Node::number).take(most + 1).collect();
    let mut found = open.len();
    let blocks = set.bits.as_mut_slice();
    while let Some(node) = open.pop() {
        if found > most {
            return false;
        }
        arcs.forth(node, |effect| {
            if !is_marked(blocks, effect) {
                mark(blocks, effect);
                open.push(effect);
                found += 1;
            }
        });
    }
    true
}

fn node_of(block: usize, bit: u32) -> u32 {
    u32::try_from(block).unwrap_or(u32::MAX).wrapping_mul(BITS).wrapping_add(bit)
}

#[inline]
pub(crate) fn mark(blocks: &mut [usize], node: u32) {
    if let Some(block) = blocks.get_mut((node / BITS) as usize) {
        *block |= 1 << (node % BITS);
    }
}

#[inline]
pub(crate) fn is_marked(blocks: &[usize], node: u32) -> bool {
    blocks.get((node / BITS) as usize).is_some_and(|block| block & (1 << (node % BITS)) != 0)
}
