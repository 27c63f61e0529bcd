//! A sealed segment: its log and its index, both mapped, both checked block by block as they are touched.

use crate::sync::Arc;
use std::collections::BTreeMap;

use arc_swap::ArcSwap;
use batpak_core::codec::{Names, RecordRef};
use batpak_core::event::Place as EventPlace;
use batpak_core::{Consumer, EventId, EventRef, KeyDigest, Position, Tree};

use crate::disk::{Access, Disk, FileName, Mapped, write_all_at};
use crate::error::StoreError;
use crate::format::checksum::Place;
use crate::format::frame::{CommitMeta, FRAME_HEADER_BYTES, Frame, FrameHeader};
use crate::format::header::SegmentHeader;
use crate::index::active::KeyEntry;
use crate::index::postings::Direction;
use crate::index::sealed::{Blocks, IndexDamage, SealedIndex, id_hash, key_hash, stream_hash};
use crate::recovery::files;
use crate::recovery::tail::ChainPoint;

use super::build::{binding, build};
use super::part::{BoxedCursor, StreamSpan, TermCount};

/// A sealed segment.
pub(crate) struct Sealed {
    /// Its header.
    pub header: SegmentHeader,
    end: ChainPoint,
    log: Mapped,
    opened: ArcSwap<Opened>,
    before: Before,
    after: Before,
    events: u64,
}

/// What a segment's index builds on: the Merkle tree and the consumers' positions up to its first event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    pub tree: Tree,
    pub consumers: BTreeMap<Consumer, Position>,
}

