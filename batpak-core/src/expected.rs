//! Expectations: what must be true of a stream for an append to go ahead.

use std::fmt;

use crate::position::Revision;

/// What a stream must look like when an event is appended to it.
///
/// "Must not exist" and "is at revision 1" are different things: [`Expected::NoStream`] fails as soon as there is one event.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// Anything.
    #[default]
    Any,
    /// No event yet.
    NoStream,
    /// At least one event.
    Exists,
    /// The last event has exactly this revision; [`Revision::NONE`] means no event yet.
    Exact(Revision),
}

impl Expected {
    /// Whether a stream whose last event has the revision `actual` is as expected.
    pub const fn admits(self, actual: Revision) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual.get() == 0,
            Self::Exists => actual.get() != 0,
            Self::Exact(revision) => revision.get() == actual.get(),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any revision"),
            Self::NoStream => f.write_str("no revision yet"),
            Self::Exists => f.write_str("some revision"),
            Self::Exact(revision) => write!(f, "revision {revision}"),
        }
    }
}
