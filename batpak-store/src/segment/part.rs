//! One segment, sealed or not, as reading sees it.

use crate::sync::Arc;

use batpak_core::{EventId, EventRef, Position};

use crate::error::StoreError;
use crate::index::growing::ActiveCursor;
use crate::index::postings::{Direction, PostingsCursor};
use crate::index::sealed::IndexDamage;

use super::{Active, Sealed, Window};

/// A stretch of a stream that lies in one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamSpan {
    /// Revision of its first event there.
    pub first_revision: u64,
    /// Revision of its last event there.
    pub last_revision: u64,
    /// Its last event, relative to the segment.
    pub last_rel: u32,
}

/// A cursor over the events of one segment.
pub(crate) type BoxedCursor = Box<dyn PostingsCursor>;

/// A term key and its number of events.
pub(crate) type TermCount = (Box<[u8]>, u64);

/// A segment.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Mapped, with its index in a file.
    Sealed(Arc<Sealed>),
    /// Growing, with its index in memory.
    Active(Arc<Active>),
}

impl Part {
    /// Position of its first event.
    pub(crate) fn first(&self) -> Position {
        match self {
            Self::Sealed(sealed) => sealed.first(),
            Self::Active(active) => active.header.first_position,
        }
    }

    /// Events in it, published or not.
    pub(crate) fn events(&self) -> u64 {
        match self {
            Self::Sealed(sealed) => sealed.events(),
            Self::Active(active) => active.index.events(),
        }
    }

    /// The last event that is at most at `upto`, relative to the segment; `None` if there is none.
    pub(crate) fn last_rel(&self, upto: Position) -> Option<u32> {
        let count = upto.get().checked_sub(self.first().get())?.saturating_add(1).min(self.events());
        u32::try_from(count.checked_sub(1)?).ok()
    }

    /// The events that have `term`; `None` if none has.
    pub(crate) fn cursor(&self, term: &[u8], direction: Direction) -> Result<Option<BoxedCursor>, StoreError> {
        match self {
            Self::Sealed(sealed) => sealed.cursor(term, direction),
            Self::Active(active) => {
                Ok(active.index.postings(term).map(|list| Box::new(ActiveCursor::new(list, direction)) as BoxedCursor))
            }
        }
    }

    /// The terms that begin with `prefix`, in order, each with its number of events up to `last` inclusive (0 for some, if none is that old).
    pub(crate) fn terms(&self, prefix: &[u8], last: u32) -> Result<Vec<TermCount>, StoreError> {
        match self {
            Self::Sealed(sealed) => sealed.terms(prefix),
            Self::Active(active) => {
                Ok(active.index.terms(prefix).into_iter().map(|(term, list)| (term, list.count(last))).collect())
            }
        }
    }

    /// The stretch of a stream in this segment, up to `last` inclusive.
    pub(crate) fn stream(&self, term: &[u8], last: u32) -> Result<Option<StreamSpan>, StoreError> {
        match self {
            Self::Sealed(sealed) => sealed.stream(term),
            Self::Active(active) => Ok(active.index.postings(term).and_then(|list| list.span(last)).map(
                |(first_revision, last_revision, last_rel)| StreamSpan { first_revision, last_revision, last_rel },
            )),
        }
    }

    /// Where the event with this id is, relative to the segment.
    pub(crate) fn id(&self, id: &EventId) -> Result<Option<u32>, StoreError> {
        match self {
            Self::Sealed(sealed) => sealed.id(id),
            Self::Active(active) => Ok(active.index.id(id)),
        }
    }

    /// The event at `rel`, which must be published; an unsealed segment is read through `window`.
    pub(crate) fn event<'a>(&'a self, rel: u32, window: &'a mut Window) -> Result<EventRef<'a>, StoreError> {
        match self {
            Self::Sealed(sealed) => sealed.event(rel),
            Self::Active(active) => active.event(rel, window),
        }
    }

    /// The error for an index that is damaged and could not be rebuilt.
    pub(crate) fn damaged(&self, damage: IndexDamage) -> StoreError {
        let segment = match self {
            Self::Sealed(sealed) => sealed.header.number,
            Self::Active(active) => active.header.number,
        };
        StoreError::Corrupt { segment, offset: 0, detail: format!("its index cannot be used: {damage}") }
    }

    /// Replaces a damaged index by one rebuilt from the log; nothing to do for an unsealed segment.
    pub(crate) fn heal(&self) -> Result<(), StoreError> {
        match self {
            Self::Sealed(sealed) => sealed.heal(),
            Self::Active(_) => Ok(()),
        }
    }
}