/// An index in use, with the account of which blocks of the log were checked against it.
#[derive(Debug)]
struct Opened {
    index: SealedIndex,
    bytes: Mapped,
    log_blocks: Blocks,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("number", &self.header.number)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl Sealed {
    /// Opens a segment whose index file is there and belongs to it; `None` if the index has to be made anew.
    ///
    /// `end` is what the successor's header says; `None` for the newest segment, whose last frame is looked at instead.
    ///
    /// Cost: a few pages, whatever the size of the segment.
    ///
    /// # Errors
    /// What the system says of the log file.
    pub(crate) fn open(
        disk: &dyn Disk,
        header: &SegmentHeader,
        end: Option<ChainPoint>,
        before: Option<&Self>,
    ) -> Result<Option<Self>, StoreError> {
        let Ok(file) = disk.open(&FileName::Index(header.number), Access::Read) else { return Ok(None) };
        let Ok(bytes) = file.len().and_then(|length| file.map(length)) else { return Ok(None) };
        let before = Before::after(before);
        let opened = match end {
            Some(end) => {
                let log = map_log(disk, header, u64::from(end.offset))?;
                Self::assemble(header, end, log, bytes, before)
            }
            None => {
                let Some((log, end)) = newest_end(disk, header)? else { return Ok(None) };
                Self::assemble(header, end, log, bytes, before)
            }
        };
        Ok(opened.ok())
    }

    /// Makes the index of a segment that ends at `end`, writes it beside the log, and opens both.
    ///
    /// If there is no room for the file, the index stays in memory until the next open.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the log does not check; what the system says, of which a failed sync or rename is final.
    pub(crate) fn seal(
        disk: &dyn Disk,
        header: &SegmentHeader,
        end: ChainPoint,
        before: Option<&Self>,
    ) -> Result<Self, StoreError> {
        trim(disk, header, end)?;
        let before = Before::after(before);
        // Read, not mapped: pages of a mapping that are touched count as this process's memory for as long as the segment is open.
        let bytes = build(&read_log(disk, header, end)?, header, end, &before)?;
        let log = map_log(disk, header, u64::from(end.offset))?;
        let bytes = match write_index(disk, header.number, &bytes) {
            Ok(mapped) => mapped,
            Err(StoreError::DiskFull { .. }) => Mapped::from(bytes),
            Err(error) => return Err(error),
        };
        Self::assemble(header, end, log, bytes, before).map_err(|damage| unusable(header.number, damage))
    }

    /// Makes the index of a segment in memory alone: for readers, which never write.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the log does not check.
    pub(crate) fn seal_in_memory(
        disk: &dyn Disk,
        header: &SegmentHeader,
        end: ChainPoint,
        before: Option<&Self>,
    ) -> Result<Self, StoreError> {
        let before = Before::after(before);
        let bytes = Mapped::from(build(&read_log(disk, header, end)?, header, end, &before)?);
        let log = map_log(disk, header, u64::from(end.offset))?;
        Self::assemble(header, end, log, bytes, before).map_err(|damage| unusable(header.number, damage))
    }

    fn assemble(
        header: &SegmentHeader,
        end: ChainPoint,
        log: Mapped,
        bytes: Mapped,
        before: Before,
    ) -> Result<Self, IndexDamage> {
        let index = SealedIndex::open(bytes.clone(), &binding(header, end))?;
        if index.first_position() != header.first_position
            || u64::from(index.events()) + header.first_position.get() != end.next.get() && end.next != Position::START
        {
            return Err(IndexDamage::Stale);
        }
        let after = Before { tree: index.tree_after()?, consumers: index.consumers()?.into_iter().collect() };
        if index.tree_before()? != before.tree {
            return Err(IndexDamage::Stale);
        }
        let events = u64::from(index.events());
        let end = ChainPoint { next: Position::new(header.first_position.get() + events), ..end };
        let log_blocks = index.log_blocks();
        let opened = ArcSwap::from_pointee(Opened { index, bytes, log_blocks });
        let sealed = Self { header: *header, end, log, opened, before, after, events };
        let clock = if events == 0 { header.clock } else { sealed.meta(sealed.last_frame()?)?.1.recorded_at };
        Ok(Self { end: ChainPoint { clock, ..end }, ..sealed })
    }

    /// Checks the whole index, and that it is byte for byte what the log gives.
    pub(crate) fn check(&self, disk: &dyn Disk) -> Result<(), String> {
        self.opened.load().index.check_all().map_err(|damage| format!("its index does not check: {damage}"))?;
        let rebuilt = build(&self.log, &self.header, self.end, &self.before).map_err(|error| error.to_string())?;
        let stored = disk
            .open(&FileName::Index(self.header.number), Access::Read)
            .and_then(|file| file.map(file.len()?))
            .map_err(|error| error.to_string())?;
        if *stored == *rebuilt {
            Ok(())
        } else {
            Err("its index does not say what the log says; `repair` removes it, and opening for writing makes it anew"
                .to_owned())
        }
    }

    /// Replaces the index by one made from the log, in memory: the file is made anew when the store is next opened for writing.
    pub(crate) fn heal(&self) -> Result<(), StoreError> {
        let bytes = Mapped::from(build(&self.log, &self.header, self.end, &self.before)?);
        let index = SealedIndex::open(bytes.clone(), &binding(&self.header, self.end))
            .map_err(|damage| unusable(self.header.number, damage))?;
        let log_blocks = index.log_blocks();
        self.opened.store(Arc::new(Opened { index, bytes, log_blocks }));
        Ok(())
    }

    /// Asks the index; if it is damaged, makes it anew and asks again.
    fn ask<T>(&self, question: impl Fn(&SealedIndex) -> Result<T, IndexDamage>) -> Result<T, StoreError> {
        if let Ok(answer) = question(&self.opened.load().index) {
            return Ok(answer);
        }
        self.heal()?;
        question(&self.opened.load().index).map_err(|damage| unusable(self.header.number, damage))
    }

    /// Lets go of the pages of log and index that were looked at; see [`Mapped::release`].
    pub(crate) fn release(&self) {
        self.log.release();
        self.opened.load().bytes.release();
    }

    /// Position of the first event.
    pub(crate) fn first(&self) -> Position {
        self.header.first_position
    }

    /// The place after the last commit.
    pub(crate) fn end(&self) -> ChainPoint {
        self.end
    }

    /// Events in the segment.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// The Merkle tree up to and including this segment.
    pub(crate) fn tree_after(&self) -> &Tree {
        &self.after.tree
    }

    /// The consumers' newest positions up to and including this segment.
    pub(crate) fn consumers(&self) -> &BTreeMap<Consumer, Position> {
        &self.after.consumers
    }

    /// How many bytes each part of the index takes.
    pub(crate) fn bytes_by_part(&self) -> Vec<(&'static str, u64)> {
        self.opened.load().index.bytes_by_part().map(|(part, bytes)| (part.name(), bytes)).collect()
    }

    /// Where the event with this id is.
    pub(crate) fn id(&self, id: &EventId) -> Result<Option<u32>, StoreError> {
        let candidates = self.ask(|index| {
            if !index.maybe_contains(id_hash(id))? {
                return Ok(Vec::new());
            }
            index.id_candidates(id)?.collect::<Result<Vec<u32>, _>>()
        })?;
        for rel in candidates {
            if self.event(rel)?.id() == *id {
                return Ok(Some(rel));
            }
        }
        Ok(None)
    }

    /// What an idempotency key stands for.
    pub(crate) fn key(&self, key: &KeyDigest) -> Result<Option<KeyEntry>, StoreError> {
        self.ask(|index| {
            if !index.maybe_contains(key_hash(key))? {
                return Ok(None);
            }
            Ok(index.key(key)?.map(|entry| KeyEntry {
                fingerprint: entry.fingerprint,
                first_rel: entry.first_rel,
                events: entry.count,
            }))
        })
    }

    /// What a stream did in this segment.
    pub(crate) fn stream(&self, term: &[u8]) -> Result<Option<StreamSpan>, StoreError> {
        self.ask(|index| {
            if !index.maybe_contains(stream_hash(term))? {
                return Ok(None);
            }
            let span = index.stream(term)?;
            Ok(span.map(|span| StreamSpan {
                first_revision: span.first_revision,
                last_revision: span.last_revision,
                last_rel: span.last_rel,
            }))
        })
    }

    /// The events that have a term.
    pub(crate) fn cursor(&self, term: &[u8], direction: Direction) -> Result<Option<BoxedCursor>, StoreError> {
        self.ask(|index| Ok(index.postings(term, direction)?.map(|cursor| Box::new(cursor) as BoxedCursor)))
    }

    /// The terms that begin with `prefix`, with their numbers of events.
    pub(crate) fn terms(&self, prefix: &[u8]) -> Result<Vec<TermCount>, StoreError> {
        self.ask(|index| {
            index
                .terms(prefix)?
                .map(|term| term.map(|term| (term.key.into_boxed_slice(), u64::from(term.count))))
                .collect()
        })
    }

    /// The event at `rel`, borrowed from the mapping.
    pub(crate) fn event(&self, rel: u32) -> Result<EventRef<'_>, StoreError> {
        match self.try_event(rel) {
            Ok(event) => Ok(event),
            // The index may lie about the log: with an index made from the log's own checksums, damage is the log's.
            Err(_) => {
                self.heal()?;
                self.try_event(rel).map_err(|damage| unusable(self.header.number, damage))
            }
        }
    }

