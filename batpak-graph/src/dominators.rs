//! Dominators: the events that everything went through.

use crate::blocks::Blocks;
use crate::chunk::NOBODY;
use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::rows::Cursor;

impl Graph {
    /// The events that every path of causes from any root to any event of a set goes through; of a single event, it is one of them.
    ///
    /// Causes that are not in the log count as if they had not been named. Cost: the first question builds the tree of dominators, about 40 ns
    /// and 12 bytes an event of the graph, which then grows with it; each other one takes time for each event of the set and of the answer alone.
    #[must_use]
    pub fn dominators(&self, set: &NodeSet) -> NodeSet {
        let mut found = NodeSet::new(self.len());
        let tree = self.dominator_tree();
        let mut nodes = set.iter().map(Node::number).take_while(|node| *node < self.len());
        let Some(first) = nodes.next() else { return found };
        let mut at = nodes.fold(first, |lowest, node| tree.lowest_common(lowest, node));
        while at != NOBODY {
            found.insert(Node::new(at));
            at = tree.cell(at).parent;
        }
        found
    }
}

/// The tree in which the parent of each event is the last one that every path to it goes through. Above all roots is an event that nobody sees.
///
/// petgraph's dominators take a graph of its own making, and 1.8 s and 203 MB at a million events. Since causes come first, an event's parent is
/// the lowest common ancestor of its causes in the tree so far: found by jump pointers (Myers' skew-binary ones), nothing is ever taken back.
#[derive(Clone, Debug, Default)]
pub(crate) struct DominatorTree {
    cells: Blocks<Cell>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    /// The next event up the tree.
    parent: u32,
    /// A distant event up the tree.
    jump: u32,
    /// Number of events up the tree, the event itself included.
    depth: u32,
}

/// The event above all roots.
const TOP: Cell = Cell { parent: NOBODY, jump: NOBODY, depth: 0 };

impl DominatorTree {
    /// The tree of a whole graph.
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut tree = Self::default();
        let mut cursor = Cursor::new(graph);
        (0..graph.len()).for_each(|node| tree.add(cursor.causes(node)));
        tree
    }

    /// Adds the next event.
    #[inline]
    pub(crate) fn add(&mut self, causes: &[[u8; 4]]) {
        // A cause that is not earlier can only come from bytes that are not what they say; it would make the tree a circle.
        let earlier = |cause: &u32| (*cause as usize) < self.cells.len();
        let mut causes = causes.iter().map(|cause| u32::from_le_bytes(*cause)).filter(earlier);
        let parent =
            causes.next().map_or(NOBODY, |first| causes.fold(first, |low, cause| self.lowest_common(low, cause)));
        let above = self.cell(parent);
        let jump = self.cell(above.jump);
        let even = above.depth - jump.depth == jump.depth - self.cell(jump.jump).depth;
        let jump = if even && parent != NOBODY { jump.jump } else { parent };
        self.cells.push(Cell { parent, jump, depth: above.depth + 1 });
    }

    #[inline]
    fn cell(&self, node: u32) -> Cell {
        self.cells.get(node).unwrap_or(TOP)
    }

    /// The last event on the way down to both.
    #[inline]
    fn lowest_common(&self, mut left: u32, mut right: u32) -> u32 {
        let (mut low, mut high) = (self.cell(left), self.cell(right));
        if low.depth < high.depth {
            (left, right, low, high) = (right, left, high, low);
        }
        while low.depth > high.depth {
            let jump = self.cell(low.jump);
            (left, low) = if jump.depth >= high.depth { (low.jump, jump) } else { (low.parent, self.cell(low.parent)) };
        }
        while left != right {
            // Events at the same depth have jumps of the same length.
            (left, right) = if low.jump == high.jump { (low.parent, high.parent) } else { (low.jump, high.jump) };
            (low, high) = (self.cell(left), self.cell(right));
        }
        left
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.cells.heap_bytes()
    }
}
