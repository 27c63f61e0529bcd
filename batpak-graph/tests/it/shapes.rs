//! Random graphs of many shapes, each made from a seed.

use std::collections::BTreeSet;

use batpak_core::{Edge, EventId};
use batpak_graph::{Arrival, Graph, Node, NodeSet};
use proptest::prelude::*;

/// An event as plain data.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    pub causes: Vec<(u32, Edge)>,
    pub previous: Option<u32>,
    /// Causes that are not in the log any more.
    pub missing: Vec<Edge>,
}

/// A graph as plain data; the place in the list is the node.
pub type Events = Vec<Plain>;

/// How a random graph looks.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Long chains.
    Deep,
    /// Many effects of few causes.
    Wide,
    /// Many causes each.
    Dense,
    /// Most events are roots.
    Scattered,
    /// Causes among the last few.
    Near,
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![Just(Shape::Deep), Just(Shape::Wide), Just(Shape::Dense), Just(Shape::Scattered), Just(Shape::Near)]
}

fn edge() -> impl Strategy<Value = Edge> {
    prop_oneof![
        4 => Just(Edge::Required),
        2 => (0..2_u8).prop_map(|group| Edge::Alternative { group }),
        1 => Just(Edge::Context),
    ]
}

/// What is drawn for an event: causes, a mark and a stream.
type Drawn = (Vec<(u32, Edge)>, u32, usize);

/// Graphs of up to `most` events of any shape.
pub fn events(most: usize) -> impl Strategy<Value = Events> {
    let event = (proptest::collection::vec((any::<u32>(), edge()), 0..6), any::<u32>(), 0..6_usize);
    (shape(), proptest::collection::vec(event, 0..most)).prop_map(|(shape, drawn)| {
        let mut streams = [None; 6];
        let place = |(index, (drawn, mark, stream)): (usize, Drawn)| {
            let now = u32::try_from(index).expect("few events");
            let mut causes: Vec<(u32, Edge)> = Vec::new();
            let count = match shape {
                Shape::Deep => usize::from(mark % 50 != 0),
                Shape::Wide | Shape::Near => usize::from(mark % 8 != 0) + usize::from(mark % 7 == 0),
                Shape::Dense => drawn.len(),
                Shape::Scattered => usize::from(mark % 3 == 0) + usize::from(mark % 9 == 0),
            };
            let mut drawn = drawn.into_iter();
            for (draw, edge) in drawn.by_ref().take(count.min(index)) {
                let cause = match shape {
                    Shape::Deep => now - 1 - draw % now.min(2),
                    Shape::Wide => draw % now.min(4),
                    Shape::Dense | Shape::Scattered => draw % now,
                    Shape::Near => now - 1 - draw % now.min(5),
                };
                if causes.iter().all(|(other, _)| *other != cause) {
                    causes.push((cause, edge));
                }
            }
            let missing = drawn.map(|(_, edge)| edge).take(usize::from(mark % 11 == 0) * 2).collect();
            Plain { causes, previous: streams[stream].replace(now), missing }
        };
        drawn.into_iter().enumerate().map(place).collect()
    })
}

/// The graph of these events, with streams.
pub fn graph(events: &[Plain]) -> Graph {
    let mut graph = Graph::with_streams();
    events.iter().for_each(|event| push(&mut graph, event));
    graph
}

pub fn push(graph: &mut Graph, event: &Plain) {
    let causes: Vec<_> = event.causes.iter().map(|(cause, edge)| (Node::new(*cause), *edge)).collect();
    let previous = event.previous.map(Node::new);
    let missing: Vec<_> = event.missing.iter().map(|edge| (EventId::from_bytes([9; 16]), *edge)).collect();
    graph.push(Arrival { causes: &causes, previous, missing: &missing, ..Arrival::default() }).expect("a valid event");
}

/// Where to find events in a graph whose size is not known yet.
pub fn picks(most: usize) -> impl Strategy<Value = Vec<u32>> {
    prop_oneof![
        proptest::collection::vec(any::<u32>(), 0..most.min(4)),
        proptest::collection::vec(any::<u32>(), 0..most)
    ]
}

/// The picked nodes.
pub fn some(graph: &Graph, picks: &[u32]) -> NodeSet {
    let nodes = picks.iter().filter_map(|pick| pick.checked_rem(graph.len())).map(Node::new);
    NodeSet::of(graph.len(), nodes)
}

/// A set as numbers.
pub fn numbers(set: &NodeSet) -> BTreeSet<u32> {
    set.iter().map(Node::number).collect()
}

/// Numbers without order in them, from a seed.
pub struct Draws(pub u64);

impl Draws {
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

/// An event with causes up to `far` back, in one of `streams`.
pub fn drawn(draws: &mut Draws, event: u32, far: u32, streams: &mut [Option<u32>]) -> Plain {
    let mut causes: Vec<(u32, Edge)> = Vec::new();
    for _ in 0..draws.below(3) {
        let cause = event.saturating_sub(1 + draws.below(far));
        if cause < event && causes.iter().all(|(other, _)| *other != cause) {
            let edge = match draws.below(10) {
                0 => Edge::Context,
                1 | 2 => Edge::Alternative { group: 0 },
                _ => Edge::Required,
            };
            causes.push((cause, edge));
        }
    }
    let stream = draws.below(streams.len() as u32) as usize;
    Plain { causes, previous: streams[stream].replace(event), ..Plain::default() }
}
