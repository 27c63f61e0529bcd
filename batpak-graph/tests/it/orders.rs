//! Orders and heaviest paths.

use std::collections::BTreeSet;

use batpak_graph::{CriticalPath, Node, NodeSet, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{Events, events, graph, numbers, picks, some};

/// Causes first, the newest one last, then the event; into a list.
fn visit(events: &Events, node: u32, oldest: u32, seen: &mut Vec<u32>) {
    if node >= oldest && !seen.contains(&node) {
        naive::back(events, node, Relation::Caused).into_iter().for_each(|cause| visit(events, cause, oldest, seen));
        seen.push(node);
    }
}

proptest! {
    #[test]
    fn branches_stay_together(events in events(120), picks in picks(60)) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        let order: Vec<u32> = graph.causal_order(&set).into_iter().map(Node::number).collect();
        prop_assert_eq!(order.iter().copied().collect::<BTreeSet<u32>>(), numbers(&set));
        let reach = naive::reach(&events, Relation::Caused);
        for (at, node) in order.iter().enumerate() {
            prop_assert!(order[at + 1..].iter().all(|later| !reach[*node as usize].contains(later)));
        }
        let mut seen = Vec::new();
        let oldest = set.first().map_or(0, Node::number);
        for head in naive::heads(&numbers(&set), &reach) {
            visit(&events, head, oldest, &mut seen);
        }
        seen.retain(|node| set.contains(Node::new(*node)));
        prop_assert_eq!(order, seen);
    }

    #[test]
    fn no_path_is_heavier(events in events(120), picks in picks(120), whole: bool, weights in proptest::collection::vec(0..5_u64, 120)) {
        let graph = graph(&events);
        let within = if whole { NodeSet::full(graph.len()) } else { some(&graph, &picks) };
        let induced = naive::induced(&events, &numbers(&within));
        let weight = |node: u32| weights[node as usize];
        let mut best: Vec<u64> = weights.clone();
        loop {
            let before = best.clone();
            for (node, causes) in &induced {
                let longer = causes.iter().map(|cause| before[*cause as usize] + weight(*node)).max();
                best[*node as usize] = best[*node as usize].max(longer.unwrap_or(0));
            }
            if best == before {
                break;
            }
        }
        let CriticalPath { nodes, total } = graph.critical_path(&within, |node| weight(node.number()));
        prop_assert_eq!(total, within.iter().map(|node| best[node.number() as usize]).max().unwrap_or(0));
        prop_assert_eq!(nodes.iter().map(|node| weight(node.number())).sum::<u64>(), total);
        prop_assert_eq!(nodes.is_empty(), within.is_empty());
        let causes = |node: Node| induced.iter().find(|(other, _)| *other == node.number()).map(|(_, causes)| causes.clone()).unwrap();
        prop_assert!(nodes.windows(2).all(|pair| causes(pair[1]).contains(&pair[0].number())));
        prop_assert!(nodes.first().is_none_or(|first| causes(*first).is_empty()));
        let last = within.iter().find(|node| best[node.number() as usize] == total);
        prop_assert_eq!(nodes.last().copied(), last);
        if whole {
            let depth = graph.nodes().map(|node| graph.generation(node)).max();
            prop_assert_eq!(graph.longest_path(&within).nodes.len(), depth.map_or(0, |depth| depth as usize + 1));
        }
    }
}

#[test]
fn sums_stop_at_the_largest_number() {
    let events: Events = vec![
        Default::default(),
        crate::shapes::Plain { causes: vec![(0, batpak_core::Edge::Context)], ..Default::default() },
    ];
    let path = graph(&events).critical_path(&NodeSet::full(2), |_| u64::MAX - 1);
    assert_eq!((path.nodes.len(), path.total), (2, u64::MAX));
}
