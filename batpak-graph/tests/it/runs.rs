//! Runs compared.

use std::collections::BTreeSet;

use batpak_core::Edge;
use batpak_graph::{Change, Graph, Node, Run, RunDiff, Step};
use proptest::prelude::*;

use crate::shapes::{Events, Plain, events, graph};

const KINDS: [&str; 3] = ["ask", "answer", "note"];

fn step(node: u32, looks: u64) -> Step<'static> {
    let kind = KINDS[(looks % 3) as usize];
    Step {
        node: Node::new(node),
        kind,
        role: looks / 3 % 2,
        shape: looks / 6 % 2,
        keys: looks / 12 % 2,
        payload: looks / 24,
    }
}

/// A step for each event of a graph.
fn steps(looks: &[u64]) -> Vec<Step<'static>> {
    (0..).zip(looks).map(|(node, looks)| step(node, *looks)).collect()
}

/// Whether each step is in one list once.
fn is_whole(diff: &RunDiff, left: &[Step<'_>], right: &[Step<'_>]) -> bool {
    let pairs = || diff.same.iter().copied().chain(diff.changed.iter().map(|(one, other, _)| (*one, *other)));
    let mut lefts: Vec<Node> = pairs().map(|pair| pair.0).chain(diff.removed.iter().copied()).collect();
    let mut rights: Vec<Node> = pairs().map(|pair| pair.1).chain(diff.added.iter().copied()).collect();
    lefts.sort();
    rights.sort();
    let of = |steps: &[Step<'_>]| steps.iter().map(|step| step.node).collect::<Vec<Node>>();
    lefts == of(left) && rights == of(right)
}

proptest! {
    #[test]
    fn a_run_is_the_same_as_its_copy(events in events(150), looks in proptest::collection::vec(0..60_u64, 150)) {
        let graph = graph(&events);
        let steps = steps(&looks[..events.len()]);
        let run = Run::new(&graph, &steps);
        let diff = run.diff(&run);
        prop_assert_eq!(diff.same.len(), steps.len());
        prop_assert!(is_whole(&diff, &steps, &steps));
        prop_assert_eq!(diff.parts_at, (None, None));
    }

    #[test]
    fn one_change_is_one_change(events in events(150), looks in proptest::collection::vec(0..24_u64, 150), at: u32, what in 0..4_u8) {
        let graph = graph(&events);
        // Payloads that do not come twice.
        let left: Vec<Step<'_>> = (0..).zip(&looks[..events.len()]).map(|(node, looks)| step(node, looks + 24 * u64::from(node))).collect();
        let Some(at) = at.checked_rem(graph.len()) else { return Ok(()) };
        let mut right = left.clone();
        let step = &mut right[at as usize];
        let change = match what {
            0 => { step.shape = 7; Change::Shape }
            1 => { step.keys = 7; Change::Keys }
            _ => { step.payload = 777; Change::Payload }
        };
        let diff = Run::new(&graph, &left).diff(&Run::new(&graph, &right));
        let node = Node::new(at);
        prop_assert_eq!(&diff.changed, &[(node, node, change)]);
        prop_assert_eq!(diff.same.len() + 1, left.len());
        prop_assert_eq!(diff.parts_at, (Some(node), Some(node)));
        // Without the step: one less, and only what names it rests on something else.
        right.remove(at as usize);
        let diff = Run::new(&graph, &left).diff(&Run::new(&graph, &right));
        prop_assert!(is_whole(&diff, &left, &right));
        prop_assert_eq!(&diff.removed, &[node]);
        prop_assert!(diff.added.is_empty());
        let names: BTreeSet<Node> = graph.effects(node).into_iter().collect();
        prop_assert_eq!(diff.changed.iter().map(|(left, _, _)| *left).collect::<BTreeSet<Node>>(), names);
        prop_assert!(diff.changed.iter().all(|(left, right, change)| left == right && *change == Change::Causes));
        prop_assert_eq!(diff.parts_at.0, Some(node));
        let back = Run::new(&graph, &right).diff(&Run::new(&graph, &left));
        prop_assert_eq!((back.added, back.same.len(), back.changed.len()), (diff.removed, diff.same.len(), diff.changed.len()));
    }

    #[test]
    fn any_two_runs_are_told_apart_whole(
        first in events(80), second in events(80), looks in proptest::collection::vec(0..60_u64, 160),
    ) {
        let (one, other) = (graph(&first), graph(&second));
        let (left, right) = (steps(&looks[..first.len()]), steps(&looks[80..80 + second.len()]));
        let diff = Run::new(&one, &left).diff(&Run::new(&other, &right));
        prop_assert!(is_whole(&diff, &left, &right));
        let kind = |steps: &[Step<'static>], node: Node| (steps[node.number() as usize].kind, steps[node.number() as usize].role);
        let pairs = diff.same.iter().copied().chain(diff.changed.iter().map(|(one, other, _)| (*one, *other)));
        for (one, other) in pairs {
            prop_assert_eq!(kind(&left, one), kind(&right, other));
        }
        // What is left on both sides has nothing in common.
        let kinds: BTreeSet<_> = diff.removed.iter().map(|node| kind(&left, *node)).collect();
        prop_assert!(diff.added.iter().all(|node| !kinds.contains(&kind(&right, *node))));
    }
}

fn chain(length: u32) -> Graph {
    let causes = |node: u32| node.checked_sub(1).map(|cause| (cause, Edge::Required)).into_iter().collect();
    let events: Events = (0..length).map(|node| Plain { causes: causes(node), ..Plain::default() }).collect();
    graph(&events)
}

fn asks(payloads: &[u64]) -> Vec<Step<'static>> {
    (0..).zip(payloads).map(|(node, payload)| Step { payload: *payload, ..step(node, 0) }).collect()
}

/// A step put in between is one added step, and not a change of all that follow.
#[test]
fn a_step_in_between_moves_the_others() {
    let (short, long) = (chain(4), chain(5));
    let (left, right) = (asks(&[1, 2, 3, 4]), asks(&[1, 9, 2, 3, 4]));
    let diff = Run::new(&short, &left).diff(&Run::new(&long, &right));
    let [one, two, three, four, five] = [0, 1, 2, 3, 4].map(Node::new);
    assert_eq!(diff.added, [two]);
    assert_eq!(diff.removed, []);
    assert_eq!(diff.changed, [(two, three, Change::Causes)]);
    assert_eq!(diff.same, [(one, one), (three, four), (four, five)]);
    assert_eq!(diff.parts_at, (Some(two), Some(two)));
}

/// Where everything differs in its payload, what follows from what still tells what belongs together.
#[test]
fn steps_belong_together_by_what_they_rest_on() {
    let mut events = vec![Plain::default(), Plain::default()];
    for cause in [0, 1, 2, 3] {
        events.push(Plain { causes: vec![(cause, Edge::Required)], ..Plain::default() });
    }
    let first = graph(&events);
    // The same, with the branches' later events the other way around.
    events.swap(2, 3);
    events[4].causes = vec![(3, Edge::Required)];
    events[5].causes = vec![(2, Edge::Required)];
    let second = graph(&events);
    let (left, right) = (asks(&[10, 20, 11, 21, 12, 22]), asks(&[10, 20, 91, 81, 82, 92]));
    let diff = Run::new(&first, &left).diff(&Run::new(&second, &right));
    let pairs: Vec<(u32, u32)> = diff.changed.iter().map(|(one, other, _)| (one.number(), other.number())).collect();
    assert_eq!(pairs, [(2, 3), (3, 2), (4, 4), (5, 5)]);
    assert!(diff.changed.iter().all(|(_, _, change)| *change == Change::Payload));
}
