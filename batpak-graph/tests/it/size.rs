//! Questions about graphs of many events, against passes that are right by definition. `BATPAK_EVENTS` says how many; a deep run says a million.

use std::sync::Arc;

use batpak_core::{Edge, Set};
use batpak_graph::{Graph, Node, NodeSet, Relation};

use crate::named::Log;
use crate::shapes::{Draws, Events, Plain, drawn, push};

fn size() -> u32 {
    std::env::var("BATPAK_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

/// For each event, whether it is in a set that is told by its causes, of which earlier ones are told already.
fn pass(events: &[Plain], is_in: impl Fn(usize, &Plain, &dyn Fn(u32) -> bool) -> bool) -> Vec<bool> {
    let mut told: Vec<bool> = Vec::with_capacity(events.len());
    for (node, event) in events.iter().enumerate() {
        let answer = is_in(node, event, &|cause| told[cause as usize]);
        told.push(answer);
    }
    told
}

/// Everything that one event rests on: told from the newest to the oldest.
fn past(events: &[Plain], of: u32, streams: bool) -> Vec<bool> {
    let mut told = vec![false; events.len()];
    told[of as usize] = true;
    for node in (0..=of as usize).rev().filter(|node| *node < events.len()) {
        if told[node] {
            let event = &events[node];
            event.causes.iter().for_each(|(cause, _)| told[*cause as usize] = true);
            event.previous.filter(|_| streams).into_iter().for_each(|previous| told[previous as usize] = true);
        }
    }
    told
}

#[track_caller]
fn agree(found: &NodeSet, wanted: &[bool], what: &str) {
    let wanted = wanted.iter().zip(0..).filter(|(told, _)| **told).map(|(_, node)| Node::new(node));
    assert!(found.iter().eq(wanted), "{what}");
}

fn check(events: &Events, graph: &Graph, of: u32) {
    let one = NodeSet::of(graph.len(), [Node::new(of)]);
    agree(&graph.ancestors(&one, Relation::Caused), &past(events, of, false), "ancestors");
    agree(&graph.ancestors(&one, Relation::HappenedBefore), &past(events, of, true), "happened before");
    let future =
        pass(events, |node, event, told| node == of as usize || event.causes.iter().any(|(cause, _)| told(*cause)));
    agree(&graph.may(&one), &future, "may");
    let gone = pass(events, |node, event, told| {
        let mut alternatives =
            event.causes.iter().filter(|(_, edge)| matches!(edge, Edge::Alternative { .. })).peekable();
        node == of as usize
            || event.causes.iter().any(|(cause, edge)| *edge == Edge::Required && told(*cause))
            || (alternatives.peek().is_some() && alternatives.all(|(cause, _)| told(*cause)))
    });
    agree(&graph.must(&one), &gone, "must");
    let mut named = vec![false; events.len()];
    events.iter().flat_map(|event| &event.causes).for_each(|(cause, _)| named[*cause as usize] = true);
    let heads: Vec<bool> = named.iter().map(|named| !named).collect();
    agree(&graph.heads_of(&NodeSet::full(graph.len()), Relation::Caused), &heads, "heads");
    let (left, right) = (past(events, of, false), past(events, of / 2, false));
    let text = format!("::{} & ::{} & kind(a) ~ joins()", of + 1, of / 2 + 1);
    let found = graph.evaluate(&Set::parse(&text).unwrap(), &Log(graph.len())).unwrap();
    let wanted =
        (0..events.len()).map(|node| left[node] && right[node] && node % 3 == 0 && events[node].causes.len() < 2);
    agree(found.set(), &wanted.collect::<Vec<_>>(), &text);
}

#[test]
fn many_events_are_answered_as_few_are() {
    for (seed, far, streams) in [(5, 3, 4), (6, 500, 1000), (7, 100_000, 50)] {
        let mut draws = Draws(seed);
        let mut newest = vec![None; streams];
        let events: Events = (0..size()).map(|event| drawn(&mut draws, event, far, &mut newest)).collect();
        let mut graph = Graph::with_streams();
        events.iter().for_each(|event| push(&mut graph, event));
        for of in [0, size() / 3, size() - 1] {
            check(&events, &graph, of);
        }
        // The same from pieces, and with every index growing along.
        let mut other = Graph::with_streams();
        for number in 0..=graph.pieces() {
            graph.piece(number).into_iter().for_each(|piece| other.adopt(Arc::new(piece)).unwrap());
        }
        assert_eq!(other.len(), graph.len());
        other.index(Relation::Caused);
        other.index(Relation::HappenedBefore);
        check(&events, &other, size() - 1);
    }
}
