//! Common ancestors, ends, what lies between and what lies beside.

use std::collections::BTreeSet;

use batpak_graph::{Graph, Node, NodeSet, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{events, graph, numbers, picks, some};

const RELATIONS: [Relation; 2] = [Relation::Caused, Relation::HappenedBefore];

/// The direct causes and all that they rest on.
fn strict_ancestors(graph: &Graph, set: &NodeSet, relation: Relation) -> NodeSet {
    graph.ancestors(&graph.causes_of(set, relation), relation)
}

fn strict_descendants(graph: &Graph, set: &NodeSet, relation: Relation) -> NodeSet {
    graph.descendants(&graph.effects_of(set, relation), relation)
}

fn without(set: &NodeSet, others: &NodeSet) -> NodeSet {
    let mut left = set.clone();
    left.subtract(others);
    left
}

proptest! {
    #[test]
    fn common_ancestors_are_those_of_each(events in events(150), picks in picks(120)) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        for relation in RELATIONS {
            let reach = naive::reach(&events, relation);
            let pasts = set.iter().map(|node| reach[node.number() as usize].clone());
            let common = pasts.reduce(|left, right| &left & &right).unwrap_or_default();
            prop_assert_eq!(&numbers(&graph.common_ancestors(&set, relation)), &common);
            prop_assert_eq!(numbers(&graph.best_common(&set, relation)), naive::heads(&common, &reach));
        }
    }

    #[test]
    fn two_events_have_the_best_of_common_ancestors(events in events(150), left: u32, right: u32) {
        let graph = graph(&events);
        let set = some(&graph, &[left, right]);
        for relation in RELATIONS {
            let reach = naive::reach(&events, relation);
            let pasts = set.iter().map(|node| reach[node.number() as usize].clone());
            let common = pasts.reduce(|left, right| &left & &right).unwrap_or_default();
            prop_assert_eq!(numbers(&graph.best_common(&set, relation)), naive::heads(&common, &reach));
        }
    }

    #[test]
    fn ends_obey_their_laws(events in events(200), picks in picks(60)) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        for relation in RELATIONS {
            let reach = naive::reach(&events, relation);
            let (heads, roots) = (graph.heads_of(&set, relation), graph.roots_of(&set, relation));
            prop_assert_eq!(numbers(&heads), naive::heads(&numbers(&set), &reach));
            prop_assert_eq!(numbers(&roots), naive::roots(&numbers(&set), &reach));
            prop_assert_eq!(heads, without(&set, &strict_ancestors(&graph, &set, relation)));
            prop_assert_eq!(roots, without(&set, &strict_descendants(&graph, &set, relation)));
        }
    }

    #[test]
    fn between_is_after_and_before(events in events(200), from in picks(6), to in picks(6)) {
        let graph = graph(&events);
        let (from, to) = (some(&graph, &from), some(&graph, &to));
        for relation in RELATIONS {
            let mut expected = graph.descendants(&from, relation);
            expected.intersect(&graph.ancestors(&to, relation));
            prop_assert_eq!(graph.between(&from, &to, relation), expected);
            let reach = naive::reach(&events, relation);
            let related = |one: u32, other: u32| reach[one as usize].contains(&other) || reach[other as usize].contains(&one);
            let beside = |node: &u32| from.iter().all(|of| !related(*node, of.number()));
            prop_assert_eq!(numbers(&graph.concurrent(&from, relation)), (0..graph.len()).filter(beside).collect());
        }
    }

    #[test]
    fn branches_are_counted(events in events(300)) {
        let graph = graph(&events);
        let joins = |node: &u32| events[*node as usize].causes.len() >= 2;
        prop_assert_eq!(numbers(&graph.joins()), (0..graph.len()).filter(joins).collect());
        let names = |node: u32| events.iter().filter(|event| event.causes.iter().any(|(cause, _)| *cause == node)).count();
        prop_assert_eq!(numbers(&graph.forks()), (0..graph.len()).filter(|node| names(*node) >= 2).collect());
    }

    #[test]
    fn components_are_what_causes_connect(events in events(150), picks in picks(150)) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        let mut label: Vec<u32> = (0..graph.len()).collect();
        let induced = naive::induced(&events, &numbers(&set));
        loop {
            let before = label.clone();
            for (node, cause) in induced.iter().flat_map(|(node, causes)| causes.iter().map(move |cause| (*node, *cause))) {
                let least = label[node as usize].min(label[cause as usize]);
                (label[node as usize], label[cause as usize]) = (least, least);
            }
            if label == before {
                break;
            }
        }
        let labels: BTreeSet<u32> = set.iter().map(|node| label[node.number() as usize]).collect();
        let part = |of: &u32| set.iter().filter(|node| label[node.number() as usize] == *of).collect::<Vec<Node>>();
        prop_assert_eq!(graph.components_of(&set), labels.iter().map(part).collect::<Vec<_>>());
    }
}

/// Sets that were made for a graph of another size.
#[test]
fn sets_of_another_size_are_taken_as_they_fit() {
    let graph = graph(&vec![crate::shapes::Plain::default(); 100]);
    let large = NodeSet::full(1000);
    let small = NodeSet::full(7);
    for relation in RELATIONS {
        assert_eq!(graph.heads_of(&large, relation), NodeSet::full(100));
        assert_eq!(graph.roots_of(&large, relation), NodeSet::full(100));
        assert_eq!(graph.ancestors(&large, relation), NodeSet::full(100));
        assert_eq!(graph.descendants(&small, relation), NodeSet::of(100, small.iter()));
        assert_eq!(graph.between(&large, &small, relation), NodeSet::of(100, small.iter()));
    }
    assert_eq!(graph.must(&large), NodeSet::full(100));
    assert_eq!(graph.components_of(&large).len(), 100);
    assert_eq!(graph.causal_order(&large).len(), 100);
}
