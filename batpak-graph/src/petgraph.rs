//! The graph as petgraph sees one, so that its algorithms run on it: declared causes, each an edge from the cause to its effect.
//!
//! Beware of petgraph's algorithms that recurse (`is_cyclic_directed`, `tarjan_scc`): a chain of a million events overflows the stack.

use std::iter::Map;
use std::ops::Range;
use std::slice;

use batpak_core::Edge;
use petgraph::visit::{
    Data, EdgeCount, EdgeRef, GetAdjacencyMatrix, GraphBase, GraphProp, IntoEdgeReferences, IntoEdges,
    IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers, IntoNodeReferences,
    NodeCompactIndexable, NodeCount, NodeIndexable, NodeRef, VisitMap, Visitable,
};
use petgraph::{Directed, Direction};

use crate::edge::unpack;
use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;

/// What petgraph knows an edge by: the effect, and the place of the cause among its causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeNumber(Node, u32);

/// An edge, as petgraph's traits want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeReference {
    cause: Node,
    edge: Edge,
    number: EdgeNumber,
}

/// A node, as petgraph's traits want it; its weight is the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeReference(Node);

/// The neighbours of a node in one direction.
pub struct Neighbors<'g>(Side<'g>);

enum Side<'g> {
    Causes(slice::Iter<'g, [u8; 4]>),
    Effects { graph: &'g Graph, of: u32, next: Option<u32> },
}

impl Graph {
    /// A petgraph of its own of some events: each with its node as its weight, oldest first, and the causes between them, each with its kind.
    ///
    /// # Panics
    /// petgraph panics beyond 2³² causes, which take more than 80 GB.
    #[must_use]
    pub fn to_petgraph(&self, events: &NodeSet) -> petgraph::Graph<Node, Edge> {
        let mut graph = petgraph::Graph::new();
        let nodes: Vec<Node> = events.iter().filter(|node| node.number() < self.len()).collect();
        for node in &nodes {
            graph.add_node(*node);
        }
        for (place, node) in nodes.iter().enumerate() {
            for (cause, edge) in self.causes(*node) {
                if let Ok(of) = nodes.binary_search(&cause) {
                    graph.add_edge(petgraph::graph::NodeIndex::new(of), petgraph::graph::NodeIndex::new(place), edge);
                }
            }
        }
        graph
    }

    fn neighbors_of(&self, node: Node, direction: Direction) -> Neighbors<'_> {
        let node = node.number();
        Neighbors(match direction {
            Direction::Incoming => {
                let (rows, rel) = self.rows_at(node);
                Side::Causes(rows.causes(rel).iter())
            }
            Direction::Outgoing => Side::Effects { graph: self, of: node, next: self.effects_index().newest(node) },
        })
    }

    /// The edges from an event to its causes, as petgraph turns them.
    fn edges_into(&self, effect: Node) -> impl Iterator<Item = EdgeReference> + use<'_> {
        let numbers = (0..).map(move |place| EdgeNumber(effect, place));
        self.causes(effect).zip(numbers).map(|((cause, edge), number)| EdgeReference { cause, edge, number })
    }

    /// The edge from a cause to its effect.
    fn edge_between(&self, cause: Node, effect: Node) -> Option<EdgeReference> {
        let (rows, rel) = self.rows_at(effect.number());
        let place = rows.causes(rel).iter().position(|other| u32::from_le_bytes(*other) == cause.number())?;
        let edge = rows.edges(rel).get(place).copied().and_then(unpack).unwrap_or(Edge::Required);
        Some(EdgeReference { cause, edge, number: EdgeNumber(effect, u32::try_from(place).ok()?) })
    }
}

impl Iterator for Neighbors<'_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        match &mut self.0 {
            Side::Causes(causes) => causes.next().map(|cause| Node::new(u32::from_le_bytes(*cause))),
            Side::Effects { graph, of, next } => {
                let effect = (*next)?;
                *next = graph.effects_index().older(graph, *of, effect);
                Some(Node::new(effect))
            }
        }
    }
}

/// The edges of a node in one direction.
pub struct Edges<'g> {
    graph: &'g Graph,
    of: Node,
    neighbors: Neighbors<'g>,
}

impl Iterator for Edges<'_> {
    type Item = EdgeReference;

    fn next(&mut self) -> Option<EdgeReference> {
        let other = self.neighbors.next()?;
        match &self.neighbors.0 {
            Side::Causes(_) => self.graph.edge_between(other, self.of),
            Side::Effects { .. } => self.graph.edge_between(self.of, other),
        }
    }
}

