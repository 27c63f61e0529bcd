//! The store, open for writing.

use crate::sync::Arc;
use std::path::Path;
use std::time::Duration;

use batpak_core::{Batch, Hash, Position, StoreId};

use crate::derived::Derived;
use crate::disk::{Access, Disk, DiskLock, FileName, LockError};
use crate::durability::Durability;
use crate::error::StoreError;
use crate::options::{Helpers, Options, Settings};
use crate::read::View;
use crate::receipt::Receipt;
use crate::recovery::files::{self, Files};
use crate::recovery::open::{self, Survey};
use crate::recovery::{Cut, OpenReport};
use crate::segment::SegmentSet;
use crate::sequence::SequenceGate;
use crate::stats::Stats;
use crate::sync::planted::{Bug, planted};
use crate::sync::{Mutex, Thread, lock, spawn};
use crate::ticket::Ticket;
use crate::writer::{Entered, Patience, Resume, SegmentEnd, Tip, Writer, next_target};

/// A clock this far behind the log is reported when the store is opened, in microseconds.
const CLOCK_BEHIND_US: u64 = 60_000_000;

/// An event store, open for writing by this process alone. `Send` and `Sync`: share it by reference or in an `Arc`.
///
/// Dropping it writes and syncs what is staged, as [`Store::close`] does, but cannot report errors.
pub struct Store {
    writer: Arc<Writer>,
    report: OpenReport,
    helpers: Mutex<Vec<Thread>>,
    lock: Mutex<Option<Box<dyn DiskLock>>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.writer.path())
            .field("durable", &self.durable())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store at `path` with the defaults of [`Options`]; creates it if it is missing.
    ///
    /// # Errors
    /// As for [`Options::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Options::new().open(path)
    }

    pub(crate) fn open_with(disk: Arc<dyn Disk>, settings: Settings) -> Result<Self, StoreError> {
        let held = disk.lock().map_err(|error| match error {
            LockError::Held { holder } => StoreError::AlreadyOpen { path: disk.location().to_owned(), holder },
            LockError::Io(source) => StoreError::Io { action: "lock", path: disk.location().to_owned(), source },
        })?;
        let mut report = OpenReport::default();
        let files = Files::list(&*disk)?;
        let survey = open::survey(&*disk, &files, Access::Write)?;
        if survey.found.is_empty() && !settings.create {
            return Err(StoreError::NotFound { path: disk.location().to_owned() });
        }
        tidy(&*disk, &files, &survey, &mut report)?;
        let (set, resume) = recover(&*disk, &survey, &files, &settings, &mut report)?;
        let clock = resume.end.point.clock.wall_us;
        let wall = settings.clock.wall_us();
        report.clock_behind_us = clock.checked_sub(wall).filter(|behind| *behind > CLOCK_BEHIND_US);
        let fresh = survey.found.is_empty();
        let helpers = settings.helpers;
        let writer = Arc::new(Writer::new(disk, settings, set, resume));
        if fresh {
            // The identity lives in the segments' headers, so a new store starts with its first segment.
            writer.begin()?;
        }
        let store = Self { writer, report, helpers: Mutex::new(Vec::new()), lock: Mutex::new(Some(held)) };
        if helpers == Helpers::Threads {
            store.start_helpers()?;
        }
        Ok(store)
    }

    fn start_helpers(&self) -> Result<(), StoreError> {
        let mut helpers = lock(&self.helpers);
        let start = |name, body: fn(&Writer)| {
            let writer = Arc::clone(&self.writer);
            files::act(self.writer.path(), "start a helper thread for", || spawn(name, move || body(&writer)))
        };
        self.writer.sealer.start();
        helpers.push(start("batpak-seal", Writer::seal_for_ever)?);
        self.writer.tender.start();
        helpers.push(start("batpak-tend", Writer::tend)?);
        Ok(())
    }

    /// Appends an event or a batch, all or nothing, and returns once the store's durability is reached.
    ///
    /// Cost at [`Durability::Disk`]: one write and one `fdatasync` for all commits that wait at that moment; no thread hand-off if
    /// nobody else writes.
    ///
    /// # Errors
    /// Conflicts and refusals leave the store as it was; see [`StoreError`] for what each asks for. Only
    /// [`StoreError::OutcomeUnknown`] leaves open whether the events are in the log; an idempotency key settles it.
    pub fn append<'a>(&self, batch: impl Into<Batch<'a>>) -> Result<Receipt, StoreError> {
        self.append_with(batch, self.writer.settings.durability)
    }

    /// As [`Store::append`], with a durability of its own.
    ///
    /// # Errors
    /// As for [`Store::append`].
    pub fn append_with<'a>(&self, batch: impl Into<Batch<'a>>, durability: Durability) -> Result<Receipt, StoreError> {
        self.writer.append(batch.into(), durability)
    }

    /// Stages an event or a batch and returns at once with a ticket; refusals come at once too. Blocks while the queue is full.
    ///
    /// # Errors
    /// As for [`Store::append`], as far as they are known before the write.
    pub fn submit<'a>(&self, batch: impl Into<Batch<'a>>) -> Result<Ticket, StoreError> {
        self.submit_with(batch.into(), Patience::Wait)
    }

    /// As [`Store::submit`], but refuses while the queue is full.
    ///
    /// # Errors
    /// [`StoreError::Pressure`], and as for [`Store::submit`].
    pub fn try_submit<'a>(&self, batch: impl Into<Batch<'a>>) -> Result<Ticket, StoreError> {
        self.submit_with(batch.into(), Patience::Refuse)
    }

    fn submit_with(&self, batch: Batch<'_>, patience: Patience) -> Result<Ticket, StoreError> {
        let durability = self.writer.settings.durability;
        self.writer.contained(|| match self.writer.enter(batch, durability, patience)? {
            Entered::Known(receipt) => Ok(Ticket::known(Arc::clone(&self.writer), receipt)),
            Entered::Staged(stage, staged) => {
                self.writer.entrust(stage);
                Ok(Ticket::new(Arc::clone(&self.writer), staged))
            }
        })
    }

    /// What opening found and did.
    #[must_use]
    pub fn opened(&self) -> &OpenReport {
        &self.report
    }

    /// Identity of the store.
    #[must_use]
    pub fn id(&self) -> StoreId {
        self.writer.store()
    }

    /// The log as it is now, up to the last durable event.
    #[must_use]
    pub fn view(&self) -> View {
        let (set, durable) = self.writer.pin_at(SequenceGate::durable);
        View::pinned(set, durable)
    }

    /// The log as it is now, up to the last visible event: with [`Durability::Os`] that may be ahead of what is durable.
    #[must_use]
    pub fn view_visible(&self) -> View {
        let (set, visible) = self.writer.pin();
        View::pinned(set, visible)
    }

    /// Position of the last event that a sync covered.
    #[must_use]
    pub fn durable(&self) -> Position {
        self.writer.gate.durable()
    }

    /// Position of the last event that this process may see.
    #[must_use]
    pub fn visible(&self) -> Position {
        self.writer.gate.visible()
    }

    /// Position of the last event that was given one.
    #[must_use]
    pub fn assigned(&self) -> Position {
        self.writer.assigned()
    }

    /// Waits until `position` is durable, at most `timeout`; returns what is durable then.
    #[must_use]
    pub fn wait_for(&self, position: Position, timeout: Duration) -> Position {
        self.writer.gate.wait_durable(position, timeout)
    }

    /// The derived files beside the log.
    #[must_use]
    pub fn derived(&self) -> Derived {
        Derived::new(Arc::clone(&self.writer.disk), self.id())
    }

    /// Keeps a derived file, made from the log up to and including the event with this leaf hash, which must be durable; an older file of
    /// the number is replaced.
    ///
    /// Not synced, since it can be made again: after a power cut it may be missing or torn, and is then not there.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], I/O. The log is not concerned.
    pub fn keep_derived(&self, number: u64, event: &Hash, content: &[u8]) -> Result<(), StoreError> {
        self.derived().keep(number, event, content)
    }

    /// Numbers about the store. Cost: the names of all streams are counted.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        let (queue_events, queue_bytes) = self.writer.queued();
        Ok(Stats { queue_events, queue_bytes, visible: self.visible(), ..Stats::of(&self.view())? })
    }

    /// Writes and syncs everything and gives the folder up. Later appends, and tickets not waited for, get an error.
    ///
    /// Cost: at most the newest segment, whatever the size of the log.
    ///
    /// # Errors
    /// Whatever keeps the last commits from being durable.
    pub fn close(self) -> Result<(), StoreError> {
        self.shut()
    }

    fn shut(&self) -> Result<(), StoreError> {
        let mut helpers = std::mem::take(&mut *lock(&self.helpers)).into_iter();
        // First the one that fills the next segment: after closing, nothing is left of that.
        self.writer.sealer.stop();
        if let Some(sealer) = helpers.next() {
            let _ = sealer.join();
        }
        let closed = self.writer.contained(|| self.writer.close());
        self.writer.tender.stop();
        for helper in helpers {
            // A helper that panicked has left its account in the writer's state.
            let _ = helper.join();
        }
        drop(lock(&self.lock).take());
        closed
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if lock(&self.lock).is_some() {
            let _ = self.shut();
        }
    }
}

