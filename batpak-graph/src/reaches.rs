//! How two events stand to each other.

use crate::both_ends::{Nothing, is_path};
use crate::graph::Graph;
use crate::node::Node;
use crate::relation::{Observed, Relation};

/// How an event stands to another in a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// They are one event.
    Same,
    /// There is a path from the first to the second.
    Before,
    /// There is a path from the second to the first.
    After,
    /// There is none in either direction.
    Concurrent,
}

impl Graph {
    /// How `one` stands to `other` in a relation. Cost: that of [`Graph::reaches`].
    #[must_use]
    pub fn order(&self, one: Node, other: Node, relation: Relation) -> Order {
        if one == other {
            Order::Same
        } else if self.reaches(one, other, relation) {
            Order::Before
        } else if self.reaches(other, one, relation) {
            Order::After
        } else {
            Order::Concurrent
        }
    }

    /// Whether there is a path in a relation from `from` to the later `to`.
    ///
    /// Cost: that of [`Graph::caused_by`] and [`Graph::happened_before`]; for what was observed, where causes alone do not make the path,
    /// that of a search through what lies between.
    #[must_use]
    pub fn reaches(&self, from: Node, to: Node, relation: Relation) -> bool {
        match relation {
            Relation::Caused => self.caused_by(to, from),
            Relation::HappenedBefore => self.happened_before(from, to),
            Relation::Observed => self.caused_by(to, from) || self.is_observed(from.number(), to.number()),
        }
    }

    fn is_observed(&self, from: u32, to: u32) -> bool {
        if from >= to || to >= self.len() || self.observations().next().is_none() {
            return false;
        }
        self.effects_index();
        is_path(&mut Observed::new(self), &mut Nothing, (from, to), true, u64::MAX).unwrap_or(false)
    }
}
