//! Room for the next commit: filling the segment ahead with zeros, and starting the next segment.

use crate::sync::Arc;
use std::io;

use batpak_core::{Position, StoreId};

use crate::disk::{Access, DiskFile, FileName, read_full_at, write_all_at};
use crate::error::StoreError;
use crate::format::frame::FRAME_HEADER_BYTES;
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::index::interner::Interner;
use crate::options::Helpers;
use crate::recovery::tail::{self, ChainPoint, Ending};
use crate::segment::Active;
use crate::sync::lock;
use crate::sync::planted::{Bug, planted};

use super::stage::{SegmentEnd, Stage, State, Tip};
use super::{Staging, WriteFault, Writer};

/// The first stretch of a new segment that is filled with zeros.
const FILL_BYTES_MIN: u64 = 256 << 10;
/// The largest stretch filled at a time on the writer's path.
const FILL_BYTES_MAX: u64 = 4 << 20;
/// Size of a store's first segment; each next one is twice its predecessor, up to the target.
pub(crate) const FIRST_SEGMENT_BYTES: u64 = 4 << 20;

impl Stage {
    /// Whether `bytes` more fit into the filled part of the open segment.
    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        self.tip.as_ref().is_some_and(|tip| tip.end_after(bytes) <= tip.filled && tip.takes(bytes))
    }
}

