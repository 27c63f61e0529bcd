//! What lies between two sets, and what lies beside one.

use std::ops::ControlFlow;

use crate::graph::Graph;
use crate::node_set::NodeSet;
use crate::relation::{Arcs, Relation, with_arcs};
use crate::sweep::{descend, is_marked, mark};

impl Graph {
    /// Everything on a path from an event of `from` to one of `to`, ends included: `from::to` in the language of sets.
    ///
    /// Cost: about 15 ns for each ancestor of `to` that is not older than the oldest of `from`.
    #[must_use]
    pub fn between(&self, from: &NodeSet, to: &NodeSet, relation: Relation) -> NodeSet {
        let mut found = NodeSet::new(self.len());
        let Some(first) = from.first() else { return found };
        let mut back = to.fitted(self.len());
        with_arcs!(relation, self, |arcs| {
            descend(&mut back, |back, node| {
                if node < first.number() {
                    return ControlFlow::Break(());
                }
                arcs.back(node, |cause| {
                    if cause >= first.number() {
                        mark(back, cause);
                    }
                });
                ControlFlow::Continue(())
            });
            let kept = found.bits.as_mut_slice();
            for node in back.iter().skip_while(|node| *node < first) {
                if from.contains(node) || arcs.any_back(node.number(), |cause| is_marked(kept, cause)) {
                    mark(kept, node.number());
                }
            }
        });
        found
    }

    /// The events that neither rest on any event of a set nor have one of them rest on them; the set itself is not in it.
    ///
    /// Cost: as [`Graph::ancestors`] and [`Graph::descendants`].
    #[must_use]
    pub fn concurrent(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let mut found = self.ancestors(set, relation);
        found.unite(&self.descendants(set, relation));
        found.invert();
        found
    }
}
