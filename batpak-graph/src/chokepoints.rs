//! Chokepoints of a selection: the events that all of its paths go through.
//!
//! In a topological order, an event is on every path exactly if no edge leads from before it to after it; so one pass over the edges
//! decides for all events at once, and no tree of dominators is needed.

use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::rows::Cursor;
use crate::sweep::{is_marked, mark};

impl Graph {
    /// The events of a selection that every path through it goes through, from any of its roots to any of its heads, by causes inside it alone.
    ///
    /// Cost: about 10 ns an event of the selection.
    #[must_use]
    pub fn chokepoints(&self, within: &NodeSet) -> NodeSet {
        let within = within.fitted(self.len());
        let mut caused = NodeSet::new(self.len());
        let mut cursor = Cursor::new(self);
        let mut found: Vec<Node> = Vec::new();
        // The oldest cause of the events so far, and whether one of them has none.
        let mut reach = u32::MAX;
        let mut began = false;
        for node in within.iter().rev() {
            if !caused.contains(node) {
                // A head: the paths that end here avoid all that is newer.
                found.clear();
            }
            // Paths that begin at a newer root avoid what is older than that.
            if reach >= node.number() && !began {
                found.push(node);
            }
            let mut is_root = true;
            for cause in cursor.causes(node.number()).iter().map(|cause| u32::from_le_bytes(*cause)) {
                if within.contains(Node::new(cause)) {
                    caused.insert(Node::new(cause));
                    reach = reach.min(cause);
                    is_root = false;
                }
            }
            began |= is_root;
        }
        NodeSet::of(self.len(), found)
    }

    /// The events of a selection that every path from any event of a set to any head of the selection goes through, by causes inside the
    /// selection alone; of a single event, it is one of them. Events of the set outside the selection do not count.
    ///
    /// What comes later can change the answer, which is why it is one of a selection. Cost: two passes over the selection from the oldest event of
    /// the set on, about 20 ns an event.
    #[must_use]
    pub fn post_dominators(&self, within: &NodeSet, set: &NodeSet) -> NodeSet {
        let within = within.fitted(self.len());
        let mut cursor = Cursor::new(self);
        let mut reached = set.fitted(self.len());
        reached.intersect(&within);
        let mut caused = NodeSet::new(self.len());
        let Some(first) = reached.first() else { return reached };
        let (marks, caused_marks) = (reached.bits.as_mut_slice(), caused.bits.as_mut_slice());
        for node in within.iter().skip_while(|node| *node < first).map(Node::number) {
            for cause in cursor.causes(node).iter().map(|cause| u32::from_le_bytes(*cause)) {
                if is_marked(marks, cause) {
                    mark(marks, node);
                    mark(caused_marks, cause);
                }
            }
        }
        let mut found: Vec<u32> = Vec::new();
        let mut ended = false;
        for node in reached.iter() {
            // The oldest event from which an edge leads here; one from before all of them leads to each of the set.
            let causes = cursor.causes(node.number()).iter().map(|cause| u32::from_le_bytes(*cause));
            let oldest = causes.filter(|cause| reached.contains(Node::new(*cause))).min();
            let oldest = if set.contains(node) { None } else { oldest };
            while found.last().is_some_and(|last| oldest.is_none_or(|oldest| *last > oldest)) {
                found.pop();
            }
            if !ended {
                found.push(node.number());
            }
            // The paths that end at a head avoid all that is newer.
            ended |= !caused.contains(node);
        }
        NodeSet::of(self.len(), found.into_iter().map(Node::new))
    }
}
