//! Consistent cuts: sets of events that hold all that their events rest on.

use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::{Arcs, Relation, with_arcs};
use crate::rows::Cursor;

impl Graph {
    /// Whether a set holds every event that its events rest on.
    ///
    /// Cost: about 8 ns an event of the set, up to the first gap.
    #[must_use]
    pub fn is_closed(&self, set: &NodeSet, relation: Relation) -> bool {
        with_arcs!(relation, self, |arcs| {
            set.iter().all(|node| !arcs.any_back(node.number(), |cause| !set.contains(Node::new(cause))))
        })
    }

    /// What a set lacks to be closed: the ancestors of its events that are not in it.
    ///
    /// Cost: as of [`Graph::ancestors`].
    #[must_use]
    pub fn gaps(&self, set: &NodeSet, relation: Relation) -> NodeSet {
        let mut gaps = self.ancestors(set, relation);
        gaps.subtract(set);
        gaps
    }

    /// The smallest consistent cut that holds a set: its ancestors by causes and, in a graph that follows streams, by the order of streams, so that a
    /// revision for each stream tells all of it ([`Graph::frontier`]).
    ///
    /// Cost: as of [`Graph::ancestors`].
    #[must_use]
    pub fn cut(&self, set: &NodeSet) -> NodeSet {
        self.ancestors(set, Relation::HappenedBefore)
    }

    /// The events of a set whose next one of the stream is not in it: of a cut, the last event of each stream. In a graph that does not follow
    /// streams each event stands alone.
    ///
    /// Cost: about 3 ns an event of the set.
    #[must_use]
    pub fn frontier(&self, set: &NodeSet) -> NodeSet {
        let mut frontier = set.fitted(self.len());
        let mut cursor = Cursor::new(self);
        for node in set.iter() {
            if let Some(previous) = cursor.previous(node.number()) {
                frontier.remove(Node::new(previous));
            }
        }
        frontier
    }

    /// What could have been known to the events of a set: their ancestors by causes and by what their decisions read. Never by the order of streams.
    ///
    /// Cost: as of [`Graph::ancestors`].
    #[must_use]
    pub fn past(&self, set: &NodeSet) -> NodeSet {
        self.ancestors(set, Relation::Observed)
    }

    /// What came before an event and is not in its past: it happened, and nothing says that the event could have known.
    ///
    /// Cost: as of [`Graph::past`].
    #[must_use]
    pub fn unknown_to(&self, node: Node) -> NodeSet {
        let earlier = node.number().min(self.len());
        let mut unknown = NodeSet::new(self.len());
        unknown.bits.insert_range(..earlier as usize);
        unknown.subtract(&self.past(&NodeSet::of(self.len(), [node])));
        unknown
    }
}
