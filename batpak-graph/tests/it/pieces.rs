//! Pieces: what is read in place equals what was built, and bytes from elsewhere do no harm.

use std::sync::Arc;

use batpak_core::{Edge, EventId};
use batpak_graph::{Arrival, Graph, Node, NodeSet, PIECE_EVENTS, Relation};

/// Events of two pieces and some more: streams, joins, every kind of cause, missing causes, system events.
fn build(streams: bool) -> Graph {
    let mut graph = if streams { Graph::with_streams() } else { Graph::new() };
    let mut state = 1_u64;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap() % below
    };
    for node in 0..2 * PIECE_EVENTS + 777 {
        let count = if node == 0 { 0 } else { draw(3) };
        let mut causes: Vec<(Node, Edge)> = Vec::new();
        for _ in 0..count.min(node) {
            let cause = Node::new(node - 1 - draw(node.min(5000)));
            let edge = match draw(4000) {
                0 => Edge::Context,
                1 => Edge::Alternative { group: 3 },
                _ => Edge::Required,
            };
            if causes.iter().all(|(other, _)| *other != cause) {
                causes.push((cause, edge));
            }
        }
        let missing = [(EventId::from_bytes([7; 16]), Edge::Required)];
        let missing = if node % 50_000 == 9 { missing.as_slice() } else { &[] };
        let previous = node.checked_sub(3).map(Node::new);
        graph.push(Arrival { causes: &causes, missing, previous, system: node % 40_000 == 11 }).unwrap();
    }
    graph
}

/// The same graph, its full pieces read in place and the rest taken from the newest piece, or pushed again.
fn adopted(graph: &Graph, newest: bool) -> Graph {
    let mut other = if graph.follows_streams() { Graph::with_streams() } else { Graph::new() };
    for number in 0..graph.pieces() {
        other.adopt(Arc::new(graph.piece(number).unwrap())).unwrap();
    }
    assert_eq!(other.len(), graph.pieces() * PIECE_EVENTS);
    if newest {
        other.adopt(Arc::new(graph.piece(graph.pieces()).unwrap())).unwrap();
        assert_eq!(other.len(), graph.len());
    }
    for node in graph.nodes().skip(other.len() as usize) {
        let causes: Vec<_> = graph.causes(node).collect();
        let arrival =
            Arrival { causes: &causes, missing: graph.missing(node), previous: graph.previous(node), system: false };
        other.push(arrival).unwrap();
    }
    other
}

#[test]
fn a_graph_of_pieces_equals_the_one_that_made_them() {
    for (streams, newest) in [(false, false), (true, false), (true, true)] {
        let mut graph = build(streams);
        let mut other = adopted(&graph, newest);
        assert_eq!(graph.piece(graph.pieces() + 1), None);
        for graph in [&mut graph, &mut other] {
            let causes = [(Node::new(5), Edge::Required), (graph.head().unwrap(), Edge::Context)];
            graph.push(Arrival { causes: &causes, previous: graph.head(), ..Arrival::default() }).unwrap();
        }
        assert_eq!((other.len(), other.cause_count()), (graph.len(), graph.cause_count()));
        assert_eq!(other.components(), graph.components());
        assert!(other.roots().eq(graph.roots()) && other.dangling().eq(graph.dangling()));
        assert!(other.system().eq(graph.system()));
        for node in graph.nodes() {
            assert!(other.causes(node).eq(graph.causes(node)), "{node:?}");
            assert_eq!(other.generation(node), graph.generation(node));
            assert_eq!(other.previous(node), graph.previous(node));
        }
        for node in [0, 65_535, 65_536, 131_071, 131_072, 131_800].map(Node::new) {
            let set = NodeSet::of(graph.len(), [node]);
            assert_eq!(other.component(node), graph.component(node));
            assert_eq!(other.effects(node), graph.effects(node));
            for relation in [Relation::Caused, Relation::HappenedBefore] {
                assert_eq!(other.ancestors(&set, relation), graph.ancestors(&set, relation));
                assert_eq!(other.descendants(&set, relation), graph.descendants(&set, relation));
            }
        }
        for number in 0..=graph.pieces() {
            assert_eq!(other.piece(number), graph.piece(number), "made again, byte for byte");
        }
    }
}