impl Writer {
    /// Makes room for a commit of at most `bytes`: fills the segment further, or starts the next one.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] and [`StoreError::WriteFailed`] leave everything as it was.
    pub(crate) fn make_room<'a>(&'a self, mut stage: Staging<'a>, bytes: u64) -> Result<(), StoreError> {
        if let Some(tip) = stage.tip.as_mut().filter(|tip| tip.takes(bytes)) {
            return fill(tip, tip.end_after(bytes)).map_err(|error| WriteFault::of(&error).error(self.path()));
        }
        let mut stage = self.take_role(stage)?;
        if self.set.load().waiting().is_some() {
            // At most one segment waits to be sealed. The helper is behind: do its work, or wait until it is done.
            self.release_role(stage);
            return self.seal_waiting();
        }
        // Somebody else may have made the room meanwhile.
        let started = if stage.has_room(bytes) { Ok(()) } else { self.next_segment(&mut stage) };
        self.release_role(stage);
        started?;
        match self.settings.helpers {
            Helpers::Inline => self.seal_waiting(),
            Helpers::Threads => {
                self.sealer.raise();
                Ok(())
            }
        }
    }

    /// Takes the role from whoever has it, once it is free. The lock is held throughout what follows.
    pub(crate) fn take_role<'a>(&self, mut stage: Staging<'a>) -> Result<Staging<'a>, StoreError> {
        stage.role_wanted += 1;
        while stage.leading {
            stage = stage.wait();
        }
        stage.role_wanted -= 1;
        if stage.state != State::Open {
            self.eased.notify_all();
            return Err(match &stage.state {
                State::Poisoned(reason) => StoreError::Poisoned { reason: reason.clone() },
                State::Closed => StoreError::Closed,
                _ => StoreError::OutcomeUnknown { reason: "the writer panicked".to_owned() },
            });
        }
        stage.leading = true;
        Ok(stage)
    }

    /// Gives the role up; goes on with what was staged meanwhile.
    pub(crate) fn release_role<'a>(&'a self, stage: Staging<'a>) {
        self.lead(stage);
    }

    /// Starts a new store: its first segment holds its identity.
    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        self.make_room(self.lock(), 0)
    }

    /// Starts the next segment. The caller has the role and the lock.
    ///
    /// Everything staged is written and synced first: the new header vouches for the predecessor's length and checksum.
    fn next_segment(&self, stage: &mut Staging<'_>) -> Result<(), StoreError> {
        stage.group.sync |= stage.tip.as_ref().is_some_and(|tip| tip.synced < tip.point.offset);
        self.persist_in_place(stage)?;
        let end = stage.tip.as_ref().map_or(stage.end, Tip::end);
        match self.create_segment(stage, end) {
            Ok(mut tip) => {
                if let Some(full) = stage.tip.as_mut() {
                    tip.interner = std::mem::take(&mut full.interner).successor();
                }
                let set = self.set.load();
                self.set.store(Arc::new(set.with_active(Arc::clone(&tip.active))));
                stage.end = end;
                stage.tip = Some(tip);
                Ok(())
            }
            Err(Creation::Refused(error)) => Err(WriteFault::of(&error).error(self.path())),
            Err(Creation::Poisons(reason)) => {
                stage.poison(reason.clone());
                Err(StoreError::Poisoned { reason })
            }
        }
    }

    /// Creates the segment after `end`: filled, header, sync, rename, folder sync; only then may a frame go in.
    fn create_segment(&self, stage: &Stage, end: SegmentEnd) -> Result<Tip, Creation> {
        let number = if end.bytes == 0 { 0 } else { end.number + 1 };
        let target = next_target(end.bytes, self.settings.segment_bytes);
        let file = self.spare(target)?;
        let mut salt = [0; 8];
        self.settings.entropy.fill(&mut salt);
        let header = SegmentHeader {
            store: self.store(),
            number,
            first_position: end.point.next,
            salt: u64::from_le_bytes(salt),
            predecessor_length: if end.bytes == 0 { 0 } else { end.point.offset },
            predecessor_checksum: if end.bytes == 0 { 0 } else { end.point.checksum },
            clock: stage.clock,
            marks: 0,
            read_only: 0,
        };
        let bytes = header.encode();
        let checksum = SegmentHeader::decode(&bytes).map(|(_, checksum)| checksum).unwrap_or_default();
        write_all_at(&*file, 0, &bytes).map_err(Creation::Refused)?;
        file.sync_all().map_err(|error| Creation::Poisons(format!("syncing a new segment failed: {error}")))?;
        self.disk
            .rename(&FileName::Spare, &FileName::Segment(number))
            .and_then(|()| if planted(Bug::DirectoryUnsynced) { Ok(()) } else { self.disk.sync_directory() })
            .map_err(|error| Creation::Poisons(format!("naming a new segment failed: {error}")))?;
        let filled = file.len().map_err(|error| Creation::Poisons(error.to_string()))?;
        let point = ChainPoint::start(&header, checksum);
        Ok(Tip {
            active: Arc::new(Active::new(header, file)),
            interner: Interner::default(),
            point,
            written: point,
            synced: point.offset,
            filled,
            target,
            marked: true,
            spare_asked: false,
        })
    }

    /// The file that becomes the next segment: the one that the helper filled, or a new one.
    fn spare(&self, target: u64) -> Result<Arc<dyn DiskFile>, Creation> {
        let _filled = lock(&self.sparing);
        let file: Arc<dyn DiskFile> = match self.disk.open(&FileName::Spare, Access::Write) {
            Ok(file) => file.into(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.disk.create(&FileName::Spare).map_err(Creation::Refused)?.into()
            }
            Err(error) => return Err(Creation::Refused(error)),
        };
        let length = file.len().map_err(Creation::Refused)?;
        let wanted = (u64::from(HEADER_BYTES) + FILL_BYTES_MIN).min(target);
        if length < wanted {
            write_zeros(&*file, length, wanted).map_err(Creation::Refused)?;
        }
        Ok(file)
    }

    /// Fills the next segment ahead, so that starting it costs no time; called by the helper.
    pub(crate) fn prepare_spare(&self) -> io::Result<()> {
        let target = {
            let stage = self.lock();
            let Some(tip) = stage.tip.as_ref() else { return Ok(()) };
            if u64::from(tip.point.offset) < tip.target / 4 {
                return Ok(());
            }
            tip.target
        };
        let _filling = lock(&self.sparing);
        let file = match self.disk.create(&FileName::Spare) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(error),
        };
        // In steps, so that no commit's sync has to wait for all of it.
        let steps = (0..target).step_by(usize::try_from(FILL_BYTES_MAX).unwrap_or(usize::MAX));
        let mut filled = Ok(());
        for from in steps {
            filled = filled
                .and_then(|()| write_zeros(&*file, from, target.min(from + FILL_BYTES_MAX)))
                .and_then(|()| file.sync_all());
        }
        if filled.is_err() {
            // Nothing depends on it: the next segment is then filled as it is written.
            let _ = self.disk.remove(&FileName::Spare);
        }
        filled
    }

    /// Reads the open segment again from its file, after a write was taken back: forgets all that was staged behind it.
    pub(crate) fn reload_tip(&self, stage: &mut Stage) -> Result<(), String> {
        // The tip stays in place until its successor is whole: a failure, or a panic, in between must not make it forgotten.
        let Some(tip) = stage.tip.as_ref() else { return Ok(()) };
        let header = tip.active.header;
        let length = tip.active.file.len().map_err(|error| error.to_string())?;
        let mut bytes = vec![0; usize::try_from(length).map_err(|error| error.to_string())?];
        let read = read_full_at(&*tip.active.file, 0, &mut bytes).map_err(|error| error.to_string())?;
        bytes.truncate(read);
        let (_, checksum) = SegmentHeader::decode(&bytes).map_err(|_| "its header does not read back".to_owned())?;
        let active = Active::new(header, Arc::clone(&tip.active.file));
        let mut interner = tip.interner.restarted();
        let start = ChainPoint::start(&header, checksum);
        let found = tail::scan(&bytes, 0, header.number, header.salt, start, tip.synced, |point, frame| {
            active.learn(&mut interner, point, frame)
        });
        let published = self.gate.visible().next();
        match found.ending {
            Ending::Clean if found.end.next >= published => {}
            Ending::Torn { until } if found.end.next >= published => {
                write_zeros(&*active.file, u64::from(found.end.offset), u64::from(until))
                    .map_err(|error| error.to_string())?;
                active.file.sync_all().map_err(|error| error.to_string())?;
            }
            _ => return Err(format!("segment {} does not read back", header.number)),
        }
        let active = Arc::new(active);
        let set = self.set.load();
        self.set.store(Arc::new(set.with_active_replaced(Arc::clone(&active))));
        let reloaded = Tip {
            active,
            interner,
            point: found.end,
            written: found.end,
            synced: tip.synced.min(found.end.offset),
            filled: length,
            target: tip.target,
            marked: found.ends_with_mark,
            spare_asked: tip.spare_asked,
        };
        stage.next = found.end.next;
        stage.clock = stage.clock.max(found.end.clock);
        stage.tip = Some(reloaded);
        Ok(())
    }

    /// Recovers from a panic in the role: keeps and syncs the whole commits that reached the file, cuts the rest.
    pub(crate) fn restart(&self, stage: &mut Stage) -> Result<(), StoreError> {
        let recovered = match &stage.tip {
            None => Ok(()),
            Some(tip) => tip
                .active
                .file
                .sync_data()
                .map_err(|error| format!("a sync failed: {error}"))
                .and_then(|()| self.reload_tip(stage)),
        };
        match recovered {
            Ok(()) => {
                if let Some(tip) = stage.tip.as_mut() {
                    tip.synced = tip.point.offset;
                }
                let last = Position::new(stage.next.get().saturating_sub(1));
                self.gate.publish(last);
                self.gate.settle(last);
                stage.unsynced_since = None;
                stage.state = State::Open;
                Ok(())
            }
            Err(reason) => {
                stage.poison(reason.clone());
                Err(StoreError::Poisoned { reason })
            }
        }
    }

    /// Identity of the store.
    pub(crate) fn store(&self) -> StoreId {
        self.set.load().store()
    }
}

