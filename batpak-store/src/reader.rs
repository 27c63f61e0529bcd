//! The store, open for reading, also while another process writes.

use crate::sync::Arc;
use std::path::Path;
use std::time::Duration;

use arc_swap::ArcSwap;
use batpak_core::{Position, StoreId};
use serde::Serialize;

use crate::derived::Derived;
use crate::disk::{Access, Disk, DiskFile, FileName, RealDisk};
use crate::error::StoreError;
use crate::format::frame::FRAME_HEADER_BYTES;
use crate::format::header::SegmentHeader;
use crate::index::interner::Interner;
use crate::read::View;
use crate::recovery::OpenReport;
use crate::recovery::files::{self, Files};
use crate::recovery::open::{self, Found};
use crate::recovery::tail::{self, ChainPoint, Ending};
use crate::segment::{Active, Sealed, SegmentSet};
use crate::stats::Stats;
use crate::sync::{Deadline, Mutex, lock, sleep};

/// Bytes of an unsealed segment read at a time.
const STRETCH_BYTES: u64 = 256 << 10;
/// How often [`Reader::wait_for`] looks.
const POLL: Duration = Duration::from_millis(2);

/// An event store, open for reading. Never writes, needs no lock, and works beside a writer in another process.
///
/// It shows what is proven durable: a commit appears once a later frame of the log says that a sync covered it, which a writer
/// sees to within a millisecond or so of idling. Where a writer crashed and none is at work, the reader proves the commits at the end
/// itself: it syncs the file, which changes no byte of it, and reads it again from the disk. What even that does not prove is
/// reported by [`Reader::unproven`].
pub struct Reader {
    disk: Arc<dyn Disk>,
    set: ArcSwap<SegmentSet>,
    follow: Mutex<Follow>,
    report: OpenReport,
}

/// Commits at the end of the log that nothing proves to be durable: a writer is about to, or the disk refuses to sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unproven {
    /// Events in them.
    pub events: u64,
    /// Bytes of them.
    pub bytes: u64,
}

