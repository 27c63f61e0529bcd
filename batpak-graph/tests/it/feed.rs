//! Graphs that are fed with ids.

use batpak_core::{Cause, EventId, Position};
use batpak_graph::{Feed, GraphError, Node};
use proptest::prelude::*;

use crate::shapes::{events, graph};

fn id(node: u32) -> EventId {
    let mut bytes = [9; 16];
    bytes[..4].copy_from_slice(&node.to_be_bytes());
    EventId::from_bytes(bytes)
}

proptest! {
    #[test]
    fn ids_and_nodes_give_the_same_graph(events in events(200)) {
        let rows = events.iter().zip(0..).map(|(event, node)| {
            let causes: Vec<Cause> = event.causes.iter().map(|(cause, edge)| Cause { id: id(*cause), edge: *edge }).collect();
            (Position::new(u64::from(node) + 1), id(node), causes)
        });
        let feed = Feed::of(rows).expect("valid events");
        let expected = graph(&events);
        for node in expected.nodes() {
            prop_assert!(feed.graph().causes(node).eq(expected.causes(node)));
            prop_assert_eq!(feed.node(id(node.number())), Some(node));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let mut feed = Feed::default();
    let none = Vec::<Cause>::new;
    feed.push(Position::new(1), id(1), none()).unwrap();
    let [first, second] = [1, 2].map(Position::new);
    let refused = [
        (feed.push(first, id(2), none()), GraphError::OutOfOrder { expected: second, actual: first }),
        (feed.push(second, id(1), none()), GraphError::DuplicateId { id: id(1), first }),
        (
            feed.push(second, id(2), (10..75).map(|node| Cause::required(id(node)))),
            GraphError::TooManyCauses { event: second, count: 65 },
        ),
    ];
    for (found, expected) in refused {
        assert_eq!(found, Err(expected));
    }
    let node = feed.push(second, id(2), [Cause::required(id(7)), Cause::required(id(1))]).unwrap();
    assert_eq!((node, feed.graph().missing(node).len(), feed.graph().causes(node).len()), (Node::new(1), 1, 1));
}
