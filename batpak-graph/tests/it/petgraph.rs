//! petgraph's algorithms give the same on our graph as on petgraph's own graph of the same events.

use std::collections::{BTreeMap, BTreeSet};

use batpak_core::Edge;
use batpak_graph::{Node, NodeSet};
use petgraph::algo::{
    connected_components, dijkstra, dominators, has_path_connecting, is_isomorphic_matching, page_rank, toposort,
};
use petgraph::graph::NodeIndex;
use petgraph::visit::{
    Bfs, Dfs, EdgeRef, GetAdjacencyMatrix, IntoEdgeReferences, IntoEdgesDirected, IntoNodeReferences, NodeRef,
    Reversed, Topo, VisitMap, Visitable, Walker,
};
use petgraph::{Direction, Graph};
use proptest::prelude::*;

use crate::shapes::{Events, events, graph};

/// The same events in petgraph's graph: indices are nodes.
fn theirs(events: &Events) -> Graph<(), Edge> {
    let mut graph = Graph::new();
    for _ in events {
        graph.add_node(());
    }
    for (effect, event) in events.iter().enumerate() {
        for (cause, edge) in &event.causes {
            graph.add_edge(NodeIndex::new(*cause as usize), NodeIndex::new(effect), *edge);
        }
    }
    graph
}

const fn cost(edge: &Edge) -> u32 {
    match edge {
        Edge::Required => 1,
        Edge::Alternative { group } => 2 + *group as u32,
        Edge::Context => 9,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn algorithms_agree_with_petgraphs_own_graph(events in events(80), pick: u32) {
        let (ours, theirs) = (&graph(&events), &theirs(&events));
        let Some(pick) = pick.checked_rem(ours.len()) else { return Ok(()) };
        let (node, index) = (Node::new(pick), NodeIndex::new(pick as usize));

        let order = toposort(ours, None).expect("no cycle");
        prop_assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), events.len());
        let places: BTreeMap<Node, usize> = order.iter().copied().zip(0..).collect();
        let forward = ours.edge_references().all(|edge| places[&edge.source()] < places[&edge.target()]);
        prop_assert!(forward);
        prop_assert_eq!(Topo::new(ours).iter(ours).count(), events.len());

        let numbers = |found: BTreeSet<Node>| found.into_iter().map(|node| node.number() as usize).collect::<Vec<_>>();
        let indices = |found: BTreeSet<NodeIndex>| found.into_iter().map(NodeIndex::index).collect::<Vec<_>>();
        prop_assert_eq!(numbers(Bfs::new(ours, node).iter(ours).collect()), indices(Bfs::new(theirs, index).iter(theirs).collect()));
        let (back, their_back) = (Reversed(ours), Reversed(theirs));
        let found = Dfs::new(back, node).iter(back).collect();
        prop_assert_eq!(numbers(found), indices(Dfs::new(their_back, index).iter(their_back).collect()));
        for other in ours.nodes() {
            let other_index = NodeIndex::new(other.number() as usize);
            let expected = has_path_connecting(theirs, index, other_index, None);
            prop_assert_eq!(has_path_connecting(ours, node, other, None), expected);
            let adjacent = theirs.contains_edge(index, other_index);
            prop_assert_eq!(ours.is_adjacent(&(), node, other), adjacent);
        }

        let found = dijkstra(ours, node, None, |edge| cost(edge.weight()));
        let expected = dijkstra(theirs, index, None, |edge| cost(edge.weight()));
        let found: BTreeMap<usize, u32> = found.into_iter().map(|(node, cost)| (node.number() as usize, cost)).collect();
        let expected: BTreeMap<usize, u32> = expected.into_iter().map(|(index, cost)| (index.index(), cost)).collect();
        prop_assert_eq!(found, expected);

        let (found, expected) = (dominators::simple_fast(ours, node), dominators::simple_fast(theirs, index));
        for other in ours.nodes() {
            let above = expected.immediate_dominator(NodeIndex::new(other.number() as usize));
            prop_assert_eq!(found.immediate_dominator(other).map(|node| node.number() as usize), above.map(NodeIndex::index));
        }

        let ranks = page_rank(ours, 0.85_f64, 5);
        let close = |(one, other): (&f64, &f64)| (one - other).abs() < 1e-9;
        prop_assert!(ranks.iter().zip(&page_rank(theirs, 0.85, 5)).all(close));
        prop_assert_eq!(connected_components(ours), connected_components(theirs));
        prop_assert_eq!(connected_components(ours), ours.components());

        let edges = |direction| {
            let found = ours.edges_directed(node, direction).map(|edge| (edge.source().number(), edge.target().number(), *edge.weight()));
            let number = |index: NodeIndex| u32::try_from(index.index()).expect("few nodes");
            let expected = theirs.edges_directed(index, direction);
            let expected = expected.map(|edge| (number(edge.source()), number(edge.target()), *edge.weight()));
            (found.collect::<Vec<_>>(), expected.collect::<Vec<_>>())
        };
        for direction in [Direction::Incoming, Direction::Outgoing] {
            let (mut found, mut expected) = edges(direction);
            found.sort_unstable_by_key(|(source, target, _)| (*source, *target));
            expected.sort_unstable_by_key(|(source, target, _)| (*source, *target));
            prop_assert_eq!(found, expected);
        }
        let ids: BTreeSet<_> = ours.edge_references().map(|edge| edge.id()).collect();
        prop_assert_eq!(ids.len() as u64, ours.cause_count());
        prop_assert!(ours.node_references().all(|node| node.id() == *node.weight()));
    }

    #[test]
    fn a_selection_becomes_a_petgraph(events in events(60), skip in 1..4_usize) {
        let ours = graph(&events);
        let all = ours.to_petgraph(&NodeSet::full(ours.len()));
        prop_assert!(is_isomorphic_matching(&all, &theirs(&events), |_, _| true, |one, other| one == other));
        let some = NodeSet::of(ours.len(), ours.nodes().step_by(skip));
        let part = ours.to_petgraph(&some);
        prop_assert_eq!(part.node_weights().copied().collect::<Vec<_>>(), some.iter().collect::<Vec<_>>());
        let expected = |edge: &batpak_graph::EdgeReference| some.contains(edge.source()) && some.contains(edge.target());
        prop_assert_eq!(part.edge_count(), ours.edge_references().filter(expected).count());
        for edge in part.edge_references() {
            let cause = (part[edge.source()], *edge.weight());
            prop_assert!(ours.causes(part[edge.target()]).any(|found| found == cause));
        }
        let mut map = ours.visit_map();
        for node in ours.nodes() {
            prop_assert!(map.visit(node) && !map.visit(node) && map.is_visited(&node));
            prop_assert!(map.unvisit(node) && !map.unvisit(node));
        }
    }
}
