//! Transitive reduction.

use std::collections::BTreeSet;

use batpak_core::Edge;
use batpak_graph::{GraphError, Link, Node, NodeSet, Paths, REDUCED_EVENTS_MAX, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{Events, Plain, events, graph, numbers, picks, some};

/// The links of a selection, given what each event of it can be reached from.
fn links(events: &Events, within: &NodeSet, reaches: impl Fn(u32, u32) -> bool) -> Vec<Link> {
    let mut links = Vec::new();
    for effect in within.iter() {
        for cause in within.iter().filter(|cause| *cause < effect && reaches(cause.number(), effect.number())) {
            let stands_between = |node: &Node| {
                *node > cause
                    && *node < effect
                    && reaches(cause.number(), node.number())
                    && reaches(node.number(), effect.number())
            };
            if within.iter().filter(stands_between).count() == 0 {
                let causes = &events[effect.number() as usize].causes;
                let edge = causes.iter().find(|(named, _)| *named == cause.number()).map(|(_, edge)| *edge);
                links.push(Link { cause, effect, edge });
            }
        }
    }
    links
}

proptest! {
    #[test]
    fn no_link_is_implied_and_none_is_lost(events in events(100), picks in picks(60)) {
        let graph = graph(&events);
        let within = some(&graph, &picks);
        let reach = naive::reach(&events, Relation::Caused);
        let any = links(&events, &within, |from, to| reach[to as usize].contains(&from));
        prop_assert_eq!(graph.reduced(&within, Paths::Any).unwrap(), any);
        let mut inside: Vec<(u32, BTreeSet<u32>)> = Vec::new();
        for (node, causes) in naive::induced(&events, &numbers(&within)) {
            let below = inside.iter().filter(|(other, _)| causes.contains(other)).flat_map(|(_, reach)| reach.clone());
            let row = below.chain([node]).collect();
            inside.push((node, row));
        }
        let row = |to: u32| &inside.iter().find(|(node, _)| *node == to).unwrap().1;
        let expected = links(&events, &within, |from, to| row(to).contains(&from));
        prop_assert_eq!(graph.reduced(&within, Paths::Inside).unwrap(), expected);
    }
}

#[test]
fn too_much_is_refused() {
    let graph_of = |events: &Events| graph(events);
    let many = u32::try_from(REDUCED_EVENTS_MAX).unwrap();
    let graph = graph_of(&vec![Plain::default(); many as usize + 1]);
    let all = NodeSet::full(many + 1);
    assert!(matches!(graph.reduced(&all, Paths::Any), Err(GraphError::TooManySelected { .. })));
    // Thousands of events before and after a hub that is left out: each is linked with each.
    let mut events = vec![Plain::default(); 3_000];
    let mut hub = 0;
    for first in (0..3_000).step_by(50) {
        let mut causes: Vec<(u32, Edge)> = (first..first + 50).map(|cause| (cause, Edge::Context)).collect();
        causes.extend((first > 0).then_some((hub, Edge::Context)));
        hub = u32::try_from(events.len()).unwrap();
        events.push(Plain { causes, ..Plain::default() });
    }
    events.extend(vec![Plain { causes: vec![(hub, Edge::Required)], ..Plain::default() }; 3_000]);
    let graph = graph_of(&events);
    let mut ends = NodeSet::full(graph.len());
    (3_000..=hub).for_each(|node| ends.remove(Node::new(node)));
    assert!(matches!(graph.reduced(&ends, Paths::Any), Err(GraphError::TooManySelected { .. })));
    assert_eq!(graph.reduced(&ends, Paths::Inside), Ok(Vec::new()));
}
