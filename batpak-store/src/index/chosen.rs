//! A cursor over the events of a set of positions that a caller worked out.

use batpak_core::{Position, Positions};

use super::postings::{Direction, PostingsCursor};
use super::sealed::IndexDamage;
use crate::sync::Arc;

/// The events of a segment whose positions are in a set.
pub(crate) struct Chosen {
    positions: Arc<dyn Positions>,
    /// Position of the segment's first event.
    first: Position,
    direction: Direction,
}

impl Chosen {
    pub(crate) fn new(positions: Arc<dyn Positions>, first: Position, direction: Direction) -> Self {
        Self { positions, first, direction }
    }
}

impl PostingsCursor for Chosen {
    fn seek(&mut self, bound: u32) -> Result<Option<u32>, IndexDamage> {
        let at = Position::new(self.first.get().saturating_add(u64::from(bound)));
        let found = match self.direction {
            Direction::Forward => self.positions.at_or_after(at),
            Direction::Backward => self.positions.at_or_before(at),
        };
        Ok(found.and_then(|found| u32::try_from(found.get().checked_sub(self.first.get())?).ok()))
    }
}
