//! The common past of several events: their common ancestors, and the newest of those.

use std::ops::ControlFlow;

use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::{Arcs, Relation, with_arcs};
use crate::sweep::{descend, is_marked, mark};

impl Graph {
    /// The events that every event of a set rests on, or is; of the empty set, none.
    ///
    /// Cost: for each 64 events of the set (those of them that are no effects of others) a pass over all their ancestors, about 15 ns each; 8 bytes
    /// of memory for each position up to the newest.
    #[must_use]
    pub fn common_ancestors(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let set = set.fitted(self.len());
        let mut members: Vec<Node> = set.iter().collect();
        if members.len() > 64 {
            // The ancestors of an event are among those of its effects.
            members = self.roots_of(&set, relation).iter().collect();
        }
        match members.as_slice() {
            [] => set,
            [_] => self.ancestors(&NodeSet::of(self.len(), members), relation),
            _ => with_arcs!(relation, self, |arcs| {
                let mut batches = members.chunks(64);
                let mut found = batches.next().map_or(set, |batch| common_of_few(self.len(), batch, &mut arcs));
                for batch in batches {
                    if found.is_empty() {
                        break;
                    }
                    found.intersect(&common_of_few(self.len(), batch, &mut arcs));
                }
                found
            }),
        }
    }

    /// The best common ancestors of a set: those that are no ancestors of others. What git calls merge bases.
    ///
    /// Cost: for two events, about 15 ns for each ancestor of theirs that is not older than the last one needed to decide; for more, as
    /// [`Graph::common_ancestors`] and [`Graph::heads_of`].
    #[must_use]
    pub fn best_common(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let set = set.fitted(self.len());
        let members: Vec<Node> = set.iter().take(3).collect();
        match members.as_slice() {
            [] | [_] => set,
            [left, right] => with_arcs!(relation, self, |arcs| best_of_two(self.len(), *left, *right, &mut arcs)),
            _ => self.heads_of(&self.common_ancestors(&set, relation), relation),
        }
    }
}

/// The common ancestors of at most 64 events.
fn common_of_few(events: u32, batch: &[Node], arcs: &mut impl Arcs) -> NodeSet {
    let mut found = NodeSet::new(events);
    let mut cone = NodeSet::of(events, batch.iter().copied());
    let room = cone.last().map_or(0, |last| last.number() as usize + 1);
    // For each event, which of the batch rest on it.
    let mut masks = vec![0_u64; room];
    let mut all = 0;
    for (bit, node) in batch.iter().enumerate() {
        all |= 1 << bit;
        if let Some(mask) = masks.get_mut(node.number() as usize) {
            *mask |= 1 << bit;
        }
    }
    descend(&mut cone, |cone, node| {
        let mask = masks.get(node as usize).copied().unwrap_or(0);
        if mask == all {
            found.insert(Node::new(node));
        }
        arcs.back(node, |cause| {
            mark(cone, cause);
            if let Some(cell) = masks.get_mut(cause as usize) {
                *cell |= mask;
            }
        });
        ControlFlow::Continue(())
    });
    found
}

/// The best common ancestors of two events: a walk back that stops once all that is ahead rests below one that was found.
///
/// The idea is git's; here the order of nodes is exact, so nothing that was found has to be taken back.
fn best_of_two(events: u32, left: Node, right: Node, arcs: &mut impl Arcs) -> NodeSet {
    let mut found = NodeSet::new(events);
    let mut open = NodeSet::of(events, [left, right]);
    let mut of_left = NodeSet::of(events, [left]);
    let mut of_right = NodeSet::of(events, [right]);
    // Below one that was found.
    let mut below = NodeSet::new(events);
    let [from_left, from_right, stale] = [&mut of_left, &mut of_right, &mut below].map(|set| set.bits.as_mut_slice());
    // Nodes that are ahead and not below.
    let mut live = 2_u64;
    descend(&mut open, |open, node| {
        let (to_left, to_right, mut is_stale) =
            (is_marked(from_left, node), is_marked(from_right, node), is_marked(stale, node));
        live = live.saturating_sub(u64::from(!is_stale));
        if to_left && to_right && !is_stale {
            found.insert(Node::new(node));
            is_stale = true;
        }
        arcs.back(node, |cause| {
            let (was_open, was_stale) = (is_marked(open, cause), is_marked(stale, cause));
            live += u64::from(!was_open && !is_stale);
            live = live.saturating_sub(u64::from(was_open && !was_stale && is_stale));
            mark(open, cause);
            if to_left {
                mark(from_left, cause);
            }
            if to_right {
                mark(from_right, cause);
            }
            if is_stale {
                mark(stale, cause);
            }
        });
        if live == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found
}
