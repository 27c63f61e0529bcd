//! Causes, effects, ancestors and descendants.

use std::collections::BTreeSet;

use batpak_graph::{Node, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{self, events, graph, numbers, some};

proptest! {
    #[test]
    fn sweeps_agree_with_paths(events in events(300), picks in proptest::collection::vec(any::<u32>(), 0..4), indexed: bool) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        if indexed {
            // The index of effects changes how, never what.
            let _ = graph.effects(Node::new(0));
        }
        for relation in [Relation::Caused, Relation::Observed, Relation::HappenedBefore] {
            let reach = naive::reach(&events, relation);
            let back: BTreeSet<u32> = set.iter().flat_map(|node| reach[node.number() as usize].iter().copied()).collect();
            prop_assert_eq!(numbers(&graph.ancestors(&set, relation)), back);
            let rests = |node: &u32| set.iter().any(|of| reach[*node as usize].contains(&of.number()));
            let forth: BTreeSet<u32> = (0..graph.len()).filter(rests).collect();
            prop_assert_eq!(numbers(&graph.descendants(&set, relation)), forth);
            let causes: BTreeSet<u32> = set.iter().flat_map(|node| naive::back(&events, node.number(), relation)).collect();
            prop_assert_eq!(numbers(&graph.causes_of(&set, relation)), causes);
            let next = |node: &u32| naive::back(&events, *node, relation).iter().any(|cause| set.contains(Node::new(*cause)));
            let effects: BTreeSet<u32> = (0..graph.len()).filter(next).collect();
            prop_assert_eq!(numbers(&graph.effects_of(&set, relation)), effects);
        }
    }

    #[test]
    fn steps_are_counted(events in events(120), picks in proptest::collection::vec(any::<u32>(), 1..3), steps in 0..5_u32) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        let mut expected = numbers(&set);
        for _ in 0..steps {
            let more: Vec<u32> = expected.iter().flat_map(|node| naive::back(&events, *node, Relation::Caused)).collect();
            expected.extend(more);
        }
        prop_assert_eq!(numbers(&graph.ancestors_within(&set, steps, Relation::Caused)), expected);
        let mut expected = numbers(&set);
        for _ in 0..steps {
            let next = |node: &u32| !naive::back(&events, *node, Relation::Caused).is_disjoint(&expected);
            let more: Vec<u32> = (0..graph.len()).filter(next).collect();
            expected.extend(more);
        }
        prop_assert_eq!(numbers(&graph.descendants_within(&set, steps, Relation::Caused)), expected);
    }

    #[test]
    fn what_went_in_comes_out(events in events(300)) {
        let graph = graph(&events);
        prop_assert_eq!(graph.len() as usize, events.len());
        for (node, event) in graph.nodes().zip(&events) {
            let causes: Vec<_> = graph.causes(node).map(|(cause, edge)| (cause.number(), edge)).collect();
            prop_assert_eq!(&causes, &event.causes);
            prop_assert_eq!(graph.previous(node).map(Node::number), event.previous);
            let effects: Vec<u32> = graph.effects(node).into_iter().map(Node::number).collect();
            let names = |other: &u32| events[*other as usize].causes.iter().any(|(cause, _)| *cause == node.number());
            prop_assert_eq!(effects, (0..graph.len()).filter(names).collect::<Vec<u32>>());
        }
        let roots: Vec<u32> = graph.roots().map(Node::number).collect();
        prop_assert_eq!(roots, (0..graph.len()).filter(|node| events[*node as usize].causes.is_empty()).collect::<Vec<_>>());
    }

    #[test]
    fn a_snapshot_does_not_see_what_comes_later(events in events(200), at in 0..200_usize) {
        let at = at.min(events.len());
        let mut growing = graph(&events[..at]);
        let _ = growing.effects(Node::new(0));
        let snapshot = growing.clone();
        let before: Vec<_> = snapshot.nodes().map(|node| snapshot.effects(node)).collect();
        events[at..].iter().for_each(|event| shapes::push(&mut growing, event));
        prop_assert_eq!(snapshot.len() as usize, at);
        prop_assert_eq!(before, snapshot.nodes().map(|node| snapshot.effects(node)).collect::<Vec<_>>());
        let whole = graph(&events);
        for node in whole.nodes() {
            prop_assert_eq!(growing.effects(node), whole.effects(node));
            prop_assert_eq!(growing.generation(node), whole.generation(node));
            prop_assert_eq!(growing.component(node), whole.component(node));
        }
    }
}
