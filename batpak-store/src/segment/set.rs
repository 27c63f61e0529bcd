//! The segments of a store at one moment: what a view pins, and what look-ups go through, newest first.

use crate::sync::Arc;

use batpak_core::{EventId, KeyDigest, Position, StoreId};

use crate::error::StoreError;
use crate::index::active::KeyEntry;
use crate::recovery::tail::ChainPoint;

use super::{Active, Part, Sealed, StreamSpan};

/// Sealed segments, then unsealed ones, in the order of their positions. Immutable; a change makes a new set.
#[derive(Debug)]
pub(crate) struct SegmentSet {
    store: StoreId,
    sealed: Vec<Arc<Sealed>>,
    /// At most one that waits to be sealed, and the one that takes commits.
    unsealed: Vec<Arc<Active>>,
    sealings: u64,
}

impl SegmentSet {
    pub(crate) fn new(store: StoreId, sealed: Vec<Arc<Sealed>>, unsealed: Vec<Arc<Active>>) -> Self {
        Self { store, sealed, unsealed, sealings: 0 }
    }

    /// Identity of the store.
    pub(crate) fn store(&self) -> StoreId {
        self.store
    }

    /// Sealed segments, oldest first.
    pub(crate) fn sealed(&self) -> &[Arc<Sealed>] {
        &self.sealed
    }

    /// Unsealed segments, oldest first.
    pub(crate) fn unsealed(&self) -> &[Arc<Active>] {
        &self.unsealed
    }

    /// Changes whenever a segment left memory for a sealed file.
    pub(crate) fn sealings(&self) -> u64 {
        self.sealings
    }

    /// Position of the newest event in any segment, published or not.
    pub(crate) fn last(&self) -> Position {
        let unsealed = self.unsealed.last().map(|active| active.header.first_position.get() + active.index.events());
        let next = unsealed.or_else(|| self.sealed.last().map(|sealed| sealed.first().get() + sealed.events()));
        Position::new(next.unwrap_or(1).saturating_sub(1))
    }

    /// The segment that waits to be sealed, with its end as its successor's header tells it.
    pub(crate) fn waiting(&self) -> Option<(Arc<Active>, ChainPoint)> {
        let (waiting, next) = (self.unsealed.first()?, self.unsealed.get(1)?);
        let end = ChainPoint {
            offset: next.header.predecessor_length,
            checksum: next.header.predecessor_checksum,
            next: next.header.first_position,
            clock: next.header.clock,
        };
        Some((Arc::clone(waiting), end))
    }

    /// Whether a segment waits to be sealed.
    pub(crate) fn has_waiting(&self) -> bool {
        self.unsealed.len() > 1
    }

    /// This set with a new segment at its end.
    pub(crate) fn with_active(&self, active: Arc<Active>) -> Self {
        let mut unsealed = self.unsealed.clone();
        unsealed.push(active);
        Self { sealed: self.sealed.clone(), unsealed, ..*self }
    }

    /// This set with another form of its newest segment.
    pub(crate) fn with_active_replaced(&self, active: Arc<Active>) -> Self {
        let mut unsealed = self.unsealed.clone();
        unsealed.pop();
        unsealed.push(active);
        Self { sealed: self.sealed.clone(), unsealed, ..*self }
    }

    /// This set with the oldest unsealed segment in its sealed form.
    pub(crate) fn with_sealed(&self, sealed: Arc<Sealed>) -> Self {
        let unsealed =
            self.unsealed.iter().filter(|active| active.header.number != sealed.header.number).cloned().collect();
        let sealed = self.sealed.iter().cloned().chain([sealed]).collect();
        Self { sealed, unsealed, sealings: self.sealings + 1, ..*self }
    }

    /// All segments, oldest first.
    pub(crate) fn parts(&self) -> impl DoubleEndedIterator<Item = Part> + '_ {
        self.sealed.iter().cloned().map(Part::Sealed).chain(self.unsealed.iter().cloned().map(Part::Active))
    }

    /// Number of segments.
    pub(crate) fn len(&self) -> usize {
        self.sealed.len() + self.unsealed.len()
    }

    /// The segment with this number in the order of [`SegmentSet::parts`].
    pub(crate) fn part(&self, number: usize) -> Option<Part> {
        match number.checked_sub(self.sealed.len()) {
            None => self.sealed.get(number).cloned().map(Part::Sealed),
            Some(unsealed) => self.unsealed.get(unsealed).cloned().map(Part::Active),
        }
    }

    /// The place, in the order of [`SegmentSet::parts`], of the segment that holds `position`, if it is not before the first.
    pub(crate) fn place_of(&self, position: Position) -> Option<usize> {
        let unsealed = self.unsealed.partition_point(|active| active.header.first_position <= position);
        if unsealed > 0 {
            return Some(self.sealed.len() + unsealed - 1);
        }
        self.sealed.partition_point(|sealed| sealed.first() <= position).checked_sub(1)
    }

    /// Where the events with these ids are in sealed segments.
    ///
    /// A segment is asked for all of them before the next one is, so that its filter is in the processor's cache for all but the first.
    pub(crate) fn sealed_ids(&self, ids: &[EventId]) -> Result<Vec<Option<Position>>, StoreError> {
        let mut found = vec![None; ids.len()];
        for sealed in self.sealed.iter().rev() {
            for (id, found) in ids.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
                *found = sealed.id(id)?.map(|rel| at(sealed.first(), rel));
            }
        }
        Ok(found)
    }

    /// What a key stands for in a sealed segment.
    pub(crate) fn sealed_key(&self, key: &KeyDigest) -> Result<Option<(Position, KeyEntry)>, StoreError> {
        for sealed in self.sealed.iter().rev() {
            if let Some(entry) = sealed.key(key)? {
                return Ok(Some((at(sealed.first(), entry.first_rel), entry)));
            }
        }
        Ok(None)
    }

    /// The newest revision of a stream in sealed segments; 0 if none holds it.
    pub(crate) fn sealed_revision(&self, term: &[u8]) -> Result<u64, StoreError> {
        for sealed in self.sealed.iter().rev() {
            if let Some(span) = sealed.stream(term)? {
                return Ok(span.last_revision);
            }
        }
        Ok(0)
    }

    /// Whether an unsealed segment holds the event, published or not.
    pub(crate) fn unsealed_holds(&self, id: &EventId) -> bool {
        self.unsealed.iter().any(|active| active.index.id(id).is_some())
    }

    /// Where the event with this id is in an unsealed segment, published or not.
    pub(crate) fn unsealed_id(&self, id: &EventId) -> Option<Position> {
        self.unsealed.iter().find_map(|active| active.index.id(id).map(|rel| at(active.header.first_position, rel)))
    }

    /// What a key stands for in an unsealed segment, published or not.
    pub(crate) fn unsealed_key(&self, key: &KeyDigest) -> Option<(Position, KeyEntry)> {
        self.unsealed.iter().find_map(|active| {
            active.index.key(key).map(|entry| (at(active.header.first_position, entry.first_rel), entry))
        })
    }

    /// The newest stretch of a stream in unsealed segments, published or not.
    pub(crate) fn unsealed_span(&self, term: &[u8]) -> Option<StreamSpan> {
        self.unsealed.iter().rev().find_map(|active| {
            let (first_revision, last_revision, last_rel) = active.index.postings(term)?.span(u32::MAX)?;
            Some(StreamSpan { first_revision, last_revision, last_rel })
        })
    }
}

/// The position `rel` events after `first`.
fn at(first: Position, rel: u32) -> Position {
    Position::new(first.get().saturating_add(u64::from(rel)))
}
