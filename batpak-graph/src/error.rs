//! What can be wrong with what a graph is given.

use batpak_core::{EventId, Position};
use thiserror::Error;

use crate::node::EVENTS_MAX;

/// A graph was given something that it cannot hold, or asked for something that is not in it. It is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Events come in the order of their positions, without gaps.
    #[error("expected the event at position {expected}, got the one at {actual}")]
    OutOfOrder {
        /// The position after the newest event in the graph.
        expected: Position,
        /// The position that came.
        actual: Position,
    },
    /// A cause must be earlier than its effect.
    #[error("the event at position {event} names the one at {cause} as its cause, which is not earlier")]
    LaterCause {
        /// The event.
        event: Position,
        /// What it names.
        cause: Position,
    },
    /// More causes than [`batpak_core::CAUSES_MAX`].
    #[error("the event at position {event} has {count} causes, more than {}", batpak_core::CAUSES_MAX)]
    TooManyCauses {
        /// The event.
        event: Position,
        /// How many causes it has.
        count: usize,
    },
    /// More events than [`EVENTS_MAX`].
    #[error("a graph holds at most {EVENTS_MAX} events")]
    Full,
    /// A position that is not in the graph.
    #[error("there is no event at position {position}: the newest is at {newest}")]
    NoEvent {
        /// The position asked for.
        position: Position,
        /// The newest position in the graph.
        newest: Position,
    },
    /// More events than a question about a selection can take, or too many paths between them.
    #[error("a selection of {events} events is too large or too entangled to be reduced; at most {most} can be")]
    TooManySelected {
        /// How many events were selected.
        events: usize,
        /// How many can be.
        most: usize,
    },
    /// An event came with an id that an earlier one has.
    #[error("event id `{id}` is at position {first} already")]
    DuplicateId {
        /// The id.
        id: EventId,
        /// Where it is.
        first: Position,
    },
}
