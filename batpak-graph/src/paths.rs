//! Paths between two events: one as a witness, and all of the shortest.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::graph::Graph;
use crate::node::Node;
use crate::relation::{Arcs, Relation, with_arcs};

/// The shortest paths between two events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortestPaths {
    /// Edges of each.
    pub length: u32,
    /// How many there are; at most `u64::MAX`.
    pub count: u64,
    /// Some of them or all, each from its start to its end.
    pub paths: Vec<Vec<Node>>,
}

impl Graph {
    /// The shortest paths from `from` to the later `to`, and up to `limit` of them as lists; `None` if there is no path. From an event to
    /// itself there is one, of length 0.
    ///
    /// Two edges of different kinds between the same events are one step of a path. Builds the index of effects if it is not there yet.
    ///
    /// Cost: a search from both ends through what lies between, up to half of the length from either, about a third of a microsecond for
    /// each edge looked at; memory for what it finds and for the paths asked for.
    #[must_use]
    pub fn shortest_paths(&self, from: Node, to: Node, relation: Relation, limit: usize) -> Option<ShortestPaths> {
        if from > to || to.number() >= self.len() {
            return None;
        }
        with_arcs!(relation, self, |arcs| shortest(&mut arcs, from.number(), to.number(), limit))
    }

    /// One path from `from` to the later `to`, both included: the witness of a yes. Not always a shortest one.
    ///
    /// Cost: a walk back from `to` that takes, at each event, an edge to where `from` is known to lie; and in doubt each in turn, at most
    /// once for each event between. On wide graphs as long as the path if landmarks are there (see [`Graph::index`]).
    #[must_use]
    pub fn path(&self, from: Node, to: Node, relation: Relation) -> Option<Vec<Node>> {
        if from > to || to.number() >= self.len() {
            return None;
        }
        with_arcs!(relation, self, |arcs| self.walk_back(&mut arcs, (from.number(), to.number()), relation))
    }

    fn walk_back(&self, arcs: &mut impl Arcs, (from, to): (u32, u32), relation: Relation) -> Option<Vec<Node>> {
        // What each event was reached from, and those still to look at.
        let mut towards: HashMap<u32, u32, RandomState> = HashMap::default();
        let mut open = vec![to];
        while let Some(node) = open.pop() {
            if node == from {
                let after = |node: &u32| towards.get(node).copied();
                return Some(std::iter::successors(Some(from), after).map(Node::new).collect());
            }
            let waiting = open.len();
            arcs.back(node, |earlier| {
                if earlier >= from && !towards.contains_key(&earlier) {
                    towards.insert(earlier, node);
                    open.push(earlier);
                }
            });
            if open.len() - waiting < 2 {
                continue;
            }
            // The oldest that is known to rest on the start is as good as any other, and leaps farthest: it comes next.
            let Some(found) = open.get_mut(waiting..) else { continue };
            found.sort_unstable_by(|one, other| other.cmp(one));
            if let Some(known) = found.iter().rposition(|node| self.is_known(from, *node, relation)) {
                found.get_mut(known..).unwrap_or_default().rotate_left(1);
            }
        }
        None
    }

    /// Whether it takes next to nothing to tell that `from` reaches `node`.
    fn is_known(&self, from: u32, node: u32, relation: Relation) -> bool {
        let (from, node) = (Node::new(from), Node::new(node));
        let before = relation == Relation::HappenedBefore && self.indexes.before.get().is_some();
        from == node
            || self.caused_by_within(node, from, 0) == Some(true)
            || (before && self.happened_before_within(from, node, 0) == Some(true))
    }
}

/// One side of a search: how far away events are, and on how many shortest paths.
struct Side {
    found: HashMap<u32, (u32, u64), RandomState>,
    frontier: Vec<u32>,
    depth: u32,
}

impl Side {
    fn starting(node: u32) -> Self {
        Self { found: HashMap::from_iter([(node, (0, 1))]), frontier: vec![node], depth: 0 }
    }

