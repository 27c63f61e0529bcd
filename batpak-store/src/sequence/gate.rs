//! Positions that readers may see: `durable ≤ visible`, published once a group of commits, after its index entries are in place.

use std::time::Duration;

use batpak_core::Position;

use crate::sync::planted::{Bug, planted};
use crate::sync::{AtomicU64, AtomicUsize, Condvar, Deadline, Mutex, Ordering, lock, wait_timeout};

/// The publication point. Readers see an event if and only if its position is at most the published one.
///
/// `publish` stores with release ordering after the index holds every event of the commit; `visible` and `durable` load with
/// acquire ordering. A batch moves the gate once, by all its events, so a reader sees none or all of it.
#[derive(Debug)]
pub(crate) struct SequenceGate {
    visible: AtomicU64,
    durable: AtomicU64,
    waiters: AtomicUsize,
    moved: Mutex<()>,
    wake: Condvar,
}

impl SequenceGate {
    /// A gate at which everything up to `durable` is visible and durable.
    pub(crate) fn new(durable: Position) -> Self {
        Self {
            visible: AtomicU64::new(durable.get()),
            durable: AtomicU64::new(durable.get()),
            waiters: AtomicUsize::new(0),
            moved: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// The last position that readers of this process may see.
    pub(crate) fn visible(&self) -> Position {
        Position::new(self.visible.load(Ordering::Acquire))
    }

    /// The last position that a sync covered.
    pub(crate) fn durable(&self) -> Position {
        Position::new(self.durable.load(Ordering::Acquire))
    }

    /// Makes everything up to `last` visible. Called by the writer's role alone, in order.
    pub(crate) fn publish(&self, last: Position) {
        let ordering = if planted(Bug::PublishRelaxed) { Ordering::Relaxed } else { Ordering::Release };
        self.visible.store(last.get(), ordering);
    }

    /// Records that a sync covered everything up to `last`, which is visible already, and wakes who waits for it.
    pub(crate) fn settle(&self, last: Position) {
        debug_assert!(last <= self.visible());
        // SeqCst against the waiter's increment: either it sees the new position or this sees the waiter.
        self.durable.store(last.get(), Ordering::SeqCst);
        if self.waiters.load(Ordering::SeqCst) > 0 {
            drop(lock(&self.moved));
            self.wake.notify_all();
        }
    }

    /// Waits until `position` is durable, at most `timeout`; returns what is durable then.
    pub(crate) fn wait_durable(&self, position: Position, timeout: Duration) -> Position {
        let until = Deadline::after(timeout);
        self.waiters.fetch_add(1, Ordering::SeqCst);
        let mut guard = lock(&self.moved);
        let reached = loop {
            let durable = Position::new(self.durable.load(Ordering::SeqCst));
            let left = until.left();
            if durable >= position || left.is_zero() {
                break durable;
            }
            guard = wait_timeout(&self.wake, guard, left);
        };
        drop(guard);
        self.waiters.fetch_sub(1, Ordering::SeqCst);
        reached
    }
}
