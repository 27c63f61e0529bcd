//! The stage: what the next commit needs to know, behind one short lock.

use crate::sync::Arc;

use batpak_core::codec::encode_record;
use batpak_core::{Batch, Hlc, Position};

use crate::disk::DiskFile;
use crate::durability::Durability;
use crate::format::checksum::Place;
use crate::format::frame::{self, CommitMeta, Finish};
use crate::index::active::{Entry, FrameEntry, Spot};
use crate::index::interner::{Interner, Noting};
use crate::receipt::{Appended, Receipt};
use crate::recovery::tail::ChainPoint;
use crate::segment::Active;

use super::admit::Admitted;
use super::group::{Cell, Group, Outcome};

/// Whether the writer takes appends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It does.
    Open,
    /// A panic left the stage in an unknown state; the next append recovers.
    Crashed,
    /// It never will again: the disk's state is unknown.
    Poisoned(String),
    /// The store was closed.
    Closed,
}

/// Where writing goes on after opening.
#[derive(Debug)]
pub(crate) struct Resume {
    /// The segment that takes the next commit; `None` if the next commit starts a new one.
    pub tip: Option<Tip>,
    /// The end of the newest segment.
    pub end: SegmentEnd,
}

/// What a successor's header says of a segment, and what the next commit continues from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentEnd {
    /// Number of the segment.
    pub number: u64,
    /// Its last commit.
    pub point: ChainPoint,
    /// Its length, for the growth of its successor; 0 if there is no segment.
    pub bytes: u64,
}

/// The segment that takes commits.
#[derive(Debug)]
pub(crate) struct Tip {
    /// Its file and index.
    pub active: Arc<Active>,
    /// Its dictionary and the writer's half of the index.
    pub interner: Interner,
    /// After the last staged frame.
    pub point: ChainPoint,
    /// After the last frame that was written.
    pub written: ChainPoint,
    /// How far the file is known to be synced.
    pub synced: u32,
    /// Bytes of the file that are written, zeros included.
    pub filled: u64,
    /// Where the segment ends, unless one commit alone is larger.
    pub target: u64,
    /// Whether the last frame is a mark.
    pub marked: bool,
    /// Whether the helper was asked to fill the next segment.
    pub spare_asked: bool,
}

impl SegmentEnd {
    /// The end that a store's first segment continues from.
    pub(crate) fn before_everything() -> Self {
        Self { number: 0, point: ChainPoint::nowhere(), bytes: 0 }
    }
}

/// A group in the hands of the role.
#[derive(Debug)]
pub(crate) struct Flight {
    /// Position of its last event.
    pub last: Position,
    /// Events in it.
    pub events: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// Where its callers wait.
    pub cell: Arc<Cell>,
}

/// Commits from this size on are worth starting their write before they are indexed.
const EARLY_BYTES_MIN: usize = 8 << 10;

/// Hands a frame to the system, and the disk, while its caller still indexes it; nobody else has the role. Returns how much of it was
/// taken: the rest, or all of it after an error, is written by the role as usual, and so is the sync.
fn write_early(file: &dyn DiskFile, offset: u64, frame: &[u8]) -> usize {
    match file.write_at(offset, frame) {
        Ok(written) if written == frame.len() => {
            file.start_writeback(offset, written as u64);
            written
        }
        _ => 0,
    }
}

/// What the next commit needs to know.
#[derive(Debug)]
pub(crate) struct Stage {
    pub state: State,
    /// The role is taken.
    pub leading: bool,
    /// Somebody waits for the role itself (to start a segment, to close).
    pub role_wanted: usize,
    /// Staged, not yet in the hands of the role.
    pub group: Group,
    /// In the hands of the role.
    pub flight: Option<Flight>,
    /// Groups to tell about, once the lock is given up.
    pub finished: Vec<(Arc<Cell>, Outcome)>,
    /// A buffer to reuse.
    pub spare: Vec<u8>,
    pub tip: Option<Tip>,
    pub end: SegmentEnd,
    /// Position of the next event.
    pub next: Position,
    /// Recorded time of the newest commit.
    pub clock: Hlc,
    /// Since when (monotonic µs) commits are visible and not synced.
    pub unsynced_since: Option<u64>,
    /// Commits that the last group had.
    pub gathered: u32,
    /// Commits staged so far; the helper sees by it whether the writer is idle.
    pub commits: u64,
}