/// Events that a segment takes at most, unless one commit alone has more: bounds the memory of its index while it is not sealed.
const SEGMENT_EVENTS_MAX: u64 = 1 << 18;

impl Tip {
    /// Where the file ends after a commit of at most `bytes` and a mark.
    fn end_after(&self, bytes: u64) -> u64 {
        u64::from(self.point.offset) + bytes + FRAME_HEADER_BYTES as u64
    }

    /// Whether a commit of at most `bytes` goes into this segment; an empty one takes any.
    fn takes(&self, bytes: u64) -> bool {
        let events = self.point.next.get() - self.active.header.first_position.get();
        self.point.offset == HEADER_BYTES || (self.end_after(bytes) <= self.target && events < SEGMENT_EVENTS_MAX)
    }

    /// What the successor's header will say of this segment.
    pub(crate) fn end(&self) -> SegmentEnd {
        SegmentEnd { number: self.active.header.number, point: self.written, bytes: u64::from(self.written.offset) }
    }
}

/// The target size of a segment whose predecessor has `before` bytes: twice that, within bounds.
pub(crate) fn next_target(before: u64, segment_bytes: u64) -> u64 {
    before.saturating_mul(2).max(FIRST_SEGMENT_BYTES).min(segment_bytes)
}

/// Why a segment could not be created.
enum Creation {
    /// Nothing was changed that counts.
    Refused(io::Error),
    /// The disk's state is unknown.
    Poisons(String),
}

/// Fills the open segment with zeros beyond `end`, a stretch at a time: a write into filled space changes no metadata, which is
/// what makes its sync cheap.
fn fill(tip: &mut Tip, end: u64) -> io::Result<()> {
    let stretch = tip.filled.clamp(FILL_BYTES_MIN, FILL_BYTES_MAX);
    let until = end.max((tip.filled + stretch).min(tip.target));
    write_zeros(&*tip.active.file, tip.filled, until)?;
    tip.filled = until;
    Ok(())
}

/// Writes zeros from `from` to `until`.
pub(crate) fn write_zeros(file: &dyn DiskFile, from: u64, until: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut at = from;
    while at < until {
        let count = usize::try_from(until - at).unwrap_or(usize::MAX).min(ZEROS.len());
        write_all_at(file, at, ZEROS.get(..count).unwrap_or_default())?;
        at += count as u64;
    }
    Ok(())
}
