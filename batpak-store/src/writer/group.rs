//! A group: the commits that one write, and one sync, will cover, and the callers that wait for it.

use crate::sync::Arc;
use std::task::Waker;

use batpak_core::Position;

use crate::error::StoreError;
use crate::sync::{Condvar, Deadline, Mutex, lock, wait, wait_timeout};

use super::WriteFault;

/// What became of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Written, synced if anybody asked for it, and published.
    Done,
    /// Taken back whole; nothing of it was kept.
    Refused(WriteFault),
    /// Its bytes may have reached the disk.
    Unknown(String),
    /// The writer had stopped before any byte of it was written.
    Poisoned(String),
}

impl Outcome {
    /// The error to report, if the group failed.
    pub(crate) fn error(&self, path: &std::path::Path) -> Option<StoreError> {
        match self {
            Self::Done => None,
            Self::Refused(fault) => Some(fault.error(path)),
            Self::Unknown(reason) => Some(StoreError::OutcomeUnknown { reason: reason.clone() }),
            Self::Poisoned(reason) => Some(StoreError::Poisoned { reason: reason.clone() }),
        }
    }
}

/// Where the callers of one group meet.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    state: Mutex<CellState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct CellState {
    outcome: Option<Outcome>,
    /// The role was handed to this group: the first waiter that sees it takes it.
    heir: bool,
    waiting: usize,
    wakers: Vec<Waker>,
}

/// Why a waiter stopped waiting.
#[derive(Debug)]
pub(crate) enum Woken {
    /// The group is finished.
    Finished(Outcome),
    /// The waiter now has the writer's role.
    Heir,
    /// The time was up.
    TimedOut,
}

impl Cell {
    /// The outcome, if the group is finished.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        lock(&self.state).outcome.clone()
    }

    /// Counts a waiter in. Called under the stage's lock, so that a hand-over cannot miss it.
    pub(crate) fn enlist(&self) {
        lock(&self.state).waiting += 1;
    }

    /// Waits until the group is finished or the role comes to this waiter, which has enlisted.
    pub(crate) fn wait(&self, until: Option<Deadline>) -> Woken {
        let mut state = lock(&self.state);
        loop {
            if let Some(outcome) = &state.outcome {
                return Woken::Finished(outcome.clone());
            }
            if state.heir {
                state.heir = false;
                return Woken::Heir;
            }
            state = match until {
                None => wait(&self.changed, state),
                Some(until) if until.left().is_zero() => {
                    state.waiting -= 1;
                    return Woken::TimedOut;
                }
                Some(until) => wait_timeout(&self.changed, state, until.left()),
            };
        }
    }

    /// Hands the writer's role to one of the waiters; false if nobody waits.
    pub(crate) fn hand_over(&self) -> bool {
        let mut state = lock(&self.state);
        if state.waiting == 0 {
            return false;
        }
        state.heir = true;
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Finishes the group and wakes everybody who waits for it.
    pub(crate) fn finish(&self, outcome: Outcome) {
        let mut state = lock(&self.state);
        state.outcome = Some(outcome);
        let (wakers, waiting) = (std::mem::take(&mut state.wakers), state.waiting);
        drop(state);
        if waiting > 0 {
            self.changed.notify_all();
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The outcome, or a promise to wake `waker` once there is one.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<Outcome> {
        let mut state = lock(&self.state);
        if state.outcome.is_none() && !state.wakers.iter().any(|known| known.will_wake(waker)) {
            state.wakers.push(waker.clone());
        }
        state.outcome.clone()
    }
}

/// Commits staged for the next write.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Their frames, one after the other.
    pub frames: Vec<u8>,
    /// Events in them.
    pub events: u64,
    /// Position of their last event; meaningful only if there are events.
    pub last: Position,
    /// Whether somebody needs a sync.
    pub sync: bool,
    /// Where their callers wait.
    pub cell: Arc<Cell>,
}

impl Group {
    /// Whether there is anything to do for it.
    pub(crate) fn is_pending(&self) -> bool {
        self.sync || !self.frames.is_empty()
    }
}
