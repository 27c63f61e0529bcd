//! Causes: the earlier events that an event rests on.

use serde::{Deserialize, Serialize};

use crate::id::EventId;

/// In which way an earlier event is a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// The event would not have happened without it.
    Required,
    /// One of the causes of its group would have been enough.
    Alternative {
        /// Which group of alternatives; 0 if there is only one.
        group: u8,
    },
    /// It was known and is worth a mention.
    Context,
}

/// An earlier event and how it is a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The earlier event. It must exist, or stand earlier in the same batch.
    pub id: EventId,
    /// In which way it is a cause.
    pub edge: Edge,
}

impl Cause {
    /// A cause without which the event would not have happened.
    pub const fn required(id: EventId) -> Self {
        Self { id, edge: Edge::Required }
    }

    /// A cause that any other of the same group could have replaced.
    pub const fn alternative(id: EventId, group: u8) -> Self {
        Self { id, edge: Edge::Alternative { group } }
    }

    /// A cause that is only worth a mention.
    pub const fn context(id: EventId) -> Self {
        Self { id, edge: Edge::Context }
    }
}
