//! Plans as text.

use std::fmt;

use super::names::End;
use super::plan::{Action, Step};
use crate::relation::Relation;

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Plans are as deep as expressions at most, and those are bounded.
        self.write(f, 0)
    }
}

impl Step {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        if depth > 0 {
            writeln!(f)?;
        }
        write!(f, "{:1$}", "", 2 * depth)?;
        self.write_action(f)?;
        if self.relation != Relation::Caused && self.action.follows_edges() {
            let name = if self.relation == Relation::Observed { "observed" } else { "happened before" };
            write!(f, " by {name}")?;
        }
        if !self.way.is_empty() {
            write!(f, ", {}", self.way)?;
        }
        match self.found {
            Some(1) => write!(f, ": 1 event")?,
            Some(found) => write!(f, ": {found} events")?,
            None => write!(f, ": not needed")?,
        }
        self.parts.iter().try_for_each(|part| part.write(f, depth + 1))
    }

    fn write_action(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: End| if end == End::Newest { "newest" } else { "oldest" };
        match &self.action {
            Action::None => write!(f, "nothing"),
            Action::All => write!(f, "everything up to position {}", self.upto),
            Action::Nodes(nodes) => {
                write!(f, "position")?;
                nodes.iter().try_for_each(|node| write!(f, " {}", node.position()))
            }
            Action::Index(query) => write!(f, "index: {query}"),
            Action::IndexEnd(query, from, count) => write!(f, "index, {count} {}: {query}", end(*from)),
            Action::End(from, count) => write!(f, "{count} {} of", end(*from)),
            Action::Since(_) => write!(f, "read the time: not before"),
            Action::Until(_) => write!(f, "read the time: before"),
            Action::Joins => write!(f, "two causes or more"),
            Action::Forks => write!(f, "two effects or more"),
            Action::Dangling => write!(f, "causes that are gone"),
            Action::Union => write!(f, "any of"),
            Action::Intersection => write!(f, "all of, in this order"),
            Action::Not => write!(f, "not"),
            Action::Causes(1) => write!(f, "direct causes of"),
            Action::Causes(steps) => write!(f, "causes {steps} steps back from"),
            Action::Effects(1) => write!(f, "direct effects of"),
            Action::Effects(steps) => write!(f, "effects {steps} steps on from"),
            Action::Ancestors(None) => write!(f, "ancestors of"),
            Action::Ancestors(Some(depth)) => write!(f, "ancestors fewer than {depth} steps back from"),
            Action::Descendants(None) => write!(f, "descendants of"),
            Action::Descendants(Some(depth)) => write!(f, "descendants fewer than {depth} steps on from"),
            Action::Between => write!(f, "between"),
            Action::Apply(function) => write!(f, "{} of", function.name()),
        }
    }
}

impl Action {
    const fn follows_edges(&self) -> bool {
        matches!(
            self,
            Self::Causes(_)
                | Self::Effects(_)
                | Self::Ancestors(_)
                | Self::Descendants(_)
                | Self::Between
                | Self::Apply(_)
        )
    }
}
