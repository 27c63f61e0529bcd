//! A lazy walk over the events that a read asks for.

use std::ops::ControlFlow;

use batpak_core::{Event, EventRef, Position};

use crate::error::StoreError;
use crate::index::postings::Direction;
use crate::segment::{Ahead, BoxedCursor, Part, Window};

use super::plan;
use super::request::Read;
use super::view::View;

/// A lazy walk over the events that a [`Read`] asks for, as its view saw them.
///
/// Costs per event: a step of the index's cursors and, for events that are looked at, their record. Memory does not depend on the
/// length of the log. Holds no lock; appends go on meanwhile and are not seen.
pub struct Scan {
    view: View,
    read: Read,
    /// The segment under way, by its place in the set; `None` once there is none left.
    place: Option<usize>,
    current: Option<Current>,
    window: Window,
    left: u64,
}

/// The segment under way.
struct Current {
    part: Part,
    cursor: BoxedCursor,
    /// Where the cursor goes on; `None` once it went past the end of what is asked for.
    bound: Option<u32>,
    /// The last event wanted, in the direction of the walk.
    limit: u32,
}

impl Scan {
    pub(crate) fn new(view: View, read: Read) -> Self {
        let first = match read.direction {
            Direction::Forward => read.from.max(Position::new(1)),
            Direction::Backward => read.to.min(view.position()),
        };
        let place = if view.position() == Position::START {
            None
        } else {
            view.set().place_of(first).or((read.direction == Direction::Forward && view.set().len() > 0).then_some(0))
        };
        let ahead = match (read.limit, read.direction) {
            (1, _) => Ahead::Exact,
            (_, Direction::Forward) => Ahead::Forward,
            (_, Direction::Backward) => Ahead::Backward,
        };
        Self { left: read.limit, view, read, place, current: None, window: Window::new(ahead) }
    }

    /// The next event, borrowed from the segment: nothing is decoded or copied that the caller does not ask for.
    pub fn next_ref(&mut self) -> Option<Result<EventRef<'_>, StoreError>> {
        let rel = match self.step() {
            Ok(rel) => rel?,
            Err(error) => return Some(Err(self.fail(error))),
        };
        let current = self.current.as_ref()?;
        Some(current.part.event(rel, &mut self.window))
    }

    /// Calls `each` with every remaining event; stops early if it breaks.
    ///
    /// # Errors
    /// The first error of the walk.
    pub fn for_each_ref<B>(
        &mut self,
        mut each: impl FnMut(&EventRef<'_>) -> ControlFlow<B>,
    ) -> Result<Option<B>, StoreError> {
        while let Some(event) = self.next_ref() {
            if let ControlFlow::Break(value) = each(&event?) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Number of remaining events, told by the index alone: no event is read.
    ///
    /// # Errors
    /// The first error of the walk.
    pub fn total(mut self) -> Result<u64, StoreError> {
        let mut count = 0;
        while self.step()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// Position of the next event, told by the index alone.
    ///
    /// # Errors
    /// Damage that cannot be healed, I/O.
    pub fn next_position(&mut self) -> Result<Option<Position>, StoreError> {
        let Some(rel) = self.step()? else { return Ok(None) };
        let first = self.current.as_ref().map_or(0, |current| current.part.first().get());
        Ok(Some(Position::new(first.saturating_add(u64::from(rel)))))
    }

    /// An error ends the walk: it is reported once, never taken for the end.
    fn fail(&mut self, error: StoreError) -> StoreError {
        self.place = None;
        self.current = None;
        self.left = 0;
        error
    }

    /// Moves to the next event; its place in the current segment.
    fn step(&mut self) -> Result<Option<u32>, StoreError> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut healed = false;
        loop {
            let Some(current) = self.current.as_mut() else {
                if !self.enter()? {
                    return Ok(None);
                }
                continue;
            };
            let found = match current.bound.map(|bound| current.cursor.seek(bound)) {
                None => None,
                Some(Ok(found)) => found,
                Some(Err(_)) if !healed => {
                    // The index is damaged: rebuild it from the log and go on at the same place.
                    healed = true;
                    current.part.heal()?;
                    match plan::cursor(&current.part, &self.read)? {
                        Some(cursor) => current.cursor = cursor,
                        None => current.bound = None,
                    }
                    continue;
                }
                Some(Err(damage)) => {
                    return Err(current.part.damaged(damage));
                }
            };
            let wanted = found.filter(|rel| match self.read.direction {
                Direction::Forward => *rel <= current.limit,
                Direction::Backward => *rel >= current.limit,
            });
            if let Some(rel) = wanted {
                current.bound = match self.read.direction {
                    Direction::Forward => rel.checked_add(1),
                    Direction::Backward => rel.checked_sub(1),
                };
                self.left -= 1;
                return Ok(Some(rel));
            }
            self.current = None;
            healed = false;
        }
    }

    /// Enters the next segment that may hold something; false if there is none.
    fn enter(&mut self) -> Result<bool, StoreError> {
        while let Some(place) = self.place {
            self.place = match self.read.direction {
                Direction::Forward => Some(place + 1).filter(|next| *next < self.view.set().len()),
                Direction::Backward => place.checked_sub(1),
            };
            let Some(part) = self.view.set().part(place) else { continue };
            let upto = self.read.to.min(self.view.position());
            let Some(high) = part.last_rel(upto) else {
                if self.read.direction == Direction::Forward {
                    self.place = None;
                }
                continue;
            };
            let low = u32::try_from(self.read.from.get().saturating_sub(part.first().get())).unwrap_or(u32::MAX);
            if low > high {
                if self.read.direction == Direction::Backward {
                    self.place = None;
                }
                continue;
            }
            let (bound, limit) = match self.read.direction {
                Direction::Forward => (low, high),
                Direction::Backward => (high, low),
            };
            if let Some(cursor) = plan::cursor(&part, &self.read)? {
                self.current = Some(Current { part, cursor, bound: Some(bound), limit });
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Iterator for Scan {
    type Item = Result<Event, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_ref()?.and_then(|event| owned(&event)))
    }
}

/// An owned copy of an event.
pub(crate) fn owned(event: &EventRef<'_>) -> Result<Event, StoreError> {
    event
        .to_owned_event()
        .map_err(|error| StoreError::Undecodable { position: event.position(), detail: error.to_string() })
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("read", &self.read).field("left", &self.left).finish_non_exhaustive()
    }
}
