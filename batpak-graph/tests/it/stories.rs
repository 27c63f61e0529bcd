//! Why an event happened, in a few entries.

use std::collections::BTreeSet;

use batpak_core::Edge;
use batpak_graph::{Node, Relation, Role};
use proptest::prelude::*;

use crate::naive;
use crate::shapes::{Events, Plain, events, graph};

/// The events with required and alternative causes alone.
fn without_context(events: &Events) -> Events {
    let mut events = events.clone();
    for event in &mut events {
        event.causes.retain(|(_, edge)| *edge != Edge::Context);
        event.missing.retain(|edge| *edge != Edge::Context);
    }
    events
}

fn chain(length: u32) -> Events {
    let causes = |node: u32| node.checked_sub(1).map(|cause| (cause, Edge::Required)).into_iter().collect();
    (0..length).map(|node| Plain { causes: causes(node), ..Plain::default() }).collect()
}

proptest! {
    #[test]
    fn a_story_leaves_out_what_matters_least(events in events(200), node: u32, entries_max in 0..40_usize) {
        let graph = graph(&events);
        let Some(node) = node.checked_rem(graph.len()) else { return Ok(()) };
        let story = graph.why(Node::new(node), entries_max);
        let declared = without_context(&events);
        let past = &naive::reach(&declared, Relation::Caused)[node as usize];
        let wide = &naive::reach(&events, Relation::Caused)[node as usize];
        prop_assert_eq!((story.events, story.context), (past.len(), wide.len() - past.len()));
        prop_assert_eq!(story.missing, past.iter().map(|node| declared[*node as usize].missing.len()).sum::<usize>());
        let nothing = events[node as usize].causes.is_empty() && declared[node as usize].missing.is_empty();
        prop_assert_eq!(story.is_undeclared(), nothing);
        let roots = past.iter().filter(|node| declared[**node as usize].causes.is_empty());
        prop_assert_eq!(story.roots, roots.count());
        // All of the past is told or counted, in order.
        prop_assert!(story.entries.len() <= entries_max.max(2));
        let told: Vec<u32> = story.entries.iter().map(|entry| entry.node.number()).collect();
        prop_assert!(told.is_sorted() && told.iter().all(|node| past.contains(node)));
        prop_assert_eq!(told.last(), Some(&node));
        prop_assert_eq!(told.len() + story.entries.iter().map(|entry| entry.left_out).sum::<usize>(), past.len());
        if past.len() <= entries_max {
            prop_assert_eq!(told.len(), past.len());
        } else {
            prop_assert_eq!(told.len(), told.len().max(2.min(entries_max)));
        }
        let passages = naive::unavoidable(
            &naive::induced(&declared, past),
            |node| declared[node as usize].causes.is_empty(),
            |other| other == node,
        );
        let direct: BTreeSet<u32> = naive::back(&declared, node, Relation::Caused);
        for (at, entry) in story.entries.iter().enumerate() {
            let number = entry.node.number();
            let role = match declared[number as usize].causes.len() {
                _ if number == node => Role::Subject,
                0 => Role::Root,
                1 if direct.contains(&number) => Role::Direct,
                1 if passages.contains(&number) => Role::Passage,
                1 => Role::Step,
                _ => Role::Join,
            };
            prop_assert_eq!(entry.role, role);
            let names = |later: &&u32| naive::back(&declared, **later, Relation::Caused).contains(&number);
            let next = told[at + 1..].iter().find(names).map(|later| {
                let edge = declared[*later as usize].causes.iter().find(|(cause, _)| *cause == number).unwrap().1;
                (Node::new(*later), edge)
            });
            prop_assert_eq!(entry.leads_to, next);
        }
    }
}

#[test]
fn a_chain_that_fits_is_told_whole() {
    let story = graph(&chain(20)).why(Node::new(19), 24);
    let roles: Vec<Role> = story.entries.iter().map(|entry| entry.role).collect();
    let mut expected = vec![Role::Root];
    expected.extend([Role::Passage; 17]);
    expected.extend([Role::Direct, Role::Subject]);
    assert_eq!(roles, expected);
    assert!(story.entries.iter().all(|entry| entry.left_out == 0));
}

#[test]
fn of_a_long_chain_the_beginning_and_the_end_are_told() {
    let story = graph(&chain(1_000)).why(Node::new(900), 10);
    let told: Vec<(u32, usize)> = story.entries.iter().map(|entry| (entry.node.number(), entry.left_out)).collect();
    let mut expected = vec![(0, 891)];
    expected.extend((892..=900).map(|node| (node, 0)));
    assert_eq!(told, expected);
    assert_eq!(story.entries[0].leads_to, None);
    assert_eq!(story.entries[1].leads_to, Some((Node::new(893), Edge::Required)));
}

/// Two branches of a hundred events from one root that come together, and two steps after that.
#[test]
fn joins_and_direct_causes_are_told_first() {
    let mut events = chain(1);
    for step in 1..=200 {
        events.push(Plain { causes: vec![(2_u32.max(step) - 2, Edge::Required)], ..Plain::default() });
    }
    events
        .push(Plain { causes: vec![(199, Edge::Required), (200, Edge::Alternative { group: 0 })], ..Plain::default() });
    events.push(Plain { causes: vec![(201, Edge::Required), (7, Edge::Context)], ..Plain::default() });
    events.push(Plain { causes: vec![(202, Edge::Required)], ..Plain::default() });
    let story = graph(&events).why(Node::new(203), 6);
    let told: Vec<(u32, Role)> = story.entries.iter().map(|entry| (entry.node.number(), entry.role)).collect();
    assert_eq!(told, [(0, Role::Root), (201, Role::Join), (202, Role::Direct), (203, Role::Subject)]);
    assert_eq!((story.entries[0].left_out, story.events, story.context), (200, 204, 0));
}

#[test]
fn an_event_outside_has_no_story() {
    let story = graph(&chain(3)).why(Node::new(3), 24);
    assert!(story.is_undeclared());
    assert_eq!(story.entries.len(), 1);
}
