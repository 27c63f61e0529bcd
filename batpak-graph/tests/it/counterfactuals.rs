//! What would be gone, and what it depends on.

use std::collections::BTreeSet;

use batpak_core::Edge;
use batpak_graph::{Node, NodeSet, Strength};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{Plain, events, graph, numbers, picks, some};

proptest! {
    #[test]
    fn what_is_gone_follows_the_rule(events in events(300), first in picks(4), more in picks(4), indexed: bool) {
        let graph = graph(&events);
        if indexed {
            let _ = graph.effects(Node::new(0));
        }
        let set = some(&graph, &first);
        let gone = graph.must(&set);
        prop_assert_eq!(numbers(&gone), naive::must(&events, &numbers(&set)));
        prop_assert!(gone.is_subset(&graph.may(&set)));
        prop_assert_eq!(&graph.must(&gone), &gone);
        let mut larger = set.clone();
        larger.unite(&some(&graph, &more));
        prop_assert!(gone.is_subset(&graph.must(&larger)));
        prop_assert_eq!(graph.effects_if_gone(&set, Strength::Must).events, gone);
    }

    #[test]
    fn support_is_what_takes_the_set_away(events in events(300), picks in picks(3)) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        let gone_with = |root: &Node| naive::must(&events, &BTreeSet::from([root.number()]));
        let expected: BTreeSet<u32> =
            graph.roots().filter(|root| numbers(&set).is_subset(&gone_with(root))).map(Node::number).collect();
        prop_assert_eq!(numbers(&graph.support(&set)), expected);
    }
}

/// 200 roots; one event needs all of them, one needs any of them, one any of them or one that is lost.
#[test]
fn more_roots_than_bits() {
    let mut events = vec![Plain::default(); 200];
    let of_all = |edge| (0..50).map(|cause| (cause * 4, edge)).collect::<Vec<_>>();
    events.push(Plain { causes: of_all(Edge::Required), ..Plain::default() });
    let any = Edge::Alternative { group: 7 };
    events.push(Plain { causes: of_all(any), ..Plain::default() });
    events.push(Plain { causes: of_all(any), missing: vec![any], ..Plain::default() });
    events.push(Plain { causes: (0..60).map(|cause| (cause, Edge::Required)).collect(), ..Plain::default() });
    events.push(Plain { causes: (60..110).map(|cause| (cause, Edge::Required)).collect(), ..Plain::default() });
    events.push(Plain { causes: vec![(203, Edge::Required), (204, Edge::Required)], ..Plain::default() });
    let graph = graph(&events);
    let of = |nodes: &[u32]| NodeSet::of(graph.len(), nodes.iter().copied().map(Node::new));
    assert_eq!(graph.support(&of(&[200])).len(), 50);
    assert_eq!(graph.support(&of(&[201])).len(), 0);
    assert_eq!(numbers(&graph.support(&of(&[205]))), (0..110).collect());
    assert_eq!(numbers(&graph.support(&of(&[200, 205]))), (0..110).filter(|root| root % 4 == 0).collect());
    let roots = NodeSet::of(graph.len(), graph.roots());
    assert_eq!(numbers(&graph.must(&roots)), (0..206).filter(|node| *node != 202).collect());
}
