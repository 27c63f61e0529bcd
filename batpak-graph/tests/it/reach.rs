//! Whether one event reaches another.

use batpak_core::Edge;
use batpak_graph::{Graph, Node, NodeSet, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{self, Draws, Plain, drawn, events, graph};

proptest! {
    #[test]
    fn caused_by_is_a_path_of_causes(events in events(400), indexed: bool) {
        let graph = graph(&events);
        if indexed {
            // The index of effects changes how, never what.
            let _ = graph.effects(Node::new(0));
        }
        let reach = naive::reach(&events, Relation::Caused);
        for (effect, past) in graph.nodes().zip(&reach) {
            for cause in graph.nodes() {
                let expected = cause != effect && past.contains(&cause.number());
                prop_assert_eq!(graph.caused_by(effect, cause), expected, "{:?} <- {:?}", effect, cause);
                let hurried = graph.caused_by_within(effect, cause, 2);
                prop_assert!(hurried.is_none_or(|answer| answer == expected));
            }
        }
        prop_assert!(!graph.caused_by(Node::new(graph.len()), Node::new(0)));
    }

    #[test]
    fn happened_before_is_a_path_of_causes_and_streams(events in events(60)) {
        let graph = graph(&events);
        let reach = naive::reach(&events, Relation::HappenedBefore);
        for (later, past) in graph.nodes().zip(&reach) {
            for earlier in graph.nodes() {
                let expected = earlier != later && past.contains(&earlier.number());
                prop_assert_eq!(graph.happened_before(earlier, later), expected, "{:?} -> {:?}", earlier, later);
            }
        }
    }
}

/// What both relations say of some pairs, against sweeps.
fn check(graph: &Graph, draws: &mut Draws, ends: u32, starts: u32) {
    for _ in 0..ends {
        let end = Node::new(draws.below(graph.len()));
        let set = NodeSet::of(graph.len(), [end]);
        let (caused, before) =
            (graph.ancestors(&set, Relation::Caused), graph.ancestors(&set, Relation::HappenedBefore));
        for _ in 0..starts {
            // As often near as anywhere.
            let back = 1 << draws.below(18);
            let start = Node::new(end.number().saturating_sub(1 + draws.below(back)));
            assert_eq!(graph.caused_by(end, start), start != end && caused.contains(start), "{end:?} <- {start:?}");
            assert_eq!(
                graph.happened_before(start, end),
                start != end && before.contains(start),
                "{start:?} -> {end:?}"
            );
        }
    }
}

#[test]
fn a_large_graph_agrees_with_sweeps_as_it_grows() {
    for (seed, far, streams) in [(1, 40, 64), (2, 3000, 10_000), (3, 50_000, 3)] {
        let mut draws = Draws(seed);
        let mut streams = vec![None; streams];
        let mut growing = Graph::with_streams();
        let mut late = Graph::with_streams();
        growing.index(Relation::Caused);
        growing.index(Relation::HappenedBefore);
        let mut snapshot = None;
        for event in 0..200_000 {
            if event == 150_000 {
                snapshot = Some(growing.clone());
            }
            let plain = drawn(&mut draws, event, far, &mut streams);
            shapes::push(&mut growing, &plain);
            shapes::push(&mut late, &plain);
        }
        check(&growing, &mut draws, 8, 100);
        check(&late, &mut draws, 4, 100);
        check(&snapshot.expect("taken on the way"), &mut draws, 4, 100);
    }
}

#[test]
fn a_long_chain_is_as_good_as_any_other_shape() {
    let length = 300_000_u32;
    let mut graph = Graph::with_streams();
    graph.index(Relation::HappenedBefore);
    for event in 0..length {
        let causes = event.checked_sub(1).map(|cause| (cause, Edge::Required)).into_iter().collect();
        shapes::push(&mut graph, &Plain { causes, previous: event.checked_sub(1), ..Plain::default() });
    }
    let (first, last) = (Node::new(0), Node::new(length - 1));
    for relation in [Relation::Caused, Relation::Observed, Relation::HappenedBefore] {
        assert!(graph.reaches(first, last, relation) && !graph.reaches(last, first, relation));
        assert_eq!(graph.path(first, last, relation).expect("a path").len(), length as usize);
        let shortest = graph.shortest_paths(first, last, relation, 9).expect("a path");
        assert_eq!((shortest.length, shortest.count, shortest.paths.len()), (length - 1, 1, 1));
    }
}
