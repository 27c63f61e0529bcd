//! The indexes of a graph that only some questions need: made when first asked for, and grown with the graph from then on.

use std::sync::OnceLock;

use crate::dominators::DominatorTree;
use crate::effects::Effects;
use crate::graph::{Arrival, Graph};
use crate::happened_before::BeforeIndex;
use crate::landmarks::{Landmarks, SPACING};
use crate::node::Node;
use crate::relation::{Caused, Relation};
use crate::rows::Cursor;

/// The indexes that somebody asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Indexes {
    /// From a cause to its effects.
    pub effects: OnceLock<Box<Effects>>,
    /// What is known of *caused*, beyond ranks.
    pub sights: OnceLock<Box<Landmarks>>,
    /// What is known of *happened before*.
    pub before: OnceLock<Box<BeforeIndex>>,
    /// The tree of dominators.
    pub dominators: OnceLock<Box<DominatorTree>>,
}

impl Indexes {
    /// Adds the newest event of a graph to every index that is there.
    #[inline]
    pub(crate) fn grow(&mut self, graph: &Graph, node: u32, event: &Arrival<'_>) {
        let causes = event.causes.iter().map(|(cause, _)| cause.number());
        let previous = event.previous.filter(|_| graph.follows_streams()).map(Node::number);
        if let Some(effects) = self.effects.get_mut() {
            effects.add(node, causes.clone(), graph.follows_streams().then_some(previous));
        }
        if let Some(sights) = self.sights.get_mut() {
            sights.add(node, (), causes.clone(), &mut Caused::new(graph));
        }
        if let Some(before) = self.before.get_mut() {
            before.add(graph, node, causes.chain(previous));
        }
        if let Some(dominators) = self.dominators.get_mut() {
            let (rows, rel) = graph.rows_at(node);
            dominators.add(rows.causes(rel));
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.effects.get().map_or(0, |effects| effects.heap_bytes())
            + self.sights.get().map_or(0, |sights| sights.heap_bytes())
            + self.before.get().map_or(0, |before| before.heap_bytes())
            + self.dominators.get().map_or(0, |dominators| dominators.heap_bytes())
    }
}

impl Graph {
    /// Makes now what questions of a relation use beyond the edges, so that the first question (in a gate, for example) need not: effects,
    /// and landmarks for [`Relation::Caused`] and [`Relation::HappenedBefore`]. Growing and cloning keep it.
    ///
    /// Cost: about a microsecond an event.
    pub fn index(&self, relation: Relation) {
        self.effects_index();
        match relation {
            Relation::HappenedBefore if self.follows_streams() => {
                self.before_index();
            }
            Relation::Caused | Relation::HappenedBefore => {
                self.sights_index();
            }
            Relation::Observed => {}
        }
    }

    /// Landmarks of declared causes, made now if nobody asked before.
    pub(crate) fn sights_index(&self) -> &Landmarks {
        self.indexes.sights.get_or_init(|| {
            let mut sights = Landmarks::new(SPACING);
            let (mut arcs, mut cursor) = (Caused::new(self), Cursor::new(self));
            for node in 0..self.len() {
                let causes = cursor.causes(node).iter().map(|cause| u32::from_le_bytes(*cause));
                sights.add(node, (), causes, &mut arcs);
            }
            Box::new(sights)
        })
    }

    /// The index of *happened before*, made now if nobody asked before.
    pub(crate) fn before_index(&self) -> &BeforeIndex {
        self.indexes.before.get_or_init(|| Box::new(BeforeIndex::of(self, SPACING)))
    }

    /// The index of effects, made now if nobody asked before.
    pub(crate) fn effects_index(&self) -> &Effects {
        self.indexes.effects.get_or_init(|| Box::new(Effects::of(self)))
    }

    /// The tree of dominators, made now if nobody asked before.
    pub(crate) fn dominator_tree(&self) -> &DominatorTree {
        self.indexes.dominators.get_or_init(|| Box::new(DominatorTree::of(self)))
    }
}
