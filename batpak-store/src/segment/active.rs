//! An unsealed segment: its file, read with `pread` and never mapped, and its index in memory.

use crate::sync::Arc;

use batpak_core::codec::RecordRef;
use batpak_core::event::Place;
use batpak_core::{EventRef, Position};

use crate::disk::DiskFile;
use crate::error::StoreError;
use crate::format::frame::Frame;
use crate::format::header::SegmentHeader;
use crate::index::active::{ActiveIndex, FrameEntry, Spot};
use crate::index::interner::Interner;
use crate::recovery::tail::ChainPoint;

use super::window::Window;

/// An unsealed segment.
pub(crate) struct Active {
    /// Its header.
    pub header: SegmentHeader,
    /// Its file.
    pub file: Arc<dyn DiskFile>,
    /// Its index.
    pub index: ActiveIndex,
}

impl std::fmt::Debug for Active {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Active")
            .field("number", &self.header.number)
            .field("events", &self.index.events())
            .finish_non_exhaustive()
    }
}

impl Active {
    pub(crate) fn new(header: SegmentHeader, file: Arc<dyn DiskFile>) -> Self {
        Self { header, file, index: ActiveIndex::new(header.first_position) }
    }

    /// Indexes a frame that was found in the file at `point`; false if its records do not decode.
    pub(crate) fn learn(&self, interner: &mut Interner, point: ChainPoint, frame: &Frame<'_>) -> bool {
        let Some(first_rel) = self.rel(frame.header.first_position) else { return false };
        // Nothing is indexed unless everything decodes: a frame counts as a whole or not at all.
        let mut rest = frame.records;
        for _ in 0..frame.header.events {
            match RecordRef::parse(rest) {
                Ok((_, used)) => rest = rest.get(used..).unwrap_or_default(),
                Err(_) => return false,
            }
        }
        if !rest.is_empty() {
            return false;
        }
        let mut rel = self.begin(first_rel, frame);
        let mut names = Vec::new();
        let mut rest = frame.records;
        let mut offset = point.offset.saturating_add(frame.records_at);
        for _ in 0..frame.header.events {
            let Ok((record, used)) = RecordRef::parse(rest) else { return false };
            let bytes = u32::try_from(used).unwrap_or(u32::MAX);
            let Some(entry) = interner.learn(&record, Spot { offset, bytes }, &mut names) else { return false };
            if !self.index.insert(interner, rel, &entry) {
                return false;
            }
            rest = rest.get(used..).unwrap_or_default();
            offset = offset.saturating_add(bytes);
            rel = rel.saturating_add(1);
        }
        true
    }

    fn begin(&self, first_rel: u32, frame: &Frame<'_>) -> u32 {
        let entry = FrameEntry {
            first_rel,
            events: frame.header.events,
            recorded_at: frame.meta.recorded_at,
            key: frame.meta.key.map(|(digest, _)| digest),
        };
        self.index.begin(entry, frame.meta.key.map(|(_, fingerprint)| fingerprint), frame.meta.consumer.as_ref());
        first_rel
    }

    /// The place of `position` in this segment.
    pub(crate) fn rel(&self, position: Position) -> Option<u32> {
        u32::try_from(position.get().checked_sub(self.header.first_position.get())?).ok()
    }

    /// The event at `rel`, read through `window`. Must be published.
    pub(crate) fn event<'a>(&'a self, rel: u32, window: &'a mut Window) -> Result<EventRef<'a>, StoreError> {
        let damaged = |offset: u32, detail: &str| StoreError::Corrupt {
            segment: self.header.number,
            offset: u64::from(offset),
            detail: detail.to_owned(),
        };
        let (Some(spot), Some(frame)) = (self.index.spot(rel), self.index.frame_of(rel)) else {
            return Err(damaged(0, "the index in memory lacks an event"));
        };
        let bytes = window.bytes(&*self.file, self.header.number, spot.offset, spot.bytes).map_err(|source| {
            StoreError::Corrupt {
                segment: self.header.number,
                offset: u64::from(spot.offset),
                detail: format!("cannot be read: {source}"),
            }
        })?;
        let (record, _) = RecordRef::parse(bytes).map_err(|error| damaged(spot.offset, &error.to_string()))?;
        let place = Place {
            position: Position::new(self.header.first_position.get().saturating_add(u64::from(rel))),
            recorded_at: frame.recorded_at,
            batch_index: u16::try_from(rel.saturating_sub(frame.first_rel)).unwrap_or(u16::MAX),
            batch_count: frame.events,
            key: frame.key,
        };
        EventRef::new(record, &self.index, place).map_err(|error| damaged(spot.offset, &error.to_string()))
    }
}