/// A commit in a group: its receipt counts once the cell says so.
#[derive(Debug)]
pub(crate) struct Staged {
    /// What the caller gets if all goes well.
    pub receipt: Receipt,
    /// Where the group's outcome appears.
    pub cell: Arc<Cell>,
}

impl Stage {
    pub(crate) fn new(resume: Resume) -> Self {
        let point = resume.end.point;
        Self {
            state: State::Open,
            leading: false,
            role_wanted: 0,
            group: Group::default(),
            flight: None,
            finished: Vec::new(),
            spare: Vec::new(),
            tip: resume.tip,
            end: resume.end,
            next: point.next,
            clock: point.clock,
            unsynced_since: None,
            commits: 0,
            gathered: 0,
        }
    }

    /// Marks the stage as unusable after a panic; whoever waits learns that the outcome is unknown.
    pub(crate) fn crash(&mut self) {
        if self.state == State::Open {
            self.state = State::Crashed;
        }
        self.leading = false;
        self.abandon(&Outcome::Unknown("the writer panicked".to_owned()));
    }

    /// Stops the writer for good. What was staged was never written.
    pub(crate) fn poison(&mut self, reason: String) {
        let group = std::mem::take(&mut self.group);
        group.cell.finish(Outcome::Poisoned(reason.clone()));
        self.state = State::Poisoned(reason);
    }

    /// Finishes everything under way with `outcome`.
    pub(crate) fn abandon(&mut self, outcome: &Outcome) {
        if let Some(flight) = self.flight.take() {
            flight.cell.finish(outcome.clone());
        }
        let group = std::mem::take(&mut self.group);
        group.cell.finish(outcome.clone());
    }

