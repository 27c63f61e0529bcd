//! The write path: admit, stage, persist, publish, reply.

use crate::sync::Arc;

use batpak_core::{Batch, Hlc, Position, Revision};

use crate::durability::Durability;
use crate::error::StoreError;
use crate::read::View;
use crate::receipt::{Appended, Receipt};
use crate::sync::Deadline;

use super::admit::Verdict;
use super::group::{Cell, Outcome, Woken};
use super::stage::{Staged, State};
use super::{Staging, Writer, covering};

/// Bytes of a commit at most, as an upper bound before encoding: its payloads, and as much again for 65,535 events' names.
const COMMIT_BYTES_MAX: u64 = 2 * batpak_core::BATCH_BYTES_MAX as u64;

/// What to do when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Wait.
    Wait,
    /// Refuse with [`StoreError::Pressure`].
    Refuse,
}

/// A commit that passed admission.
pub(crate) enum Entered<'a> {
    /// It is staged; the lock is still held.
    Staged(Staging<'a>, Staged),
    /// Nothing to write: an empty batch, or the receipt of an earlier commit with the same key.
    Known(Receipt),
}

impl Writer {
    /// Appends a batch and returns once its durability is reached.
    pub(crate) fn append(&self, batch: Batch<'_>, durability: Durability) -> Result<Receipt, StoreError> {
        self.contained(|| self.write(batch, durability))
    }

