//! A view: the log as it was at one moment.

use crate::sync::Arc;

use batpak_core::{Consumer, Coordinate, Event, EventId, EventRef, Hash, Position, Query, Revision, StoreId, Tree};

use crate::error::StoreError;
use crate::index::term;
use crate::segment::{Ahead, Part, SegmentSet, Window};

use super::request::Read;
use super::scan::{Scan, owned};

/// The log as it was at one moment: everything up to a position, whatever is appended later.
///
/// Cheap to make and to clone; holds the segments it needs, and no lock.
#[derive(Clone, Debug)]
pub struct View {
    set: Arc<SegmentSet>,
    upto: Position,
}

impl View {
    pub(crate) fn pinned(set: Arc<SegmentSet>, upto: Position) -> Self {
        Self { set, upto }
    }

    pub(crate) fn set(&self) -> &SegmentSet {
        &self.set
    }

    /// Position of the last event in view; [`Position::START`] if there is none.
    #[must_use]
    pub fn position(&self) -> Position {
        self.upto
    }

    /// Identity of the store.
    #[must_use]
    pub fn store(&self) -> StoreId {
        self.set.store()
    }

    /// The event with this id.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn get(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        match self.position_of(id)? {
            Some(position) => self.at(position),
            None => Ok(None),
        }
    }

    /// Where the event with this id is. Cost: a filter probe a sealed segment, newest first.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn position_of(&self, id: EventId) -> Result<Option<Position>, StoreError> {
        for part in self.set.parts().rev() {
            if let Some(rel) = part.id(&id)? {
                let position = Position::new(part.first().get().saturating_add(u64::from(rel)));
                return Ok((position <= self.upto).then_some(position));
            }
        }
        Ok(None)
    }

    /// The event at `position`.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn at(&self, position: Position) -> Result<Option<Event>, StoreError> {
        self.with_event(position, owned)?.transpose()
    }

    /// Calls `with` with the event at `position`, borrowed; `None` if it is not in view.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn with_event<T>(
        &self,
        position: Position,
        with: impl FnOnce(&EventRef<'_>) -> T,
    ) -> Result<Option<T>, StoreError> {
        let Some((part, rel)) = self.locate(position) else { return Ok(None) };
        let mut window = Window::new(Ahead::Exact);
        let event = part.event(rel, &mut window)?;
        Ok(Some(with(&event)))
    }

    fn locate(&self, position: Position) -> Option<(Part, u32)> {
        if position > self.upto || position == Position::START {
            return None;
        }
        let part = self.set.part(self.set.place_of(position)?)?;
        let rel = part.last_rel(position)?;
        (part.first().get() + u64::from(rel) == position.get()).then_some((part, rel))
    }

    /// A lazy walk over the events that `read` asks for.
    #[must_use]
    pub fn read(&self, read: impl Into<Read>) -> Scan {
        Scan::new(self.clone(), read.into())
    }

    /// Position of the newest event after `after` that `query` matches.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn newest_match(&self, query: &Query, after: Position) -> Result<Option<Position>, StoreError> {
        if after >= self.upto {
            return Ok(None);
        }
        self.read(Read::query(query.clone()).from(after.next()).backward().limit(1)).next_position()
    }

    /// The newest revision of a stream; [`Revision::NONE`] if it is empty.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn revision(&self, stream: &Coordinate) -> Result<Revision, StoreError> {
        let term = term::stream(stream.scope.as_str(), stream.entity.as_str());
        for part in self.set.parts().rev() {
            let Some(last) = part.last_rel(self.upto) else { continue };
            if let Some(span) = part.stream(&term, last)? {
                return Ok(Revision::new(span.last_revision));
            }
        }
        Ok(Revision::NONE)
    }

    /// Where the event of a stream with this revision is.
    ///
    /// Cost: a filter probe a sealed segment, newest first, then a step for each event of the stream in its segment.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn position_of_revision(
        &self,
        stream: &Coordinate,
        revision: Revision,
    ) -> Result<Option<Position>, StoreError> {
        let term = term::stream(stream.scope.as_str(), stream.entity.as_str());
        for part in self.set.parts().rev() {
            let Some(last) = part.last_rel(self.upto) else { continue };
            let Some(span) = part.stream(&term, last)? else { continue };
            if revision.get() > span.last_revision {
                return Ok(None);
            }
            let Some(mut left) = revision.get().checked_sub(span.first_revision) else { continue };
            let query = Query::stream(stream).system(true);
            let mut scan = self.read(Read::query(query).from(part.first()));
            while let Some(position) = scan.next_position()? {
                match left.checked_sub(1) {
                    Some(less) => left = less,
                    None => return Ok(Some(position)),
                }
            }
        }
        Ok(None)
    }

    /// The position that a consumer stored last, at or before this view's position.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn consumer(&self, consumer: &Consumer) -> Result<Option<Position>, StoreError> {
        for active in self.set.unsealed().iter().rev() {
            if let Some(position) = active.index.consumer(consumer, self.upto.get()) {
                return Ok(Some(position));
            }
        }
        Ok(self.set.sealed().last().and_then(|sealed| sealed.consumers().get(consumer).copied()))
    }

    /// The Merkle root (RFC 9162) over the leaf hashes of everything in view.
    ///
    /// Cost: sealed segments contribute what sealing computed; the unsealed events are read and hashed, 0.5 µs each or so.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn root(&self) -> Result<Hash, StoreError> {
        Ok(self.tree()?.root())
    }

    /// The Merkle tree over everything in view; see [`View::root`].
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn tree(&self) -> Result<Tree, StoreError> {
        let whole =
            self.set.sealed().iter().rev().find(|sealed| sealed.first().get() + sealed.events() <= self.upto.get() + 1);
        let mut tree = whole.map_or_else(Tree::new, |sealed| sealed.tree_after().clone());
        let mut scratch = Vec::new();
        let read = Read::query(Query::all().system(true)).from(Position::new(tree.size() + 1));
        let mut scan = self.read(read);
        while let Some(event) = scan.next_ref() {
            tree.push(event?.leaf_hash(&mut scratch));
        }
        Ok(tree)
    }

    /// The leaf hash of the event at `position`.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn leaf_hash(&self, position: Position) -> Result<Option<Hash>, StoreError> {
        self.with_event(position, |event| event.leaf_hash(&mut Vec::new()))
    }
}
