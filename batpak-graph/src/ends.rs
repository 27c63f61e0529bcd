//! Ends of a set: the events at its beginning, and those at its end.

use std::ops::ControlFlow;

use crate::graph::Graph;
use crate::node_set::NodeSet;
use crate::relation::{Arcs, Relation, with_arcs};
use crate::sweep::{descend, is_marked, mark};

impl Graph {
    /// The events of a set that no other event of it rests on, also by way of events outside: `x ~ ::x-` in the language of sets.
    ///
    /// Cost: about 10 ns for each ancestor of the set that is not older than its oldest event.
    #[must_use]
    pub fn heads_of(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let mut heads = set.fitted(self.len());
        let Some(first) = heads.first() else { return heads };
        let mut open = heads.clone();
        let kept = heads.bits.as_mut_slice();
        with_arcs!(relation, self, |arcs| descend(&mut open, |open, node| {
            arcs.back(node, |cause| {
                if cause >= first.number() {
                    mark(open, cause);
                    unmark(kept, cause);
                }
            });
            ControlFlow::Continue(())
        }));
        heads
    }

    /// The events of a set that rest on no other event of it, also by way of events outside: `x ~ x+::` in the language of sets.
    ///
    /// Cost: about 10 ns for each event between its oldest and its newest.
    #[must_use]
    pub fn roots_of(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let mut roots = set.fitted(self.len());
        let (Some(first), Some(last)) = (roots.first(), roots.last()) else { return roots };
        let mut reached = roots.clone();
        let (kept, reached) = (roots.bits.as_mut_slice(), reached.bits.as_mut_slice());
        with_arcs!(relation, self, |arcs| {
            for node in first.number()..=last.number() {
                if arcs.any_back(node, |cause| is_marked(reached, cause)) {
                    mark(reached, node);
                    unmark(kept, node);
                }
            }
        });
        roots
    }
}

fn unmark(blocks: &mut [usize], node: u32) {
    if let Some(block) = blocks.get_mut((node / usize::BITS) as usize) {
        *block &= !(1 << (node % usize::BITS));
    }
}