    /// Runs a call of the writer; a panic in it, which has marked the writer as crashed, becomes an unknown outcome.
    pub(crate) fn contained<T>(&self, call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(call))
            .unwrap_or_else(|_| Err(StoreError::OutcomeUnknown { reason: "the writer panicked".to_owned() }))
    }

    /// The whole write path.
    fn write(&self, batch: Batch<'_>, durability: Durability) -> Result<Receipt, StoreError> {
        match self.enter(batch, durability, Patience::Wait)? {
            Entered::Known(receipt) => Ok(receipt),
            Entered::Staged(stage, staged) => {
                let outcome = self.see_through(stage, &staged.cell, None).unwrap_or(Outcome::Done);
                self.reply(staged.receipt, &outcome)
            }
        }
    }

    /// Turns a group's outcome into the caller's answer.
    pub(crate) fn reply(&self, receipt: Receipt, outcome: &Outcome) -> Result<Receipt, StoreError> {
        outcome.error(self.path()).map_or(Ok(receipt), Err)
    }

    /// Admits and stages a batch.
    pub(crate) fn enter(
        &self,
        mut batch: Batch<'_>,
        durability: Durability,
        patience: Patience,
    ) -> Result<Entered<'_>, StoreError> {
        batch.normalize();
        batch.check()?;
        if batch.events.is_empty() && batch.consumer.is_none() {
            return Ok(Entered::Known(Receipt {
                events: Vec::new(),
                recorded_at: Hlc::default(),
                durability,
                duplicate: false,
            }));
        }
        let key = batch.key.as_ref().map(|key| (key.digest(), batch.fingerprint()));
        let mut with_revisions = false;
        loop {
            let prepared = self.prepare(&batch, key, with_revisions);
            let mut stage = self.ready()?;
            let verdict = match prepared {
                Err(verdict) => verdict,
                Ok(prepared) if prepared.bytes_max > COMMIT_BYTES_MAX => {
                    return Err(StoreError::TooLarge { bytes: prepared.bytes_max, most: COMMIT_BYTES_MAX });
                }
                Ok(mut prepared) => match self.admit(&mut stage, &batch, &mut prepared) {
                    Err(verdict) => verdict,
                    Ok(admitted) => {
                        if stage.group.frames.len() as u64 + prepared.bytes_max > self.settings.pressure_bytes
                            && !stage.group.frames.is_empty()
                        {
                            self.relieve(stage, patience)?;
                            continue;
                        }
                        if !stage.has_room(prepared.bytes_max) {
                            self.make_room(stage, prepared.bytes_max)?;
                            continue;
                        }
                        let Some(staged) = stage.stage(&batch, &admitted, durability, self.settings.clock.wall_us())
                        else {
                            stage.crash();
                            continue;
                        };
                        if durability == Durability::Os && self.sync_overdue(&stage) {
                            stage.group.sync = true;
                        }
                        return Ok(Entered::Staged(stage, staged));
                    }
                },
            };
            match verdict {
                Verdict::Again => {}
                Verdict::NeedsRevisions => with_revisions = true,
                Verdict::Refused(error) => {
                    if self.settle(stage, durability) {
                        return Err(error);
                    }
                }
                Verdict::Duplicate(first, events) => {
                    if self.settle(stage, durability) {
                        return self.earlier(first, events, durability).map(Entered::Known);
                    }
                }
            }
        }
    }

    /// Waits until everything staged so far is as safe as `durability` asks: an answer must not rest on what may yet vanish.
    /// False if something vanished, so that the answer must be found again.
    fn settle<'a>(&'a self, mut stage: Staging<'a>, durability: Durability) -> bool {
        let assigned = Position::new(stage.next.get().saturating_sub(1));
        let cell = match durability {
            Durability::Os if self.gate.visible() >= assigned => return true,
            Durability::Disk if self.gate.durable() >= assigned => return true,
            Durability::Os => covering(&stage, assigned),
            Durability::Disk => {
                stage.group.sync = true;
                Arc::clone(&stage.group.cell)
            }
        };
        self.see_through(stage, &cell, None) == Some(Outcome::Done)
    }

    /// The receipt of the commit at `first`, from the log.
    fn earlier(&self, first: Position, events: u32, durability: Durability) -> Result<Receipt, StoreError> {
        let (set, visible) = self.pin();
        let view = View::pinned(set, visible);
        let mut receipt = Receipt { events: Vec::new(), recorded_at: Hlc::default(), durability, duplicate: true };
        for number in 0..u64::from(events) {
            let position = Position::new(first.get().saturating_add(number));
            view.with_event(position, |event| {
                receipt.recorded_at = event.recorded_at();
                receipt.events.push(Appended {
                    id: event.id(),
                    position,
                    revision: Revision::new(event.revision().get()),
                });
            })?;
        }
        Ok(receipt)
    }

    /// Sees a group through: persists it if the role is free, else waits for whoever has the role. `None` if the time was up.
    pub(crate) fn see_through<'a>(
        &'a self,
        mut stage: Staging<'a>,
        cell: &Arc<Cell>,
        until: Option<Deadline>,
    ) -> Option<Outcome> {
        loop {
            if let Some(outcome) = cell.outcome() {
                return Some(outcome);
            }
            if stage.state != State::Open {
                // A crash finished every cell that existed then; one that is not finished was never staged.
                return Some(Outcome::Poisoned("the writer stopped".to_owned()));
            }
            if stage.leading {
                let me = cell.enlist();
                drop(stage);
                match cell.wait(&me, until) {
                    Woken::Finished(outcome) => return Some(outcome),
                    Woken::TimedOut => return None,
                    Woken::Heir => stage = self.lock(),
                }
            } else {
                stage.leading = true;
            }
            self.lead(stage);
            stage = self.lock();
        }
    }

    /// Waits for a group from outside, as [`Writer::see_through`] does.
    pub(crate) fn await_cell(&self, cell: &Arc<Cell>, until: Option<Deadline>) -> Option<Outcome> {
        match cell.outcome() {
            Some(outcome) => Some(outcome),
            None => {
                let seen = self.contained(|| Ok(self.see_through(self.lock(), cell, until)));
                seen.unwrap_or_else(|_| cell.outcome())
            }
        }
    }

    /// Leaves a staged group to the helper, if there is one, unless somebody has the role and will go on with it.
    pub(crate) fn entrust(&self, mut stage: Staging<'_>) {
        if !stage.leading && self.tender.hand_over() {
            stage.leading = true;
        }
    }

    /// Waits until the queue is shorter, or refuses.
    fn relieve<'a>(&'a self, stage: Staging<'a>, patience: Patience) -> Result<(), StoreError> {
        if patience == Patience::Refuse {
            return Err(StoreError::Pressure { queued_bytes: stage.group.frames.len() as u64 });
        }
        let cell = Arc::clone(&stage.group.cell);
        self.see_through(stage, &cell, None);
        Ok(())
    }
}