    /// Encodes an admitted commit at the end of the open group and indexes it; nobody can see it before it is published.
    ///
    /// The caller made sure that there is room. Cost: one encoding into the group's buffer, one checksum, one index insertion an
    /// event; no system call.
    pub(crate) fn stage(
        &mut self,
        batch: &Batch<'_>,
        admitted: &Admitted,
        durability: Durability,
        wall_us: u64,
    ) -> Option<Staged> {
        let tip = self.tip.as_mut()?;
        let clock = self.clock.tick(wall_us);
        let meta = CommitMeta { recorded_at: clock, key: admitted.key, consumer: batch.consumer.clone() };
        let events = u16::try_from(batch.events.len()).ok()?;
        let first_rel = tip.active.rel(self.next)?;
        let frames = &mut self.group.frames;
        let start = frame::begin(frames, Some(&meta));
        let records_at = frames.len().checked_sub(start)?;
        let mut appended = Vec::with_capacity(batch.events.len());
        let mut ends = Vec::with_capacity(batch.events.len());
        let mut noting = Noting::new(&mut tip.interner, batch.events.len());
        let mut position = self.next;
        for (draft, (id, given)) in batch.events.iter().zip(admitted.ids.iter().zip(&admitted.given)) {
            noting.record(given.known);
            encode_record(frames, draft, *id, given.revision, &mut noting);
            ends.push((frames.len(), noting.numbers.len()));
            appended.push(Appended { id: *id, position, revision: given.revision });
            position = position.next();
        }
        let numbers = noting.numbers;
        let place = Place { segment: tip.active.header.number, salt: tip.active.header.salt, offset: tip.point.offset };
        let facts =
            Finish { previous: tip.point.checksum, place, first_position: self.next, synced: tip.synced, events };
        let frame = frames.get_mut(start..)?;
        let bytes = u32::try_from(frame.len()).ok()?;
        let checksum = frame::finish(frame, Some(&meta), facts);
        if start == 0 && !self.leading && frame.len() >= EARLY_BYTES_MIN {
            self.group.written = write_early(&*tip.active.file, u64::from(tip.point.offset), frame);
        }
        let entry = FrameEntry { first_rel, events, recorded_at: clock, key: meta.key.map(|(digest, _)| digest) };
        let index = &tip.active.index;
        index.begin(entry, meta.key.map(|(_, fingerprint)| fingerprint), meta.consumer.as_ref());
        let (mut from, mut rest, mut rel) = (start.checked_add(records_at)?, numbers.as_slice(), first_rel);
        let given = batch.events.iter().zip(&admitted.given);
        for ((draft, given), (event, (until, noted))) in given.zip(appended.iter().zip(ends)) {
            let names;
            (names, rest) = rest.split_at_checked(noted.checked_sub(numbers.len() - rest.len())?)?;
            let offset = tip.point.offset.checked_add(u32::try_from(from.checked_sub(start)?).ok()?)?;
            let entry = Entry {
                id: event.id,
                revision: event.revision,
                spot: Spot { offset, bytes: u32::try_from(until.checked_sub(from)?).ok()? },
                names,
                correlated: draft.correlation.is_some(),
                slot: given.known.map(|known| known.slot),
            };
            if !index.insert(&mut tip.interner, rel, &entry) {
                return None;
            }
            rel = rel.checked_add(1)?;
            from = until;
        }
        tip.point = ChainPoint { offset: tip.point.offset.checked_add(bytes)?, checksum, next: position, clock };
        tip.marked = false;
        self.clock = clock;
        self.next = position;
        self.commits += 1;
        self.group.commits += 1;
        self.group.events += u64::from(events);
        self.group.last = Position::new(position.get().saturating_sub(1));
        self.group.sync |= durability == Durability::Disk;
        let receipt = Receipt { events: appended, recorded_at: clock, durability, duplicate: false };
        Some(Staged { receipt, cell: Arc::clone(&self.group.cell) })
    }

    /// Appends an empty mark to the open group: it tells later readers how far the segment was synced.
    pub(crate) fn stage_mark(&mut self) -> Option<()> {
        let tip = self.tip.as_mut()?;
        let frames = &mut self.group.frames;
        let start = frame::begin(frames, None);
        let place = Place { segment: tip.active.header.number, salt: tip.active.header.salt, offset: tip.point.offset };
        let facts =
            Finish { previous: tip.point.checksum, place, first_position: self.next, synced: tip.synced, events: 0 };
        let frame = frames.get_mut(start..)?;
        let bytes = u32::try_from(frame.len()).ok()?;
        let checksum = frame::finish(frame, None, facts);
        tip.point = ChainPoint { offset: tip.point.offset.checked_add(bytes)?, checksum, ..tip.point };
        tip.marked = true;
        self.group.last = Position::new(self.next.get().saturating_sub(1));
        Some(())
    }

    /// Whether the helper has something to do: commits to sync, or to mark as synced.
    pub(crate) fn needs_tending(&self) -> bool {
        self.state == State::Open && (self.unsynced_since.is_some() || self.tip.as_ref().is_some_and(|tip| !tip.marked))
    }

    /// Whether the next segment should be filled ahead now; true once a segment.
    pub(crate) fn spare_due(&mut self) -> bool {
        self.tip.as_mut().is_some_and(|tip| {
            let due = !tip.spare_asked && u64::from(tip.point.offset) >= tip.target / 4;
            tip.spare_asked |= due;
            due
        })
    }

    /// Whether a mark is due: commits were synced and nothing says so yet.
    pub(crate) fn mark_due(&self) -> bool {
        self.state == State::Open
            && !self.leading
            && !self.group.is_pending()
            && self.tip.as_ref().is_some_and(|tip| {
                !tip.marked && tip.synced == tip.point.offset && u64::from(tip.point.offset) + 32 <= tip.filled
            })
    }
}
