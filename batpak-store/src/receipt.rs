//! What an append gives back.

use batpak_core::{EventId, Hlc, Position, Revision};
use serde::Serialize;

use crate::Durability;

/// One event's place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Appended {
    /// The event's id.
    pub id: EventId,
    /// Place in the global order.
    pub position: Position,
    /// Place in its stream.
    pub revision: Revision,
}

/// What an append gives back: where each event went, in the order of the batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// One entry an event; empty for an empty batch.
    pub events: Vec<Appended>,
    /// When the commit was recorded.
    pub recorded_at: Hlc,
    /// What was reached when the append returned.
    pub durability: Durability,
    /// Whether this is the receipt of an earlier commit with the same idempotency key; nothing was appended then.
    pub duplicate: bool,
}

impl Receipt {
    /// The first event's place; `None` for an empty batch.
    #[must_use]
    pub fn first(&self) -> Option<&Appended> {
        self.events.first()
    }

    /// The last event's place; `None` for an empty batch.
    #[must_use]
    pub fn last(&self) -> Option<&Appended> {
        self.events.last()
    }
}