/// The unsealed segment under way, followed up to what is proven.
struct Follow {
    tip: Option<(Arc<Active>, Interner)>,
    point: ChainPoint,
    number: u64,
    unproven: Unproven,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("path", &self.disk.location()).finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens the store at `path` for reading. Creates nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Corrupt`], I/O.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        Self::open_on(Arc::new(RealDisk::existing(path).map_err(|error| files::folder(path, error))?))
    }

    /// Opens the store on any disk for reading.
    ///
    /// # Errors
    /// As for [`Reader::open`].
    pub fn open_on(disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let files = Files::list(&*disk)?;
        let survey = open::survey(&*disk, &files, Access::Read)?;
        let Some(store) = survey.store() else {
            return Err(StoreError::NotFound { path: disk.location().to_owned() });
        };
        let mut report = OpenReport { unknown: files.unknown.clone(), ..OpenReport::default() };
        let sealed = open::seal_found(&*disk, &survey, &files, false, &mut report)?;
        let (point, number) =
            sealed.last().map_or((ChainPoint::nowhere(), 0), |sealed| (sealed.end(), sealed.header.number + 1));
        let newest = survey.found.into_iter().nth(sealed.len());
        let mut follow = Follow { tip: None, point, number, unproven: Unproven::default() };
        let mut set = SegmentSet::new(store, sealed, Vec::new());
        if let Some(found) = newest {
            let active = follow.enter(&found);
            set = set.with_active(active);
        }
        let reader = Self { disk, set: ArcSwap::from_pointee(set), follow: Mutex::new(follow), report };
        reader.refresh()?;
        if reader.unproven().is_some() && matches!(reader.disk.is_locked(), Ok(false)) {
            lock(&reader.follow).prove()?;
        }
        Ok(reader)
    }

    /// What opening found; nothing was changed.
    #[must_use]
    pub fn opened(&self) -> &OpenReport {
        &self.report
    }

    /// Identity of the store.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.set.load().store()
    }

    /// Looks for commits that became durable since the last look; returns the position of the last one.
    ///
    /// Cost: one or two reads if nothing is new.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], I/O.
    pub fn refresh(&self) -> Result<Position, StoreError> {
        let mut follow = lock(&self.follow);
        self.adopt_sealed()?;
        loop {
            let next = self.successor(&follow)?;
            let promised = next.as_ref().map_or(0, |found| found.header.predecessor_length);
            if follow.tip.is_some() {
                follow.advance(promised)?;
            }
            let Some(found) = next else { break };
            if follow.tip.is_some() && follow.point.offset != promised {
                return Err(open::damaged(follow.number, follow.point, promised));
            }
            let active = follow.enter(&found);
            self.set.store(Arc::new(self.set.load().with_active(active)));
        }
        Ok(Position::new(follow.point.next.get().saturating_sub(1)))
    }

    /// The segment after the one under way, if the writer has started it.
    fn successor(&self, follow: &Follow) -> Result<Option<Found>, StoreError> {
        let number = if follow.tip.is_some() { follow.number + 1 } else { follow.number };
        let name = FileName::Segment(number);
        let file: Arc<dyn DiskFile> = match self.disk.open(&name, Access::Read) {
            Ok(file) => file.into(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(StoreError::Io { action: "open", path: files::path(&*self.disk, &name), source });
            }
        };
        let bytes = files::read(&*self.disk, &name, &*file, 0, u64::from(crate::format::header::HEADER_BYTES))?;
        let Ok((header, header_checksum)) = SegmentHeader::decode(&bytes) else { return Ok(None) };
        let length = files::act(&files::path(&*self.disk, &name), "read the length of", || file.len())?;
        Ok((header.number == number && header.store == self.id()).then_some(Found {
            header,
            header_checksum,
            file,
            bytes: length,
        }))
    }

    /// Lets go of the memory of segments that the writer has sealed meanwhile.
    fn adopt_sealed(&self) -> Result<(), StoreError> {
        loop {
            let set = self.set.load_full();
            let Some((waiting, end)) = set.waiting() else { return Ok(()) };
            let before = set.sealed().last().map(|sealed| &**sealed);
            let Some(sealed) = Sealed::open(&*self.disk, &waiting.header, Some(end), before)? else { return Ok(()) };
            self.set.store(Arc::new(set.with_sealed(Arc::new(sealed))));
        }
    }

    /// The log up to the last commit that is proven durable, as of the last [`Reader::refresh`].
    #[must_use]
    pub fn view(&self) -> View {
        // Under the lock that every change is made under: position and segments belong together.
        let follow = lock(&self.follow);
        let last = follow.point.next.get().saturating_sub(1);
        View::pinned(self.set.load_full(), Position::new(last))
    }

    /// Commits at the end that nothing proves to be durable, as of the last [`Reader::refresh`].
    #[must_use]
    pub fn unproven(&self) -> Option<Unproven> {
        let unproven = lock(&self.follow).unproven;
        (unproven.events > 0).then_some(unproven)
    }

    /// Refreshes until `position` is there, at most `timeout`; returns the last position that is.
    ///
    /// # Errors
    /// As for [`Reader::refresh`].
    pub fn wait_for(&self, position: Position, timeout: Duration) -> Result<Position, StoreError> {
        let until = Deadline::after(timeout);
        loop {
            let reached = self.refresh()?;
            if reached >= position || until.left().is_zero() {
                return Ok(reached);
            }
            sleep(POLL.min(until.left()));
        }
    }

    /// The derived files beside the log.
    #[must_use]
    pub fn derived(&self) -> Derived {
        Derived::new(Arc::clone(&self.disk), self.id())
    }

    /// Numbers about the store.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        Stats::of(&self.view())
    }
}

impl Follow {
    /// Goes on with the segment `found`.
    fn enter(&mut self, found: &Found) -> Arc<Active> {
        let active = Arc::new(Active::new(found.header, Arc::clone(&found.file)));
        self.point = ChainPoint::start(&found.header, found.header_checksum);
        self.number = found.header.number;
        self.tip = Some((Arc::clone(&active), Interner::default()));
        self.unproven = Unproven::default();
        active
    }

    /// Syncs the unsealed segment, drops what the page cache shows of it, and takes every whole commit that the disk then has.
    ///
    /// A sync that fails proves nothing; the commits stay unproven.
    fn prove(&mut self) -> Result<(), StoreError> {
        let Some((active, _)) = &self.tip else { return Ok(()) };
        if active.file.sync_and_drop_cache().is_err() {
            return Ok(());
        }
        let end = self.point.offset.saturating_add(u32::try_from(self.unproven.bytes).unwrap_or(u32::MAX));
        self.take(0, end)
    }

    /// Reads on and indexes what is proven durable: by later frames, or by the successor's header, which promises this much.
    fn advance(&mut self, promised: u32) -> Result<(), StoreError> {
        self.take(promised, 0)
    }

    /// Reads on and indexes what is proven durable, and every whole commit up to `synced`.
    fn take(&mut self, promised: u32, synced: u32) -> Result<(), StoreError> {
        let Some((active, interner)) = self.tip.as_mut() else { return Ok(()) };
        let header = active.header;
        let mut stretch = STRETCH_BYTES;
        loop {
            let base = self.point.offset;
            let bytes = read_stretch(active, base, stretch)?;
            let found = tail::scan(&bytes, base, header.number, header.salt, self.point, promised, |_, _| true);
            let whole = (bytes.len() as u64) < stretch;
            if let Ending::Damaged { durable_to } = found.ending
                && (whole || durable_to <= base.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX)))
                && !reaches_beyond(&bytes, base, found.end, &header)
            {
                return Err(open::damaged(header.number, found.end, durable_to));
            }
            let until = found.proven_end.offset.max(found.end.offset.min(synced));
            while self.point.offset < until {
                let Some(frame) = tail::frame_at(&bytes, base, header.number, header.salt, self.point) else { break };
                if !active.learn(interner, self.point, &frame) {
                    return Err(open::damaged(header.number, self.point, found.proven));
                }
                self.point = self.point.after(&frame);
            }
            self.unproven = Unproven {
                events: found.end.next.get().saturating_sub(self.point.next.get()),
                bytes: u64::from(found.end.offset.saturating_sub(self.point.offset)),
            };
            if whole || (self.point.offset == found.end.offset && !reaches_beyond(&bytes, base, found.end, &header)) {
                return Ok(());
            }
            if self.point.offset == base {
                // A frame, or a run of unproven ones, is longer than the stretch.
                stretch = stretch.saturating_mul(2);
                if !reaches_beyond(&bytes, base, found.end, &header) {
                    return Ok(());
                }
            }
        }
    }
}

/// Whether the frame at `end` may be cut off by the end of `bytes`.
fn reaches_beyond(bytes: &[u8], base: u32, end: ChainPoint, header: &SegmentHeader) -> bool {
    let at = usize::try_from(end.offset.saturating_sub(base)).unwrap_or(usize::MAX);
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.len() < FRAME_HEADER_BYTES {
        return true;
    }
    let place = crate::format::checksum::Place { segment: header.number, salt: header.salt, offset: end.offset };
    crate::format::frame::FrameHeader::parse(rest, place).is_some_and(|frame| frame.frame_bytes() > rest.len() as u64)
}

fn read_stretch(active: &Active, offset: u32, bytes: u64) -> Result<Vec<u8>, StoreError> {
    let mut out = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
    let read = crate::disk::read_full_at(&*active.file, u64::from(offset), &mut out).map_err(|source| {
        StoreError::Io { action: "read", path: FileName::Segment(active.header.number).to_string().into(), source }
    })?;
    out.truncate(read);
    Ok(out)
}
