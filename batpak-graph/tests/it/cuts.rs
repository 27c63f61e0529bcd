//! Consistent cuts and what was known.

use std::collections::{BTreeMap, BTreeSet};

use batpak_graph::{Node, NodeSet, Relation};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{events, graph, numbers, picks, some};

proptest! {
    #[test]
    fn a_cut_is_the_smallest_closed_set(events in events(200), picks in picks(200)) {
        let graph = graph(&events);
        let set = some(&graph, &picks);
        for relation in [Relation::Caused, Relation::HappenedBefore] {
            let closed = set.iter().all(|node| naive::back(&events, node.number(), relation).is_subset(&numbers(&set)));
            prop_assert_eq!(graph.is_closed(&set, relation), closed);
            let gaps = graph.gaps(&set, relation);
            prop_assert_eq!(gaps.is_empty(), closed);
            let mut whole = set.clone();
            whole.unite(&gaps);
            prop_assert!(graph.is_closed(&whole, relation));
            prop_assert_eq!(&whole, &graph.ancestors(&set, relation));
        }
        let cut = graph.cut(&set);
        prop_assert!(graph.is_closed(&cut, Relation::HappenedBefore));
        // The newest event of each stream, and from there everything back.
        let mut stream_of: Vec<u32> = Vec::new();
        let mut newest: BTreeMap<u32, u32> = BTreeMap::new();
        for (node, event) in (0..).zip(&events) {
            let stream = event.previous.map_or(node, |previous| stream_of[previous as usize]);
            stream_of.push(stream);
            if cut.contains(Node::new(node)) {
                newest.insert(stream, node);
            }
        }
        let frontier = graph.frontier(&cut);
        prop_assert_eq!(numbers(&frontier), newest.into_values().collect::<BTreeSet<u32>>());
        prop_assert_eq!(graph.cut(&frontier), cut);
    }

    #[test]
    fn what_was_not_known_happened_before(events in events(100), node: u32, reads in proptest::collection::vec((any::<u32>(), any::<u32>()), 0..8)) {
        let mut graph = graph(&events);
        let Some(node) = node.checked_rem(graph.len()) else { return Ok(()) };
        let mut read: BTreeSet<(u32, u32)> = BTreeSet::new();
        for (event, of) in reads {
            let event = event % graph.len();
            if let Some(of) = of.checked_rem(event) {
                graph.observe(Node::new(event), &[Node::new(of)]).unwrap();
                read.insert((event, of));
            }
        }
        let mut past = BTreeSet::from([node]);
        for later in (0..=node).rev().filter(|later| *later < graph.len()) {
            if past.contains(&later) {
                past.extend(naive::back(&events, later, Relation::Caused));
                past.extend(read.iter().filter(|(event, _)| *event == later).map(|(_, of)| *of));
            }
        }
        prop_assert_eq!(&numbers(&graph.past(&NodeSet::of(graph.len(), [Node::new(node)]))), &past);
        prop_assert_eq!(numbers(&graph.unknown_to(Node::new(node))), (0..node).filter(|other| !past.contains(other)).collect());
    }

    #[test]
    fn numbers_add_up(events in events(300)) {
        let graph = graph(&events);
        let stats = graph.stats();
        let fan_in: Vec<u32> = events.iter().map(|event| event.causes.len() as u32).collect();
        let fan_out: Vec<u32> = graph.nodes().map(|node| graph.effects(node).len() as u32).collect();
        let widest = |fans: &[u32]| {
            let most = fans.iter().copied().max()?;
            let node = fans.iter().position(|fan| *fan == most)?;
            Some((Node::new(node as u32), most))
        };
        prop_assert_eq!((stats.widest_fan_in, stats.widest_fan_out), (widest(&fan_in), widest(&fan_out)));
        prop_assert_eq!(stats.required + stats.alternative + stats.context, graph.cause_count());
        let context = events.iter().flat_map(|event| &event.causes).filter(|(_, edge)| *edge == batpak_core::Edge::Context).count();
        let required = events.iter().flat_map(|event| &event.causes).filter(|(_, edge)| *edge == batpak_core::Edge::Required).count();
        prop_assert_eq!((stats.required, stats.context), (required as u64, context as u64));
        prop_assert_eq!(stats.dangling, events.iter().map(|event| event.missing.len() as u64).sum::<u64>());
        prop_assert_eq!((stats.joins, stats.forks), (graph.joins().len() as u64, graph.forks().len() as u64));
        let all = NodeSet::full(graph.len());
        prop_assert_eq!(stats.heads, graph.heads_of(&all, Relation::Caused).len() as u64);
        prop_assert_eq!(stats.roots, graph.roots_of(&all, Relation::Caused).len() as u64);
        prop_assert_eq!(stats.components, graph.components_of(&all).len() as u64);
        prop_assert_eq!(stats.depth as usize, graph.longest_path(&all).nodes.len().saturating_sub(1));
        prop_assert_eq!(stats.events, events.len() as u64);
    }
}
