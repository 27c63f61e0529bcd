//! What everything went through, against taking it away.

use std::collections::BTreeSet;

use batpak_graph::{Node, NodeSet};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{self, events, graph, numbers, picks, some};

proptest! {
    #[test]
    fn no_path_avoids_a_dominator(events in events(120), picks in picks(3), at in 0..120_usize) {
        let whole = graph(&events);
        let set = some(&whole, &picks);
        let all = naive::induced(&events, &(0..whole.len()).collect());
        let root = |node: u32| events[node as usize].causes.is_empty();
        let expected = match set.is_empty() {
            true => BTreeSet::new(),
            false => naive::unavoidable(&all, root, |node| set.contains(Node::new(node))),
        };
        prop_assert_eq!(numbers(&whole.dominators(&set)), expected);
        // A tree that grew is the one that was built.
        let at = at.min(events.len());
        let mut growing = graph(&events[..at]);
        let _ = growing.dominators(&NodeSet::new(0));
        let snapshot = growing.clone();
        events[at..].iter().for_each(|event| shapes::push(&mut growing, event));
        for node in whole.nodes() {
            let one = NodeSet::of(whole.len(), [node]);
            prop_assert_eq!(growing.dominators(&one), whole.dominators(&one));
            if node.number() < snapshot.len() {
                prop_assert_eq!(numbers(&snapshot.dominators(&one)), numbers(&whole.dominators(&one)));
            }
        }
    }

    #[test]
    fn no_path_avoids_a_chokepoint(events in events(100), within in picks(100), of in picks(4), whole: bool) {
        let graph = graph(&events);
        let within = if whole { NodeSet::full(graph.len()) } else { some(&graph, &within) };
        let of = some(&graph, &of);
        let induced = naive::induced(&events, &numbers(&within));
        let roots: BTreeSet<u32> = induced.iter().filter(|(_, causes)| causes.is_empty()).map(|(node, _)| *node).collect();
        let caused: BTreeSet<u32> = induced.iter().flat_map(|(_, causes)| causes.iter().copied()).collect();
        let head = |node: u32| !caused.contains(&node);
        prop_assert_eq!(numbers(&graph.chokepoints(&within)), naive::unavoidable(&induced, |node| roots.contains(&node), head));
        let from: BTreeSet<u32> = numbers(&of).intersection(&numbers(&within)).copied().collect();
        let expected = match from.is_empty() {
            true => BTreeSet::new(),
            false => naive::unavoidable(&induced, |node| from.contains(&node), head),
        };
        prop_assert_eq!(numbers(&graph.post_dominators(&within, &of)), expected);
    }
}
