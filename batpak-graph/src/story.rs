//! A story: why an event happened, in a few entries.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use batpak_core::Edge;

use crate::edge::unpack;
use crate::graph::Graph;
use crate::node::Node;
use crate::node_set::NodeSet;
use crate::relation::Relation;
use crate::rows::Cursor;
use crate::sweep::{descend, mark};

/// What an event is to a story; of several roles, the first of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The event that the story is about.
    Subject,
    /// Something began here: it has no causes, or context alone.
    Root,
    /// It brought several branches together.
    Join,
    /// The subject names it as a cause.
    Direct,
    /// Everything that led to the subject went through it.
    Passage,
    /// A step on one of several branches.
    Step,
}

/// An event of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The event.
    pub node: Node,
    /// Why it is in the story.
    pub role: Role,
    /// The next entry that names it as a cause, and how; `None` if it leads on by events left out, and for the subject.
    pub leads_to: Option<(Node, Edge)>,
    /// Events of the past that lie between this entry and the next one, and are left out.
    pub left_out: usize,
}

/// Why an event happened: what it rests on by required and alternative causes, oldest first, with what matters least left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The entries; the last one is the subject.
    pub entries: Vec<Entry>,
    /// Events that the subject rests on, itself included: the entries and all that was left out.
    pub events: usize,
    /// Those of them where something began.
    pub roots: usize,
    /// Events beyond those, to which only context leads.
    pub context: usize,
    /// Causes of all these events, context not counted, that are not in the log any more.
    pub missing: usize,
}

impl Story {
    /// Whether nothing can be said about why it happened: it names no cause, or only context that is not in the log any more.
    #[must_use]
    pub const fn is_undeclared(&self) -> bool {
        self.events <= 1 && self.context == 0 && self.missing == 0
    }
}

impl Graph {
    /// Why an event happened, in at most `entries_max` entries (at least 2).
    ///
    /// If all that it rests on by required and alternative causes fits, that is the story. Otherwise, of direct causes, of roots, of joins, and of
    /// passages, each has its share of the room: the newest are kept, of roots the oldest.
    ///
    /// Cost: three passes over the ancestors of the event, about 30 ns each; memory for the story, and for its roots.
    #[must_use]
    pub fn why(&self, node: Node, entries_max: usize) -> Story {
        let entries_max = entries_max.max(2);
        let subject = NodeSet::of(self.len(), [node]);
        let past = Past::of(self, node, entries_max);
        let mut context = self.ancestors(&subject, Relation::Caused);
        context.subtract(&past.events);
        let events = past.events.len().max(1);
        let missing = self.dangling().filter(|event| past.events.contains(*event));
        let missing = missing.flat_map(|event| self.missing(event)).filter(|(_, edge)| *edge != Edge::Context).count();
        let chosen = past.chosen(node, entries_max);
        let entries = self.entries(&past, node, &chosen);
        Story { entries, events, roots: past.roots.len(), context: context.len(), missing }
    }

    /// Entries for the events chosen.
    fn entries(&self, past: &Past, subject: Node, chosen: &BTreeSet<Node>) -> Vec<Entry> {
        let mut leads: BTreeMap<Node, (Node, Edge)> = BTreeMap::new();
        for node in chosen.iter().rev() {
            for (cause, edge) in self.causes(*node).filter(|(_, edge)| *edge != Edge::Context) {
                // The oldest effect comes last, and stays.
                leads.insert(cause, (*node, edge));
            }
        }
        let next = chosen.iter().skip(1).copied().map(Some).chain([None]);
        let entry = |(node, next): (&Node, Option<Node>)| {
            let role = match self.causes(*node).filter(|(_, edge)| *edge != Edge::Context).count() {
                _ if *node == subject => Role::Subject,
                0 => Role::Root,
                1 if past.direct.contains(node) => Role::Direct,
                1 if past.passages.contains(node) => Role::Passage,
                1 => Role::Step,
                _ => Role::Join,
            };
            let from = node.number() as usize + 1;
            let left_out = next.map_or(0, |next| past.events.bits.count_ones(from..next.number() as usize));
            Entry { node: *node, role, leads_to: leads.get(node).copied(), left_out }
        };
        chosen.iter().zip(next).map(entry).collect()
    }
}

/// What an event rests on, context left aside.
struct Past {
    events: NodeSet,
    /// All that begin something, newest first.
    roots: Vec<Node>,
    /// Those that bring branches together, newest first; not all of them.
    joins: Vec<Node>,
    /// Those that all paths go through, newest first; not all of them.
    passages: Vec<Node>,
    /// The direct causes, newest first.
    direct: Vec<Node>,
}

impl Past {
    /// Of joins and passages, at most `most`.
    fn of(graph: &Graph, subject: Node, most: usize) -> Self {
        let mut cursor = Cursor::new(graph);
        let mut events = NodeSet::of(graph.len(), [subject]);
        let (mut roots, mut joins, mut passages, mut direct) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        // The oldest cause of the events so far: there is a path that avoids what lies in between.
        let mut reach = u32::MAX;
        let mut began = false;
        descend(&mut events, |marks, number| {
            let node = Node::new(number);
            let (causes, edges) = (cursor.causes(number), cursor.edges(number));
            if reach >= number && !began && passages.len() < most {
                passages.push(node);
            }
            let mut count = 0;
            for (at, cause) in causes.iter().enumerate() {
                if edges.get(at).copied().and_then(unpack) == Some(Edge::Context) {
                    continue;
                }
                let cause = u32::from_le_bytes(*cause);
                mark(marks, cause);
                reach = reach.min(cause);
                count += 1;
                if node == subject {
                    direct.push(Node::new(cause));
                }
            }
            if count == 0 {
                roots.push(node);
                began = true;
            } else if count >= 2 && joins.len() < most {
                joins.push(node);
            }
            ControlFlow::Continue(())
        });
        direct.sort_unstable_by(|left, right| right.cmp(left));
        Self { events, roots, joins, passages, direct }
    }

    /// All events, or the most telling ones if there is no room for all.
    fn chosen(&self, subject: Node, entries_max: usize) -> BTreeSet<Node> {
        let mut chosen = BTreeSet::from([subject]);
        if self.events.len() <= entries_max {
            chosen.extend(self.events.iter());
            return chosen;
        }
        let oldest_roots: Vec<Node> = self.roots.iter().rev().take(entries_max).copied().collect();
        let room = entries_max - 1;
        // Each kind may take part of the room; what one leaves, the later ones have, and then the first ones again.
        let shares = [
            (&oldest_roots, room.div_ceil(4)),
            (&self.direct, room.div_ceil(3)),
            (&self.joins, room.div_ceil(4)),
            (&self.passages, room),
            (&self.joins, room),
            (&self.direct, room),
            (&oldest_roots, room),
        ];
        for (nodes, share) in shares {
            let share = share.min(entries_max.saturating_sub(chosen.len()));
            let fresh: Vec<Node> = nodes.iter().filter(|node| !chosen.contains(node)).take(share).copied().collect();
            chosen.extend(fresh);
        }
        chosen
    }
}
