//! Where paths part, and where they come together.

use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::rows::Cursor;

impl Graph {
    /// The events with two causes or more.
    ///
    /// Cost: a pass over the events.
    #[must_use]
    pub fn joins(&self) -> NodeSet {
        let mut cursor = Cursor::new(self);
        let joins = (0..self.len()).filter(|node| cursor.causes(*node).len() >= 2);
        NodeSet::of(self.len(), joins.map(Node::new))
    }

    /// The events with two effects or more.
    ///
    /// Cost: a pass over the causes.
    #[must_use]
    pub fn forks(&self) -> NodeSet {
        self.forks_until(self.len())
    }

    /// The events with two effects or more before the node of this number.
    pub(crate) fn forks_until(&self, upto: u32) -> NodeSet {
        let mut cursor = Cursor::new(self);
        let mut once = NodeSet::new(self.len());
        let mut twice = NodeSet::new(self.len());
        for node in 0..upto.min(self.len()) {
            for cause in cursor.causes(node) {
                let cause = Node::new(u32::from_le_bytes(*cause));
                if once.contains(cause) {
                    twice.insert(cause);
                } else {
                    once.insert(cause);
                }
            }
        }
        twice
    }
}
