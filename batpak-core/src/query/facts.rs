//! Facts: the names of an event that a query looks at.

use crate::draft::Draft;
use crate::event::{Event, EventRef};
use crate::name::Correlation;

/// What a query must know of an event to tell whether it is meant.
pub trait Facts {
    /// What happened.
    fn kind(&self) -> &str;
    /// The space of the entity.
    fn scope(&self) -> &str;
    /// What the stream is about.
    fn entity(&self) -> &str;
    /// The business transaction.
    fn correlation(&self) -> Option<&str>;
    /// Whether any of the tags passes.
    fn any_tag(&self, passes: impl FnMut(&str) -> bool) -> bool;
}

impl Facts for EventRef<'_> {
    fn kind(&self) -> &str {
        self.kind()
    }

    fn scope(&self) -> &str {
        self.scope()
    }

    fn entity(&self) -> &str {
        self.entity()
    }

    fn correlation(&self) -> Option<&str> {
        self.correlation()
    }

    fn any_tag(&self, passes: impl FnMut(&str) -> bool) -> bool {
        self.tags().any(passes)
    }
}

impl Facts for Event {
    fn kind(&self) -> &str {
        self.kind.as_str()
    }

    fn scope(&self) -> &str {
        self.coordinate.scope.as_str()
    }

    fn entity(&self) -> &str {
        self.coordinate.entity.as_str()
    }

    fn correlation(&self) -> Option<&str> {
        self.correlation.as_ref().map(Correlation::as_str)
    }

    fn any_tag(&self, mut passes: impl FnMut(&str) -> bool) -> bool {
        self.tags.iter().any(|tag| passes(tag.as_str()))
    }
}

impl Facts for Draft<'_> {
    fn kind(&self) -> &str {
        self.kind.as_str()
    }

    fn scope(&self) -> &str {
        self.coordinate.scope.as_str()
    }

    fn entity(&self) -> &str {
        self.coordinate.entity.as_str()
    }

    fn correlation(&self) -> Option<&str> {
        self.correlation.as_ref().map(Correlation::as_str)
    }

    fn any_tag(&self, mut passes: impl FnMut(&str) -> bool) -> bool {
        self.tags.iter().any(|tag| passes(tag.as_str()))
    }
}
