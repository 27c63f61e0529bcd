//! What the words mean, by definition and without regard to cost.

use std::collections::BTreeSet;

use batpak_core::Edge;
use batpak_graph::Relation;

use crate::shapes::Events;

/// What a node rests on directly.
pub fn back(events: &Events, node: u32, relation: Relation) -> BTreeSet<u32> {
    let event = &events[node as usize];
    let mut found: BTreeSet<u32> = event.causes.iter().map(|(cause, _)| *cause).collect();
    if relation == Relation::HappenedBefore {
        found.extend(event.previous);
    }
    found
}

/// Whether there is a path from each node to each: `reach[to]` holds every node with a path to `to`, itself included.
pub fn reach(events: &Events, relation: Relation) -> Vec<BTreeSet<u32>> {
    let mut reach: Vec<BTreeSet<u32>> = Vec::new();
    for node in 0..events.len() as u32 {
        let mut past = BTreeSet::from([node]);
        for cause in back(events, node, relation) {
            past.extend(reach[cause as usize].iter().copied());
        }
        reach.push(past);
    }
    reach
}

/// The events that no other event of a set rests on.
pub fn heads(set: &BTreeSet<u32>, reach: &[BTreeSet<u32>]) -> BTreeSet<u32> {
    let covered = |node: &u32| set.iter().any(|other| other != node && reach[*other as usize].contains(node));
    set.iter().copied().filter(|node| !covered(node)).collect()
}

/// The events that rest on no other event of a set.
pub fn roots(set: &BTreeSet<u32>, reach: &[BTreeSet<u32>]) -> BTreeSet<u32> {
    let rests = |node: &u32| set.iter().any(|other| other != node && reach[*node as usize].contains(other));
    set.iter().copied().filter(|node| !rests(node)).collect()
}

/// What is gone without a set: the rule, applied until nothing changes.
pub fn must(events: &Events, set: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut gone = set.clone();
    loop {
        let before = gone.len();
        for (node, event) in (0..).zip(events) {
            let of = |edge: Edge| event.causes.iter().filter(move |(_, other)| *other == edge).map(|(cause, _)| cause);
            let required = of(Edge::Required).any(|cause| gone.contains(cause));
            let groups =
                event.causes.iter().map(|(_, edge)| *edge).filter(|edge| matches!(edge, Edge::Alternative { .. }));
            let mut groups = groups.filter(|group| !event.missing.contains(group));
            if required || groups.any(|group| of(group).all(|cause| gone.contains(cause))) {
                gone.insert(node);
            }
        }
        if gone.len() == before {
            return gone;
        }
    }
}

/// The events of a selection with what they rest on in it.
pub fn induced(events: &Events, within: &BTreeSet<u32>) -> Vec<(u32, BTreeSet<u32>)> {
    let causes = |node: u32| back(events, node, Relation::Caused).intersection(within).copied().collect();
    within.iter().map(|node| (*node, causes(*node))).collect()
}

/// The events of a selection without which no path leads from any of `from` to any of `to`.
pub fn unavoidable(
    induced: &[(u32, BTreeSet<u32>)],
    from: impl Fn(u32) -> bool,
    to: impl Fn(u32) -> bool,
) -> BTreeSet<u32> {
    let avoidable = |without: u32| {
        let mut reached = BTreeSet::new();
        for (node, causes) in induced {
            if *node != without && (from(*node) || !causes.is_disjoint(&reached)) {
                reached.insert(*node);
            }
        }
        reached.into_iter().any(&to)
    };
    induced.iter().map(|(node, _)| *node).filter(|node| !avoidable(*node)).collect()
}
