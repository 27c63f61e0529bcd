//! The role: whoever has it persists the groups that wait, one after the other, and hands it on.

use crate::sync::Arc;
use std::io;

use batpak_core::Position;

use crate::disk::{DiskFile, write_all_at};
use crate::error::StoreError;
use crate::recovery::tail::ChainPoint;
use crate::sync::planted::{Bug, planted};
use crate::sync::{lock, yield_now};

use super::group::{Cell, Group, Outcome};
use super::stage::{Flight, Stage, State};
use super::{Staging, WriteFault, Writer};

/// A group on its way to the disk.
struct Departure {
    file: Arc<dyn DiskFile>,
    frames: Vec<u8>,
    /// How many bytes of them the file has already.
    written: usize,
    /// Where its first frame goes.
    offset: u32,
    /// The place after its last frame.
    end: ChainPoint,
    last: Position,
    sync: bool,
    cell: Arc<Cell>,
}

/// Bytes that a sync covered: the only value that moves the durable position.
struct Synced(());

/// What writing a group reached.
enum Persisted {
    /// The bytes are in the page cache.
    Cached,
    /// A sync covered them, and all bytes before them.
    Synced(Synced),
}

/// How writing a group failed.
enum Fault {
    /// The write; it can be taken back.
    Write(io::Error),
    /// The sync; nobody knows what the disk holds.
    Sync(io::Error),
}

impl Departure {
    /// Writes the group and, if anybody asked for it, syncs. The only place that syncs commits.
    fn persist(&self) -> Result<Persisted, Fault> {
        let rest = self.frames.get(self.written..).unwrap_or_default();
        write_all_at(&*self.file, u64::from(self.offset) + self.written as u64, rest).map_err(Fault::Write)?;
        if !self.sync {
            return Ok(Persisted::Cached);
        }
        if planted(Bug::AckBeforeSync) {
            return Ok(Persisted::Synced(Synced(())));
        }
        let synced = self.file.sync_data();
        let synced = if synced.is_err() && planted(Bug::SyncRetried) { self.file.sync_data() } else { synced };
        synced.map_err(Fault::Sync)?;
        Ok(Persisted::Synced(Synced(())))
    }
}

/// Marks the writer as crashed if the holder of the role panics outside the stage's lock.
struct Role<'a>(&'a Writer);

impl Drop for Role<'_> {
    fn drop(&mut self) {
        if crate::sync::panicking() {
            lock(&self.0.stage).crash();
            self.0.eased.notify_all();
        }
    }
}

/// How often a leader lets others run before it leaves with fewer commits than the last group had.
const YIELDS_MAX: u32 = if cfg!(loom) { 0 } else { 24 };

