//! Paths between two events, and how they stand to each other.

use std::collections::BTreeSet;

use batpak_graph::{Arrival, Graph, Node, Order, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{Events, events, graph};

/// All shortest paths, by going through every one of them.
fn shortest(events: &Events, from: u32, to: u32, relation: Relation) -> BTreeSet<Vec<u32>> {
    let mut paths = BTreeSet::from([vec![to]]);
    while !paths.is_empty() {
        let whole: BTreeSet<_> = paths.iter().filter(|path| path[0] == from).cloned().collect();
        if !whole.is_empty() {
            return whole;
        }
        let further = |path: &Vec<u32>| {
            let (first, path) = (path[0], path.clone());
            let earlier = naive::back(events, first, relation).into_iter();
            earlier.map(move |earlier| [&[earlier], path.as_slice()].concat())
        };
        paths = paths.iter().flat_map(further).filter(|path| path[0] >= from).collect();
    }
    paths
}

proptest! {
    #[test]
    fn paths_are_those_of_the_edges(events in events(24), indexed: bool) {
        let graph = graph(&events);
        for relation in [Relation::Caused, Relation::Observed, Relation::HappenedBefore] {
            if indexed {
                graph.index(relation);
            }
            let reach = naive::reach(&events, relation);
            for (from, to) in graph.nodes().flat_map(|from| graph.nodes().map(move |to| (from, to))) {
                let is = |from: Node, to: Node| reach[to.number() as usize].contains(&from.number());
                let order = match (is(from, to), is(to, from)) {
                    (true, true) => Order::Same,
                    (true, false) => Order::Before,
                    (false, true) => Order::After,
                    (false, false) => Order::Concurrent,
                };
                prop_assert_eq!(graph.order(from, to, relation), order);
                let expected = shortest(&events, from.number(), to.number(), relation);
                let found = graph.shortest_paths(from, to, relation, usize::MAX);
                let Some(found) = found else {
                    prop_assert!(expected.is_empty());
                    prop_assert_eq!(graph.path(from, to, relation), None);
                    continue;
                };
                prop_assert_eq!(found.count as usize, found.paths.len());
                prop_assert!(found.paths.iter().all(|path| path.len() == found.length as usize + 1));
                let numbers = |path: &Vec<Node>| path.iter().map(|node| node.number()).collect::<Vec<u32>>();
                let all: BTreeSet<Vec<u32>> = found.paths.iter().map(numbers).collect();
                prop_assert_eq!(all.len(), found.paths.len());
                prop_assert_eq!(&all, &expected);
                let some = graph.shortest_paths(from, to, relation, 2).expect("a path");
                prop_assert_eq!(&some.paths, &found.paths[..found.paths.len().min(2)]);
                let path = numbers(&graph.path(from, to, relation).expect("a path"));
                prop_assert_eq!((path.first(), path.last()), (Some(&from.number()), Some(&to.number())));
                for step in path.windows(2) {
                    prop_assert!(naive::back(&events, step[1], relation).contains(&step[0]));
                }
            }
        }
    }
}

#[test]
fn paths_are_counted_beyond_any_number() {
    let mut graph = Graph::new();
    let mut ends = vec![graph.push(Arrival::default()).unwrap()];
    for _ in 0..70 {
        let causes: Vec<_> = ends.iter().map(|cause| (*cause, batpak_core::Edge::Required)).collect();
        ends = (0..2).map(|_| graph.push(Arrival { causes: &causes, ..Arrival::default() }).unwrap()).collect();
    }
    let found = graph.shortest_paths(Node::new(0), ends[1], Relation::Caused, 3).unwrap();
    assert_eq!((found.length, found.count, found.paths.len()), (70, u64::MAX, 3));
}

#[test]
fn what_was_observed_makes_paths_of_its_own() {
    let mut graph = Graph::new();
    let read = graph.push(Arrival::default()).unwrap();
    let decided = graph.push(Arrival::default()).unwrap();
    let done = graph.push(Arrival { causes: &[(decided, batpak_core::Edge::Required)], ..Arrival::default() }).unwrap();
    graph.observe(decided, &[read]).unwrap();
    assert_eq!(graph.order(done, read, Relation::Observed), Order::After);
    assert_eq!(graph.order(done, read, Relation::Caused), Order::Concurrent);
    assert_eq!(graph.path(read, done, Relation::Observed), Some(vec![read, decided, done]));
    assert_eq!(graph.shortest_paths(read, done, Relation::Observed, 1).unwrap().length, 2);
}
