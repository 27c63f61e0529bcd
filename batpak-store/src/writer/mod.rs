//! The writer: a role that callers take in turn, not a thread.
//!
//! A caller checks and stages its commit under one short lock (admission, encoding, index), then either takes the role and
//! persists the group that is waiting, or waits for whoever has it. While one group is being synced the next one is staged.

mod admit;
mod append;
pub(crate) mod group;
mod helper;
mod ids;
mod lead;
mod lease;
mod open_segment;
mod restart;
mod seal;
mod stage;

#[cfg(all(test, loom))]
mod models;
pub use restart::RestartPolicy;

use crate::sync::Arc;
use std::path::Path;

use arc_swap::ArcSwap;

use crate::disk::Disk;
use crate::error::StoreError;
use crate::options::Settings;
use crate::segment::SegmentSet;
use crate::sequence::SequenceGate;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, panicking, wait};

use group::Cell;
use helper::Signal;
use ids::IdSource;
use lease::Lease;
use restart::RestartBudget;
use stage::{Stage, State};

pub(crate) use append::{Entered, Patience};
pub(crate) use open_segment::{next_target, write_zeros};
pub(crate) use stage::{Resume, SegmentEnd, Staged, Tip};

/// Why a write was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WriteFault {
    /// No room on the disk.
    DiskFull,
    /// Anything else, in the system's words.
    Failed(String),
}

impl WriteFault {
    pub(crate) fn of(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Failed(error.to_string()),
        }
    }

    pub(crate) fn error(&self, path: &Path) -> StoreError {
        match self {
            Self::DiskFull => StoreError::DiskFull { path: path.to_owned() },
            Self::Failed(detail) => StoreError::WriteFailed { detail: detail.clone() },
        }
    }
}

/// Everything that writing shares: the stage, the gate, the segments.
pub(crate) struct Writer {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) settings: Settings,
    pub(crate) gate: SequenceGate,
    pub(crate) set: ArcSwap<SegmentSet>,
    stage: Mutex<Stage>,
    /// The role became free, a segment was sealed, or the queue got shorter.
    eased: Condvar,
    budget: RestartBudget,
    sealing: Lease,
    ids: IdSource,
    /// Held while the next segment's file is filled, or taken.
    sparing: Mutex<()>,
    /// Wakes the helper that leads for unattended tickets, syncs and marks.
    pub(crate) tender: Signal,
    /// Wakes the helper that seals segments and fills the next one.
    pub(crate) sealer: Signal,
}

/// The stage's lock. If its holder panics, the writer is marked as crashed: a half-changed stage is never used again.
pub(crate) struct Staging<'a> {
    writer: &'a Writer,
    guard: Option<MutexGuard<'a, Stage>>,
}

impl Writer {
    pub(crate) fn new(disk: Arc<dyn Disk>, settings: Settings, set: SegmentSet, resume: Resume) -> Self {
        let budget = RestartBudget::new(settings.restart);
        let ids = IdSource::new(&*settings.entropy);
        Self {
            gate: SequenceGate::new(set.last()),
            set: ArcSwap::from_pointee(set),
            stage: Mutex::new(Stage::new(resume)),
            eased: Condvar::new(),
            budget,
            sealing: Lease::new(),
            ids,
            sparing: Mutex::new(()),
            tender: Signal::new(),
            sealer: Signal::new(),
            disk,
            settings,
        }
    }

    fn lock(&self) -> Staging<'_> {
        Staging { writer: self, guard: Some(lock(&self.stage)) }
    }

    /// The stage, if it can take appends; recovers from a panic first, if the restart policy allows it.
    fn ready(&self) -> Result<Staging<'_>, StoreError> {
        let mut stage = self.lock();
        loop {
            match &stage.state {
                State::Open => return Ok(stage),
                State::Closed => return Err(StoreError::Closed),
                State::Poisoned(reason) => return Err(StoreError::Poisoned { reason: reason.clone() }),
                State::Crashed if stage.leading => stage = stage.wait(),
                State::Crashed => {
                    if !self.budget.claim(self.settings.clock.mono_us()) {
                        return Err(StoreError::RestartExhausted { allowed: self.budget.allowed() });
                    }
                    self.contained(|| self.restart(&mut stage))?;
                }
            }
        }
    }

    /// The segments and the last visible position at one moment.
    ///
    /// The position is read while the set stays the same: the set then holds every segment up to the position, and no sealed segment
    /// goes beyond it, since what is sealed was published before.
    pub(crate) fn pin(&self) -> (Arc<SegmentSet>, batpak_core::Position) {
        self.pin_at(|gate| gate.visible())
    }

    /// As [`Writer::pin`], at the position that `at` reads.
    pub(crate) fn pin_at(
        &self,
        at: impl Fn(&SequenceGate) -> batpak_core::Position,
    ) -> (Arc<SegmentSet>, batpak_core::Position) {
        loop {
            let set = self.set.load_full();
            let position = at(&self.gate);
            if Arc::ptr_eq(&set, &self.set.load()) {
                return (set, position);
            }
        }
    }

    /// Last position handed out, visible or not.
    pub(crate) fn assigned(&self) -> batpak_core::Position {
        batpak_core::Position::new(lock(&self.stage).next.get().saturating_sub(1))
    }

    /// Events and bytes staged and not yet finished.
    pub(crate) fn queued(&self) -> (u64, u64) {
        let stage = lock(&self.stage);
        let flying = stage.flight.as_ref().map_or((0, 0), |flight| (flight.events, flight.bytes));
        (stage.group.events + flying.0, stage.group.frames.len() as u64 + flying.1)
    }

    pub(crate) fn path(&self) -> &Path {
        self.disk.location()
    }
}

impl<'a> Staging<'a> {
    /// Waits until something eased: the role is free, a segment was sealed, or the queue got shorter.
    fn wait(mut self) -> Self {
        let writer = self.writer;
        self.finished.drain(..).for_each(|(cell, outcome)| cell.finish(outcome));
        let guard = self.guard.take().map(|guard| wait(&writer.eased, guard));
        Self { writer, guard }
    }
}

impl std::ops::Deref for Staging<'_> {
    type Target = Stage;
    #[expect(clippy::expect_used, reason = "the guard is taken only by `wait`, which consumes the wrapper")]
    fn deref(&self) -> &Stage {
        self.guard.as_ref().expect("the stage is locked")
    }
}

impl std::ops::DerefMut for Staging<'_> {
    #[expect(clippy::expect_used, reason = "the guard is taken only by `wait`, which consumes the wrapper")]
    fn deref_mut(&mut self) -> &mut Stage {
        self.guard.as_mut().expect("the stage is locked")
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let Some(mut stage) = self.guard.take() else { return };
        if panicking() {
            stage.crash();
            self.writer.eased.notify_all();
        }
        // Whoever is woken wants the lock next.
        let finished = std::mem::take(&mut stage.finished);
        drop(stage);
        finished.into_iter().for_each(|(cell, outcome)| cell.finish(outcome));
    }
}

/// The cell that finishes no earlier than `position` does, if that is not published yet.
fn covering(stage: &Stage, position: batpak_core::Position) -> Arc<Cell> {
    match &stage.flight {
        Some(flight) if position <= flight.last => Arc::clone(&flight.cell),
        _ => Arc::clone(&stage.group.cell),
    }
}
