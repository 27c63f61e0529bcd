//! A group: the commits that one write, and one sync, will cover, and the callers that wait for it.

use crate::sync::Arc;
use std::task::Waker;

use batpak_core::Position;

use crate::error::StoreError;
use crate::sync::{AtomicBool, Deadline, Mutex, OnceLock, Ordering, Parked, lock};

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
///
/// A waiter parks and is woken by name: it looks at two flags then and takes no lock, so that waking many costs no queue of their own.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Set before `finished`.
    outcome: OnceLock<Outcome>,
    finished: AtomicBool,
    /// The role was handed to this group: the first waiter that sees it takes it.
    heir: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    threads: Vec<Parked>,
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
        if self.finished.load(Ordering::Acquire) { self.outcome.get().cloned() } else { None }
    }

    /// Counts this thread in. Called under the stage's lock, so that a hand-over cannot miss it.
    pub(crate) fn enlist(&self) -> Parked {
        let me = Parked::here();
        lock(&self.waiting).threads.push(me.clone());
        me
    }

    /// Waits until the group is finished or the role comes to this thread, which has enlisted.
    pub(crate) fn wait(&self, me: &Parked, until: Option<Deadline>) -> Woken {
        loop {
            if let Some(woken) = self.woken() {
                return woken;
            }
            match until {
                None => me.sleep(),
                Some(until) if until.left().is_zero() => {
                    let mut waiting = lock(&self.waiting);
                    // Whoever hands over does so under this lock: either it came before, or it will choose somebody else.
                    let woken = self.woken();
                    waiting.threads.retain(|thread| thread.id() != me.id());
                    return woken.unwrap_or(Woken::TimedOut);
                }
                Some(until) => me.sleep_at_most(until.left()),
            }
        }
    }

    fn woken(&self) -> Option<Woken> {
        if let Some(outcome) = self.outcome() {
            return Some(Woken::Finished(outcome));
        }
        self.heir.swap(false, Ordering::AcqRel).then_some(Woken::Heir)
    }

    /// Hands the writer's role to one of the waiters; false if nobody waits.
    pub(crate) fn hand_over(&self) -> bool {
        let waiting = lock(&self.waiting);
        let Some(thread) = waiting.threads.first() else { return false };
        self.heir.swap(true, Ordering::AcqRel);
        thread.wake();
        true
    }

    /// Finishes the group and wakes everybody who waits for it.
    pub(crate) fn finish(&self, outcome: Outcome) {
        let _ = self.outcome.set(outcome);
        let Waiting { threads, wakers } = {
            let mut waiting = lock(&self.waiting);
            self.finished.store(true, Ordering::Release);
            std::mem::take(&mut *waiting)
        };
        threads.iter().for_each(Parked::wake);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The outcome, or a promise to wake `waker` once there is one.
    pub(crate) fn poll(&self, waker: &Waker) -> Option<Outcome> {
        let mut waiting = lock(&self.waiting);
        let outcome = self.outcome();
        if outcome.is_none() && !waiting.wakers.iter().any(|known| known.will_wake(waker)) {
            waiting.wakers.push(waker.clone());
        }
        outcome
    }
}

/// Commits staged for the next write.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Their frames, one after the other.
    pub frames: Vec<u8>,
    /// How many bytes of them the file has already.
    pub written: usize,
    /// How many they are.
    pub commits: u32,
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
