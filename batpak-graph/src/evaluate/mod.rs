//! Evaluating set expressions: the indexes of the log first, then the graph.
//!
//! An expression is planned before it runs: literals are looked up, everything that the log's indexes can answer becomes a query of theirs,
//! and the members of an intersection are put in the order of their cost. Each member then bounds what the next one has to look at.

mod explain;
mod names;
mod plan;
mod run;

pub use names::{End, Named, Names};

use std::fmt;

use batpak_core::{ParseError, Set};
use thiserror::Error;

use crate::graph::Graph;
use crate::node_set::NodeSet;
use plan::{Fault, Planner, Step};
use run::Runner;

/// Why an expression could not be evaluated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EvaluateError<E> {
    /// It names something that is not there, or asks for what this graph does not know; at a byte of its text.
    #[error("{0}")]
    Text(ParseError),
    /// The log could not be read.
    #[error("{0}")]
    Names(E),
}

/// The events that an expression gives, and how they were found.
#[derive(Clone, Debug)]
pub struct Selection {
    set: NodeSet,
    plan: Step,
}

impl Selection {
    /// The events.
    #[must_use]
    pub const fn set(&self) -> &NodeSet {
        &self.set
    }

    /// The events, without the plan.
    #[must_use]
    pub fn into_set(self) -> NodeSet {
        self.set
    }

    /// The plan as it was carried out, a step a line: what it did, in which way, and how many events it gave.
    pub fn explain(&self) -> impl fmt::Display + '_ {
        &self.plan
    }
}

impl Graph {
    /// The events of an expression. `names` answers for what a graph does not hold: kinds, streams, tags, ids, times.
    ///
    /// # Errors
    /// [`EvaluateError::Text`] points at the part of the expression that names no event, several, or no time.
    ///
    /// Cost: what the indexes cost for the names in it; a pass over a bit for each event of the graph for each operator; a sweep (about 8 ns
    /// for each event found) for each `::`, unless few candidates are left, which are then asked one by one.
    pub fn evaluate<N: Names>(&self, set: &Set, names: &N) -> Result<Selection, EvaluateError<N::Error>> {
        let mut plan = Planner::new(self, names).plan(set).map_err(|fault| match fault {
            Fault::Missing(error) | Fault::Text(error) => EvaluateError::Text(error),
            Fault::Names(error) => EvaluateError::Names(error),
        })?;
        let set = Runner::new(self, names).run(&mut plan).map_err(EvaluateError::Names)?;
        Ok(Selection { set, plan })
    }
}
