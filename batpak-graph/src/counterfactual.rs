//! Counterfactuals: which events could not, or need not, have happened if others had not.

use batpak_core::{Edge, EventId};

use crate::edge::{PackedEdge, unpack};
use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::Relation;
use crate::rows::Cursor;
use crate::sweep::{few, is_marked, mark};

/// How much is claimed of the events that depend on others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strength {
    /// They rest on one of them in some way, so they may have been different.
    May,
    /// They could not have happened: a required cause is gone, or all alternatives of a group are.
    Must,
}

/// The events that depend on others, and in which sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// What is claimed.
    pub strength: Strength,
    /// The events, those taken away included.
    pub events: NodeSet,
}

impl Graph {
    /// What would be affected if the events of a set had not happened, in the sense asked for.
    ///
    /// Cost: as of [`Graph::may`] and [`Graph::must`].
    #[must_use]
    pub fn effects_if_gone(&self, set: &NodeSet, strength: Strength) -> Gone {
        let events = match strength {
            Strength::May => self.may(set),
            Strength::Must => self.must(set),
        };
        Gone { strength, events }
    }

    /// The events that may have been different without those of a set, the set included: everything that rests on them by any declared cause.
    ///
    /// Cost: as of [`Graph::descendants`].
    #[must_use]
    pub fn may(&self, set: &NodeSet) -> NodeSet {
        self.descendants(set, Relation::Caused)
    }

    /// The events that could not have happened without those of a set, the set included.
    ///
    /// An event is gone with a required cause, and with all alternatives of a group. Context never takes an event away. A cause that is not in
    /// the log counts as one that happened, so it keeps its group alive.
    ///
    /// Cost: as of [`Graph::descendants`].
    #[must_use]
    pub fn must(&self, set: &NodeSet) -> NodeSet {
        let mut found = set.fitted(self.len());
        let Some(first) = found.first() else { return found };
        let mut cursor = Cursor::new(self);
        let blocks = found.bits.as_mut_slice();
        if self.indexes.effects.get().is_some() && self.must_few(set, first, blocks) {
            return found;
        }
        for node in first.number()..self.len() {
            if !is_marked(blocks, node)
                && self.fate(&mut cursor, node, |cause| u64::from(is_marked(blocks, cause))) != 0
            {
                mark(blocks, node);
            }
        }
        found
    }

    /// As [`Graph::must`], from effect to effect; gives up, and returns false, once they are many. What it marked is right in any case.
    fn must_few(&self, set: &NodeSet, first: Node, gone: &mut [usize]) -> bool {
        let effects = self.effects_index();
        let mut cursor = Cursor::new(self);
        let most = few(self, first);
        let mut open: Vec<u32> = set.iter().map(Node::number).take(most + 1).collect();
        let mut found = open.len();
        while let Some(node) = open.pop() {
            if found > most {
                return false;
            }
            effects.each(self, node, |effect| {
                if !is_marked(gone, effect)
                    && self.fate(&mut cursor, effect, |cause| u64::from(is_marked(gone, cause))) != 0
                {
                    mark(gone, effect);
                    open.push(effect);
                    found += 1;
                }
            });
        }
        true
    }

    /// The roots that each event of a set depends on: those without which, one at a time, none of them could have happened.
    ///
    /// Of the empty set, all roots. Cost: a pass over the ancestors of the set for each 64 roots that are ancestors of all of its events (of the
    /// first 64 of them), about 10 ns an event; 8 bytes of memory for each position from the oldest such root to the newest of the set.
    #[must_use]
    pub fn support(&self, set: &NodeSet) -> NodeSet {
        let set = set.fitted(self.len());
        let Some(last) = set.last() else { return NodeSet::of(self.len(), self.roots()) };
        let mut found = NodeSet::new(self.len());
        let common = self.common_ancestors(&NodeSet::of(self.len(), set.iter().take(64)), Relation::Caused);
        let roots: Vec<u32> = self.roots().filter(|root| common.contains(*root)).map(Node::number).collect();
        let Some(base) = roots.first().copied() else { return found };
        let cone = self.ancestors(&set, Relation::Caused);
        let mut cursor = Cursor::new(self);
        // For each event from the oldest root on, the roots of the batch without which it is gone.
        let mut masks = vec![0_u64; (last.number() - base) as usize + 1];
        let at = |node: u32| node.checked_sub(base).map_or(usize::MAX, |at| at as usize);
        for batch in roots.chunks(64) {
            let oldest = batch.first().copied().unwrap_or(base);
            for node in cone.bits.ones().filter_map(|bit| u32::try_from(bit).ok()).skip_while(|node| *node < oldest) {
                let own = batch.binary_search(&node).map_or(0, |bit| 1 << bit);
                let gone = |cause: u32| masks.get(at(cause)).copied().unwrap_or(0);
                let mask = own | self.fate(&mut cursor, node, gone);
                if let Some(cell) = masks.get_mut(at(node)) {
                    *cell = mask;
                }
            }
            let all = set.iter().fold(u64::MAX, |all, node| all & masks.get(at(node.number())).copied().unwrap_or(0));
            let kept = batch.iter().enumerate().filter(|(bit, _)| all & (1 << bit) != 0);
            kept.for_each(|(_, root)| found.insert(Node::new(*root)));
        }
        found
    }

    /// In which of 64 cases an event is gone, given that of each of its causes.
    #[inline]
    fn fate(&self, cursor: &mut Cursor<'_>, node: u32, gone: impl Fn(u32) -> u64) -> u64 {
        let (causes, edges) = (cursor.causes(node), cursor.edges(node));
        if edges.is_empty() {
            return causes.iter().fold(0, |cases, cause| cases | gone(u32::from_le_bytes(*cause)));
        }
        fate_by_edge(causes, edges, || self.missing(Node::new(node)), gone)
    }
}

/// As [`Graph::fate`], of an event whose causes may be of any kind.
fn fate_by_edge<'g>(
    causes: &[[u8; 4]],
    edges: &[PackedEdge],
    missing: impl Fn() -> &'g [(EventId, Edge)],
    gone: impl Fn(u32) -> u64,
) -> u64 {
    let pairs = || causes.iter().map(|cause| u32::from_le_bytes(*cause)).zip(edges);
    let mut cases = 0;
    for (at, (cause, packed)) in pairs().enumerate() {
        match unpack(*packed).unwrap_or(Edge::Required) {
            Edge::Required => cases |= gone(cause),
            Edge::Context => {}
            edge @ Edge::Alternative { .. } => {
                // The first of a group speaks for it.
                let spoken_for = edges.iter().take(at).any(|other| other == packed);
                if !spoken_for && missing().iter().all(|(_, other)| *other != edge) {
                    let group = pairs().filter(|(_, other)| *other == packed);
                    cases |= group.fold(u64::MAX, |all, (cause, _)| all & gone(cause));
                }
            }
        }
    }
    cases
}