impl EdgeRef for EdgeReference {
    type NodeId = Node;
    type EdgeId = EdgeNumber;
    type Weight = Edge;

    fn source(&self) -> Node {
        self.cause
    }

    fn target(&self) -> Node {
        self.number.0
    }

    fn weight(&self) -> &Edge {
        &self.edge
    }

    fn id(&self) -> EdgeNumber {
        self.number
    }
}

impl NodeRef for NodeReference {
    type NodeId = Node;
    type Weight = Node;

    fn id(&self) -> Node {
        self.0
    }

    fn weight(&self) -> &Node {
        &self.0
    }
}

impl GraphBase for Graph {
    type EdgeId = EdgeNumber;
    type NodeId = Node;
}

impl GraphProp for Graph {
    type EdgeType = Directed;
}

impl Data for Graph {
    type EdgeWeight = Edge;
    type NodeWeight = Node;
}

impl NodeCount for Graph {
    fn node_count(&self) -> usize {
        self.len() as usize
    }
}

impl EdgeCount for Graph {
    fn edge_count(&self) -> usize {
        usize::try_from(self.cause_count()).unwrap_or(usize::MAX)
    }
}

impl NodeIndexable for Graph {
    fn node_bound(&self) -> usize {
        self.len() as usize
    }

    fn to_index(&self, node: Node) -> usize {
        node.number() as usize
    }

    fn from_index(&self, index: usize) -> Node {
        Node::new(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl NodeCompactIndexable for Graph {}

impl Visitable for Graph {
    type Map = NodeSet;

    fn visit_map(&self) -> NodeSet {
        NodeSet::new(self.len())
    }

    fn reset_map(&self, map: &mut NodeSet) {
        *map = self.visit_map();
    }
}

impl VisitMap<Node> for NodeSet {
    fn visit(&mut self, node: Node) -> bool {
        let new = !self.contains(node);
        self.insert(node);
        new
    }

    fn is_visited(&self, node: &Node) -> bool {
        self.contains(*node)
    }

    fn unvisit(&mut self, node: Node) -> bool {
        let was = self.contains(node);
        self.remove(node);
        was
    }
}

/// No matrix: a look at the causes of the later event.
impl GetAdjacencyMatrix for Graph {
    type AdjMatrix = ();

    fn adjacency_matrix(&self) {}

    fn is_adjacent(&self, (): &(), cause: Node, effect: Node) -> bool {
        self.edge_between(cause, effect).is_some()
    }
}

impl<'g> IntoNeighbors for &'g Graph {
    type Neighbors = Neighbors<'g>;

    fn neighbors(self, node: Node) -> Neighbors<'g> {
        self.neighbors_of(node, Direction::Outgoing)
    }
}

impl<'g> IntoNeighborsDirected for &'g Graph {
    type NeighborsDirected = Neighbors<'g>;

    fn neighbors_directed(self, node: Node, direction: Direction) -> Neighbors<'g> {
        self.neighbors_of(node, direction)
    }
}

impl<'g> IntoEdgeReferences for &'g Graph {
    type EdgeRef = EdgeReference;
    type EdgeReferences = Box<dyn Iterator<Item = EdgeReference> + 'g>;

    fn edge_references(self) -> Self::EdgeReferences {
        Box::new(self.nodes().flat_map(|node| self.edges_into(node)))
    }
}

impl<'g> IntoEdges for &'g Graph {
    type Edges = Edges<'g>;

    fn edges(self, node: Node) -> Edges<'g> {
        self.edges_directed(node, Direction::Outgoing)
    }
}

impl<'g> IntoEdgesDirected for &'g Graph {
    type EdgesDirected = Edges<'g>;

    fn edges_directed(self, node: Node, direction: Direction) -> Edges<'g> {
        Edges { graph: self, of: node, neighbors: self.neighbors_of(node, direction) }
    }
}

impl IntoNodeIdentifiers for &Graph {
    type NodeIdentifiers = Map<Range<u32>, fn(u32) -> Node>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        (0..self.len()).map(Node::new)
    }
}

impl IntoNodeReferences for &Graph {
    type NodeRef = NodeReference;
    type NodeReferences = Map<Range<u32>, fn(u32) -> NodeReference>;

    fn node_references(self) -> Self::NodeReferences {
        (0..self.len()).map(|number| NodeReference(Node::new(number)))
    }
}