impl Writer {
    /// Persists the waiting group. The caller has the role (`leading` is set) and the lock; both are given up.
    ///
    /// Afterwards the role goes to a caller of the next group, to the helper if nobody waits, or to nobody.
    pub(crate) fn lead<'a>(&'a self, mut stage: Staging<'a>) {
        loop {
            stage = self.gather(stage);
            if stage.state == State::Open {
                stage = self.persist_group(stage);
            }
            if stage.role_wanted > 0 || stage.state != State::Open || !stage.group.is_pending() {
                stage.leading = false;
                let wanted = stage.role_wanted > 0;
                let tend = stage.needs_tending() && self.tender.sleeps();
                drop(stage);
                if wanted {
                    self.eased.notify_all();
                }
                if tend {
                    self.tender.raise();
                }
                return;
            }
            if stage.group.cell.hand_over() || self.tender.hand_over() {
                return;
            }
        }
    }

    /// Lets the callers of the last group, which have just been woken, stage their next commits: one sync then covers them all instead of
    /// two half of them. A lone caller never waits here, and nobody longer than a few time slices.
    fn gather<'a>(&'a self, mut stage: Staging<'a>) -> Staging<'a> {
        let mut patience = YIELDS_MAX;
        while stage.group.commits < stage.gathered && stage.group.sync && patience > 0 {
            drop(stage);
            yield_now();
            patience -= 1;
            stage = self.lock();
        }
        stage.gathered = stage.group.commits;
        stage
    }

    /// One turn: takes the group, persists it without the lock, and settles what became of it.
    pub(crate) fn persist_group<'a>(&'a self, mut stage: Staging<'a>) -> Staging<'a> {
        let Some(departure) = stage.depart() else { return stage };
        drop(stage);
        let role = Role(self);
        let persisted = departure.persist();
        drop(role);
        let mut stage = self.lock();
        self.settle_group(&mut stage, departure, persisted);
        stage
    }

    /// Persists the waiting group without giving the lock up. The caller has the role.
    pub(crate) fn persist_in_place(&self, stage: &mut Staging<'_>) -> Result<(), StoreError> {
        if let Some(departure) = stage.depart() {
            let persisted = departure.persist();
            self.settle_group(stage, departure, persisted);
        }
        match &stage.state {
            State::Poisoned(reason) => Err(StoreError::Poisoned { reason: reason.clone() }),
            _ => Ok(()),
        }
    }

    fn settle_group(&self, stage: &mut Stage, mut departure: Departure, persisted: Result<Persisted, Fault>) {
        match persisted {
            Ok(persisted) => {
                stage.arrive(&departure, &persisted);
                self.publish(stage, departure.last, &persisted);
                departure.frames.clear();
                stage.spare = std::mem::take(&mut departure.frames);
                stage.finished.push((departure.cell, Outcome::Done));
                if stage.spare_due() {
                    self.sealer.raise();
                }
            }
            Err(Fault::Write(error)) => self.take_back(stage, &departure, &error),
            Err(Fault::Sync(error)) => {
                let reason = format!("a sync failed: {error}");
                stage.flight = None;
                stage.finished.push((departure.cell, Outcome::Unknown(reason.clone())));
                stage.poison(reason);
            }
        }
    }

    /// Makes a persisted group visible, in order.
    fn publish(&self, stage: &mut Stage, last: Position, persisted: &Persisted) {
        if planted(Bug::PublishInSteps) {
            (self.gate.visible().get() + 1..last.get()).for_each(|position| self.gate.publish(Position::new(position)));
        }
        self.gate.publish(last);
        match persisted {
            Persisted::Synced(synced) => self.advance_durable(stage, last, synced),
            Persisted::Cached => {
                if self.gate.durable() < last {
                    stage.unsynced_since.get_or_insert(self.settings.clock.mono_us());
                }
            }
        }
    }

    /// Moves the durable position; only a sync makes the value that this asks for.
    fn advance_durable(&self, stage: &mut Stage, last: Position, _: &Synced) {
        stage.unsynced_since = None;
        self.gate.settle(last);
    }

    /// Takes a failed write back: cuts the file to its last good frame. What was staged behind it goes too.
    fn take_back(&self, stage: &mut Stage, departure: &Departure, error: &io::Error) {
        let fault = WriteFault::of(error);
        let offset = u64::from(departure.offset);
        let cut = departure.file.set_len(offset).and_then(|()| departure.file.sync_all());
        let restored = cut
            .map_err(|cut| format!("a write failed ({error}) and could not be taken back: {cut}"))
            .and_then(|()| self.reload_tip(stage));
        stage.flight = None;
        match restored {
            Ok(()) => {
                departure.cell.finish(Outcome::Refused(fault.clone()));
                let group = std::mem::take(&mut stage.group);
                group.cell.finish(Outcome::Refused(fault));
            }
            Err(reason) => {
                departure.cell.finish(Outcome::Unknown(reason.clone()));
                stage.poison(reason);
            }
        }
    }

    /// Whether commits are visible and unsynced for longer than the settings allow, with no helper to sync them.
    pub(crate) fn sync_overdue(&self, stage: &Stage) -> bool {
        stage.unsynced_since.is_some_and(|since| {
            let interval = u64::try_from(self.settings.os_sync_interval.as_micros()).unwrap_or(u64::MAX);
            self.settings.clock.mono_us().saturating_sub(since) >= interval
        })
    }
}

impl Stage {
    /// Moves the waiting group into the hands of the role; `None` if nothing waits.
    fn depart(&mut self) -> Option<Departure> {
        if !self.group.is_pending() {
            return None;
        }
        let fresh = Group { frames: std::mem::take(&mut self.spare), ..Group::default() };
        let visible = Position::new(self.next.get().saturating_sub(1));
        let group = std::mem::replace(&mut self.group, fresh);
        let Some(tip) = self.tip.as_mut() else {
            // Nothing was ever staged, so there is nothing to sync either.
            group.cell.finish(Outcome::Done);
            return None;
        };
        self.flight = Some(Flight {
            last: visible,
            events: group.events,
            bytes: group.frames.len() as u64,
            cell: Arc::clone(&group.cell),
        });
        Some(Departure {
            file: Arc::clone(&tip.active.file),
            frames: group.frames,
            written: group.written,
            offset: tip.written.offset,
            end: tip.point,
            last: visible,
            sync: group.sync,
            cell: group.cell,
        })
    }

    /// Takes note of a persisted group.
    fn arrive(&mut self, departure: &Departure, persisted: &Persisted) {
        self.flight = None;
        if let Some(tip) = self.tip.as_mut() {
            tip.written = departure.end;
            tip.filled = tip.filled.max(u64::from(departure.end.offset));
            if matches!(persisted, Persisted::Synced(_)) {
                tip.synced = departure.end.offset;
            }
        }
    }
}