/// Removes what an interrupted writer left unfinished, and a newest segment that never got beyond its header.
fn tidy(disk: &dyn Disk, files: &Files, survey: &Survey, report: &mut OpenReport) -> Result<(), StoreError> {
    report.unknown.clone_from(&files.unknown);
    for name in &files.unfinished {
        files::act(&files::path(disk, name), "remove", || disk.remove(name))?;
        report.removed.push(name.to_string());
    }
    if let Some((number, bytes)) = survey.stub {
        let name = FileName::Segment(number);
        files::act(&files::path(disk, &name), "remove", || disk.remove(&name))?;
        report.cut.push(Cut {
            segment: number,
            offset: 0,
            bytes,
            reason: "a segment without a whole header".to_owned(),
        });
    }
    // A name that this opening sees may still be lost with the power: the writer that gave it may have died before its sync.
    files::act(disk.location(), "sync", || disk.sync_directory())
}

/// Turns the surveyed files into segments and the place where writing goes on.
fn recover(
    disk: &dyn Disk,
    survey: &Survey,
    files: &Files,
    settings: &Settings,
    report: &mut OpenReport,
) -> Result<(SegmentSet, Resume), StoreError> {
    let store = survey.store().unwrap_or_else(|| {
        let mut random = [0; 16];
        settings.entropy.fill(&mut random);
        StoreId::from_random(random)
    });
    let sealed = open::seal_found(disk, survey, files, true, report)?;
    let Some(newest) = survey.found.get(sealed.len()) else {
        let end = sealed.last().map_or_else(SegmentEnd::before_everything, |sealed| SegmentEnd {
            number: sealed.header.number,
            point: sealed.end(),
            bytes: u64::from(sealed.end().offset),
        });
        report.clean = report.cut.is_empty();
        return Ok((SegmentSet::new(store, sealed, Vec::new()), Resume { tip: None, end }));
    };
    let path = files::path(disk, &FileName::Segment(newest.header.number));
    // What the page cache shows may be lost: a sync that failed in an earlier life is not reported again.
    if !planted(Bug::CacheTrusted) {
        files::act(&path, "sync", || newest.file.sync_and_drop_cache())?;
    }
    if files.indexes.binary_search(&newest.header.number).is_ok() {
        // An index that does not cover its segment would be believed once the segment has the same length again.
        files::act(&path, "remove the stale index of", || disk.remove(&FileName::Index(newest.header.number)))?;
        files::act(disk.location(), "sync", || disk.sync_directory())?;
    }
    let loaded = open::load(disk, newest)?;
    open::cut_tail(disk, newest, &loaded.tail, report)?;
    report.clean = report.cut.is_empty() && loaded.tail.ends_with_mark;
    let point = loaded.tail.end;
    let tip = Tip {
        active: Arc::clone(&loaded.active),
        interner: loaded.interner,
        point,
        written: point,
        synced: point.offset,
        filled: newest.bytes,
        target: next_target(u64::from(newest.header.predecessor_length), settings.segment_bytes),
        marked: loaded.tail.ends_with_mark,
        spare_asked: false,
    };
    let end = tip.end();
    Ok((SegmentSet::new(store, sealed, vec![loaded.active]), Resume { tip: Some(tip), end }))
}
