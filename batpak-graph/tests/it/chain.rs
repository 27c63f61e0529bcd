//! A chain of a million events: nothing recurses, and nothing is quadratic.

use batpak_core::Edge;
use batpak_graph::{Arrival, Graph, Node, NodeSet, Paths, Relation, Role, Run, Step};

const LENGTH: u32 = 1_000_000;

#[test]
fn a_chain_of_a_million_is_as_good_as_any_shape() {
    let mut graph = Graph::with_streams();
    for node in 0..LENGTH {
        let previous = node.checked_sub(1).map(Node::new);
        let causes: Vec<(Node, Edge)> = previous.map(|cause| (cause, Edge::Required)).into_iter().collect();
        graph.push(Arrival { causes: &causes, previous, ..Arrival::default() }).unwrap();
    }
    let all = NodeSet::full(LENGTH);
    let of = |nodes: &[u32]| NodeSet::of(LENGTH, nodes.iter().copied().map(Node::new));
    let (first, last) = (of(&[0]), of(&[LENGTH - 1]));
    let ends = of(&[0, LENGTH - 1]);

    assert_eq!(graph.must(&first), all);
    assert_eq!(graph.may(&first), all);
    assert_eq!(graph.support(&last), first);
    assert_eq!(graph.dominators(&last), all);
    assert_eq!(graph.dominators(&ends), first);
    assert_eq!(graph.chokepoints(&all), all);
    assert_eq!(graph.post_dominators(&all, &first), all);
    assert_eq!(graph.common_ancestors(&ends, Relation::Caused), first);
    assert_eq!(graph.best_common(&ends, Relation::HappenedBefore), first);
    assert_eq!(graph.heads_of(&all, Relation::Caused), last);
    assert_eq!(graph.roots_of(&all, Relation::Caused), first);
    assert_eq!(graph.between(&first, &last, Relation::Caused), all);
    assert!(graph.concurrent(&first, Relation::Caused).is_empty());
    assert!(graph.joins().is_empty() && graph.forks().is_empty());
    assert_eq!(graph.components_of(&all).len(), 1);
    assert!(graph.causal_order(&all).into_iter().eq(graph.nodes()));
    assert_eq!(graph.longest_path(&all).total, u64::from(LENGTH));
    assert_eq!(graph.reduced(&ends, Paths::Any).unwrap().len(), 1);
    assert!(graph.is_closed(&all, Relation::HappenedBefore));
    assert_eq!(graph.cut(&last), all);
    assert_eq!(graph.frontier(&all), last);
    assert_eq!(graph.gaps(&last, Relation::Caused).len(), LENGTH as usize - 1);
    assert_eq!(graph.stats().depth, LENGTH - 1);
    let story = graph.why(Node::new(LENGTH - 1), 24);
    assert_eq!((story.entries.len(), story.entries[0].role, story.events), (24, Role::Root, LENGTH as usize));

    let step = |node| Step { node, kind: "step", role: 0, shape: 0, keys: 0, payload: u64::from(node.number()) };
    let mut right: Vec<Step<'_>> = graph.nodes().take(100_000).map(step).collect();
    let left = right.clone();
    right[500].payload = 7;
    let diff = Run::new(&graph, &left).diff(&Run::new(&graph, &right));
    assert_eq!((diff.same.len(), diff.changed.len()), (99_999, 1));
    // With the index of effects, the answers are the same.
    let _ = graph.effects(Node::new(0));
    assert_eq!(graph.must(&of(&[LENGTH - 9])).len(), 9);
    assert_eq!(graph.must(&first), all);
}