    fn try_event(&self, rel: u32) -> Result<EventRef<'_>, IndexDamage> {
        let opened = self.opened.load();
        let (offset, frame) = (opened.index.offset(rel)?, opened.index.frame_of(rel)?);
        let (_, meta) = self.meta(frame.offset)?;
        let place = EventPlace {
            position: Position::new(self.header.first_position.get().saturating_add(u64::from(rel))),
            recorded_at: meta.recorded_at,
            batch_index: u16::try_from(rel.saturating_sub(frame.first_rel)).unwrap_or(u16::MAX),
            batch_count: u16::try_from(frame.events).unwrap_or(u16::MAX),
            key: meta.key.map(|(digest, _)| digest),
        };
        let bytes = self.record(&opened, offset)?;
        let (record, _) = RecordRef::parse(bytes).map_err(|_| IndexDamage::Stale)?;
        EventRef::new(record, self, place).map_err(|_| IndexDamage::Stale)
    }

    /// The bytes of the record at `offset`, checked: first its length, then all of it.
    fn record(&self, opened: &Opened, offset: u32) -> Result<&[u8], IndexDamage> {
        let start = usize::try_from(offset).map_err(|_| IndexDamage::Stale)?;
        let head = self.log_bytes(opened, start, RECORD_HEAD_BYTES)?;
        let (length, used) = batpak_core::codec::varint::read(head).ok_or(IndexDamage::Stale)?;
        let length =
            usize::try_from(length).ok().and_then(|length| length.checked_add(used)).ok_or(IndexDamage::Stale)?;
        if self.log.len().saturating_sub(start) < length {
            return Err(IndexDamage::Stale);
        }
        self.log_bytes(opened, start, length)
    }

    /// At most `count` bytes of the log from `start` on, checked.
    fn log_bytes(&self, opened: &Opened, start: usize, count: usize) -> Result<&[u8], IndexDamage> {
        let end = start.saturating_add(count).min(self.log.len());
        if start > end {
            return Err(IndexDamage::Stale);
        }
        opened.log_blocks.check(&self.log, start..end)
    }

    /// Where the last frame with events starts.
    fn last_frame(&self) -> Result<u32, IndexDamage> {
        let opened = self.opened.load();
        let last = u32::try_from(self.events.saturating_sub(1)).map_err(|_| IndexDamage::Stale)?;
        Ok(opened.index.frame_of(last)?.offset)
    }

    /// Header and shared data of the frame at `offset`.
    fn meta(&self, offset: u32) -> Result<(FrameHeader, CommitMeta), IndexDamage> {
        let opened = self.opened.load();
        let start = usize::try_from(offset).map_err(|_| IndexDamage::Stale)?;
        let bytes = self.log_bytes(&opened, start, crate::format::frame::FRAME_OVERHEAD_BYTES_MAX)?;
        let place = Place { segment: self.header.number, salt: self.header.salt, offset };
        Frame::parse_head(bytes, place).ok_or(IndexDamage::Stale)
    }
}

