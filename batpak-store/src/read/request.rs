//! What to read: which events, from where to where, in which direction, how many.

use batpak_core::{Coordinate, Position, Positions, Query};

use crate::index::postings::Direction;
use crate::sync::Arc;

/// What to read. Starts as everything, oldest first; each method narrows it.
#[derive(Clone, Debug)]
pub struct Read {
    pub(crate) query: Query,
    pub(crate) from: Position,
    pub(crate) to: Position,
    pub(crate) limit: u64,
    pub(crate) direction: Direction,
    pub(crate) within: Option<Arc<dyn Positions>>,
}

impl Read {
    /// Everything but system events.
    #[must_use]
    pub fn all() -> Self {
        Self::query(Query::all())
    }

    /// The events that `query` matches.
    #[must_use]
    pub fn query(query: Query) -> Self {
        Self {
            query,
            from: Position::START,
            to: Position::new(u64::MAX),
            limit: u64::MAX,
            direction: Direction::Forward,
            within: None,
        }
    }

    /// The events of one stream.
    #[must_use]
    pub fn stream(coordinate: &Coordinate) -> Self {
        Self::query(Query::stream(coordinate))
    }

    /// Nothing before `position`.
    #[must_use]
    pub fn from(mut self, position: Position) -> Self {
        self.from = position;
        self
    }

    /// Nothing after `position`.
    #[must_use]
    pub fn to(mut self, position: Position) -> Self {
        self.to = position;
        self
    }

    /// Only events at these positions, such as what an event could have known. A second set replaces the first.
    #[must_use]
    pub fn within(mut self, positions: Arc<dyn Positions>) -> Self {
        self.within = Some(positions);
        self
    }

    /// At most `events` events.
    #[must_use]
    pub fn limit(mut self, events: u64) -> Self {
        self.limit = events;
        self
    }

    /// Newest first.
    #[must_use]
    pub fn backward(mut self) -> Self {
        self.direction = Direction::Backward;
        self
    }
}

impl From<Query> for Read {
    fn from(query: Query) -> Self {
        Self::query(query)
    }
}