#[test]
fn what_is_no_piece_is_refused_and_changes_nothing() {
    let graph = build(true);
    let [first, second] = [0, 1].map(|number| graph.piece(number).unwrap());
    let mut other = Graph::with_streams();
    let cut = first[..first.len() - 1].to_vec();
    let longer = [first.as_slice(), &[0]].concat();
    let mut version = first.clone();
    version[8] = 9;
    let mut hostile = first.clone();
    hostile[24..48].fill(0xff);
    let mut crowded = first.clone();
    crowded[20..24].fill(0xff);
    let mut bare = first.clone();
    bare[20..24].fill(0);
    for bytes in [Vec::new(), b"batpkgrf".to_vec(), cut, longer, version, hostile, crowded, bare, second] {
        assert!(other.adopt(Arc::new(bytes)).is_err());
        assert!(other.is_empty() && other.components() == 0);
    }
    let without = build(false).piece(0).unwrap();
    assert!(other.adopt(Arc::new(without)).is_err(), "it lacks the streams");
    other.push(Arrival::default()).unwrap();
    assert!(other.adopt(Arc::new(first)).is_err(), "the graph is not empty any more");
}

/// Bytes that pass every check of a header and mean nothing: answers may be wrong, but each question ends.
#[test]
fn forged_columns_do_no_harm() {
    let honest = build(true).piece(0).unwrap();
    for fill in [0x00, 0x01, 0x7f, 0xff] {
        let mut bytes = honest.clone();
        bytes[64..].fill(fill);
        let mut graph = Graph::with_streams();
        if graph.adopt(Arc::new(bytes)).is_err() {
            continue;
        }
        for node in [0, 1, 65_535].map(Node::new) {
            let set = NodeSet::of(graph.len(), [node]);
            let _ = (graph.effects(node), graph.component(node), graph.generation(node), graph.causes(node).len());
            for relation in [Relation::Caused, Relation::Observed, Relation::HappenedBefore] {
                let _ = (graph.ancestors(&set, relation), graph.descendants(&set, relation));
            }
        }
    }
}

/// A piece of a few events with these causes, whatever they are.
fn forged(causes: &[&[u32]]) -> Vec<u8> {
    let total: usize = causes.iter().map(|causes| causes.len()).sum();
    let words = [1, 0, 0, causes.len() as u32, total as u32, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut bytes = b"batpkgrf".to_vec();
    bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
    bytes.extend(0_u32.to_le_bytes());
    let ends = causes.iter().scan(0, |end, causes| {
        *end += causes.len() as u16;
        Some(*end)
    });
    bytes.extend(ends.flat_map(u16::to_le_bytes));
    bytes.extend(causes.iter().flat_map(|causes| causes.iter()).flat_map(|cause| cause.to_le_bytes()));
    bytes.resize(bytes.len() + 12 * causes.len(), 0);
    bytes
}

/// Causes that are not earlier, or not there, end no walk in a circle.
#[test]
fn forged_causes_lead_nowhere() {
    for causes in [&[&[99, 99][..], &[0, 0, 0]][..], &[&[], &[2, 0], &[1]], &[&[0], &[1, 0], &[1, 2, 2]]] {
        let mut graph = Graph::new();
        graph.adopt(Arc::new(forged(causes))).unwrap();
        for node in graph.nodes() {
            let set = NodeSet::of(graph.len(), [node]);
            let _ = (graph.effects(node), graph.why(node, 9), graph.dominators(&set), graph.longest_path(&set));
            for other in graph.nodes() {
                for relation in [Relation::Caused, Relation::HappenedBefore] {
                    let _ = (graph.path(node, other, relation), graph.shortest_paths(node, other, relation, 9));
                    let _ = graph.order(node, other, relation);
                }
            }
        }
    }
}