    /// Goes one step further from every event of the frontier.
    fn advance(&mut self, mut edges: impl FnMut(u32, &mut Vec<u32>)) {
        self.depth += 1;
        let (mut next, mut ends) = (Vec::new(), Vec::new());
        for node in std::mem::take(&mut self.frontier) {
            let count = self.found.get(&node).map_or(0, |(_, count)| *count);
            ends.clear();
            edges(node, &mut ends);
            ends.sort_unstable();
            ends.dedup();
            for end in &ends {
                let (depth, paths) = self.found.entry(*end).or_insert_with(|| {
                    next.push(*end);
                    (self.depth, 0)
                });
                if *depth == self.depth {
                    *paths = paths.saturating_add(count);
                }
            }
        }
        self.frontier = next;
    }

    fn depth(&self, node: u32) -> Option<u32> {
        self.found.get(&node).map(|(depth, _)| *depth)
    }

    fn count(&self, node: u32) -> u64 {
        self.found.get(&node).map_or(0, |(_, count)| *count)
    }

    /// Up to `limit` shortest ways from `node` to the start of this side, both included.
    fn ways(&self, node: u32, limit: usize, mut edges: impl FnMut(u32, &mut Vec<u32>)) -> Vec<Vec<Node>> {
        let (mut ways, mut way) = (Vec::new(), Vec::new());
        let mut open = vec![node];
        let mut ends = Vec::new();
        while let Some(node) = open.pop() {
            let Some(depth) = self.depth(node) else { continue };
            // Every event at this depth or nearer that is on the way belongs to one that was finished.
            while way.last().and_then(|last: &Node| self.depth(last.number())).is_some_and(|last| last <= depth) {
                way.pop();
            }
            way.push(Node::new(node));
            if depth == 0 {
                ways.push(way.clone());
                if ways.len() >= limit {
                    break;
                }
            }
            ends.clear();
            edges(node, &mut ends);
            ends.sort_unstable_by(|one, other| other.cmp(one));
            ends.dedup();
            open.extend(ends.iter().filter(|end| self.depth(**end).is_some_and(|end| end + 1 == depth)));
        }
        ways
    }
}

fn shortest(arcs: &mut impl Arcs, from: u32, to: u32, limit: usize) -> Option<ShortestPaths> {
    let between = |node: &u32| (from..=to).contains(node);
    let (mut forth, mut back) = (Side::starting(from), Side::starting(to));
    let mut middle: Vec<u32> = if from == to { vec![from] } else { Vec::new() };
    while middle.is_empty() {
        if forth.frontier.is_empty() || back.frontier.is_empty() {
            return None;
        }
        let (moved, other) = if forth.frontier.len() < back.frontier.len() {
            forth.advance(|node, ends| arcs.forth(node, |end| ends.extend(Some(end).filter(between))));
            (&forth, &back)
        } else {
            back.advance(|node, ends| arcs.back(node, |end| ends.extend(Some(end).filter(between))));
            (&back, &forth)
        };
        // Every level was complete and they had nothing in common: what they have now is one level each.
        middle = moved.frontier.iter().copied().filter(|node| other.found.contains_key(node)).collect();
    }
    middle.sort_unstable();
    let count = middle.iter().map(|node| forth.count(*node).saturating_mul(back.count(*node)));
    let count = count.fold(0, u64::saturating_add);
    let mut paths = Vec::new();
    for node in middle {
        let left = limit - paths.len();
        if left == 0 {
            break;
        }
        let heads = forth.ways(node, left, |node, ends| arcs.back(node, |end| ends.push(end)));
        let tails = back.ways(node, left, |node, ends| arcs.forth(node, |end| ends.push(end)));
        let whole = heads.iter().flat_map(|head| tails.iter().map(move |tail| (head, tail)));
        paths.extend(
            whole.take(left).map(|(head, tail)| head.iter().rev().chain(tail.iter().skip(1)).copied().collect()),
        );
    }
    Some(ShortestPaths { length: forth.depth + back.depth, count, paths })
}