/// Bytes that hold the length of any record.
const RECORD_HEAD_BYTES: usize = 10;

impl Names for Sealed {
    fn name(&self, number: u32) -> Option<&str> {
        let opened = self.opened.load();
        let offset = usize::try_from(opened.index.name_offset(number).ok()??).ok()?;
        let head = self.log_bytes(&opened, offset, 2).ok()?;
        let (length, used) = batpak_core::codec::varint::read(head)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= batpak_core::NAME_BYTES_MAX)?;
        let text = self.log_bytes(&opened, offset + used, length).ok()?;
        std::str::from_utf8(text).ok()
    }
}

impl Before {
    /// What the segment after `sealed` builds on.
    fn after(sealed: Option<&Sealed>) -> Self {
        sealed.map(|sealed| sealed.after.clone()).unwrap_or_default()
    }
}

fn unusable(segment: u64, damage: IndexDamage) -> StoreError {
    StoreError::Corrupt { segment, offset: 0, detail: format!("its index cannot be used: {damage}") }
}

/// A segment's log up to its end, in memory.
fn read_log(disk: &dyn Disk, header: &SegmentHeader, end: ChainPoint) -> Result<Vec<u8>, StoreError> {
    let name = FileName::Segment(header.number);
    let file = files::open(disk, &name, Access::Read)?;
    files::read(disk, &name, &*file, 0, u64::from(end.offset))
}

/// Maps a segment's log up to `bytes`.
fn map_log(disk: &dyn Disk, header: &SegmentHeader, bytes: u64) -> Result<Mapped, StoreError> {
    let name = FileName::Segment(header.number);
    let file = files::open(disk, &name, Access::Read)?;
    files::act(&files::path(disk, &name), "map", || file.map(bytes))
}

/// The mapped log of the newest segment and its end, if it ends with the mark that closing leaves.
fn newest_end(disk: &dyn Disk, header: &SegmentHeader) -> Result<Option<(Mapped, ChainPoint)>, StoreError> {
    let name = FileName::Segment(header.number);
    let file = files::open(disk, &name, Access::Read)?;
    let path = files::path(disk, &name);
    let length = files::act(&path, "read the length of", || file.len())?;
    let Ok(end) = u32::try_from(length) else { return Ok(None) };
    let log = files::act(&path, "map", || file.map(length))?;
    let Some(offset) = u32::try_from(FRAME_HEADER_BYTES).ok().and_then(|mark| end.checked_sub(mark)) else {
        return Ok(None);
    };
    let mark = log
        .get(offset as usize..)
        .and_then(|bytes| FrameHeader::parse(bytes, Place { segment: header.number, salt: header.salt, offset }));
    let point = mark.filter(|mark| mark.body_bytes == 0).map(|mark| ChainPoint {
        offset: end,
        checksum: mark.checksum,
        next: mark.first_position,
        clock: header.clock,
    });
    Ok(point.map(|point| (log, point)))
}

/// Cuts the zeros after the end of a segment that is being sealed.
fn trim(disk: &dyn Disk, header: &SegmentHeader, end: ChainPoint) -> Result<(), StoreError> {
    let name = FileName::Segment(header.number);
    let file = files::open(disk, &name, Access::Write)?;
    let path = files::path(disk, &name);
    let length = files::act(&path, "read the length of", || file.len())?;
    if length > u64::from(end.offset) {
        files::act(&path, "trim", || file.set_len(u64::from(end.offset)))?;
    }
    Ok(())
}

/// Writes an index file: whole, synced, and only then under its name.
fn write_index(disk: &dyn Disk, number: u64, bytes: &[u8]) -> Result<Mapped, StoreError> {
    let (partial, name) = (FileName::Partial(number), FileName::Index(number));
    let path = files::path(disk, &name);
    let file = files::create_anew(disk, &partial)?;
    let written = files::act(&path, "write", || write_all_at(&*file, 0, bytes));
    if written.is_err() {
        let _ = disk.remove(&partial);
    }
    written?;
    files::act(&path, "sync", || file.sync_all())?;
    files::act(&path, "name", || disk.rename(&partial, &name).and_then(|()| disk.sync_directory()))?;
    files::act(&path, "map", || file.map(bytes.len() as u64))
}
