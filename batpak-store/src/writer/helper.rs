//! The helper threads: one leads for tickets that nobody waits on, syncs and marks; one seals. They sleep unless something is due.

use std::time::Duration;

use crate::error::StoreError;
use crate::sync::{AtomicBool, Condvar, Mutex, Ordering, lock, wait, wait_timeout};

use super::Writer;

/// How often the helper looks while the writer is busy; a mark follows the last commit within twice this.
const TICK: Duration = Duration::from_micros(500);

/// Wakes a helper.
#[derive(Debug)]
pub(crate) struct Signal {
    state: Mutex<SignalState>,
    changed: Condvar,
    /// The helper exists and sleeps without a limit, so that it must be woken.
    asleep: AtomicBool,
}

#[derive(Debug, Default)]
struct SignalState {
    running: bool,
    raised: bool,
    role: bool,
    stop: bool,
}

/// What a helper was woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// It was handed the writer's role.
    Role,
    /// Something may be due.
    Look,
    /// The store closes.
    Stop,
}

impl Signal {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(SignalState::default()), changed: Condvar::new(), asleep: AtomicBool::new(false) }
    }

    /// Whether the helper sleeps until it is woken.
    pub(crate) fn sleeps(&self) -> bool {
        self.asleep.load(Ordering::Relaxed)
    }

    /// Tells the helper to look.
    pub(crate) fn raise(&self) {
        lock(&self.state).raised = true;
        self.changed.notify_one();
    }

    /// Hands the writer's role to the helper; false if there is none.
    pub(crate) fn hand_over(&self) -> bool {
        let mut state = lock(&self.state);
        if !state.running {
            return false;
        }
        state.role = true;
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Announces a helper; before this the signal is nobody's.
    pub(crate) fn start(&self) {
        lock(&self.state).running = true;
    }

    /// Asks the helper to end.
    pub(crate) fn stop(&self) {
        lock(&self.state).stop = true;
        self.changed.notify_one();
    }

    /// Waits for a call, for ever or one tick.
    fn wait(&self, ticking: bool) -> Call {
        let mut state = lock(&self.state);
        let mut ticked = false;
        loop {
            if state.role {
                state.role = false;
                return Call::Role;
            }
            if state.stop {
                state.running = false;
                return Call::Stop;
            }
            if state.raised || ticked {
                state.raised = false;
                return Call::Look;
            }
            if ticking {
                state = wait_timeout(&self.changed, state, TICK);
                ticked = true;
            } else {
                state = wait(&self.changed, state);
            }
        }
    }
}

impl Writer {
    /// The life of the helper that leads for tickets nobody waits on, syncs, and writes marks.
    pub(crate) fn tend(&self) {
        let mut seen = 0;
        let mut busy = false;
        loop {
            if !busy {
                // Said before the last look, which takes the stage's lock: a commit after the look sees it and wakes this thread.
                self.tender.asleep.store(true, Ordering::Relaxed);
                busy = self.lock().needs_tending();
            }
            let call = self.tender.wait(busy);
            self.tender.asleep.store(false, Ordering::Relaxed);
            if call == Call::Stop {
                return;
            }
            // A panic has marked the writer as crashed; this thread lives on for the restart.
            let tended = self.contained(|| {
                if call == Call::Role {
                    self.lead(self.lock());
                    return Ok(true);
                }
                Ok(self.tend_once(&mut seen))
            });
            busy = tended.unwrap_or(true);
        }
    }

    /// Does what is due; true if more will be.
    fn tend_once(&self, seen: &mut u64) -> bool {
        let mut stage = self.lock();
        let idle = std::mem::replace(seen, stage.commits) == stage.commits;
        if stage.leading || !stage.needs_tending() {
            return stage.needs_tending();
        }
        if stage.group.is_pending() || self.sync_overdue(&stage) {
            stage.group.sync |= stage.unsynced_since.is_some();
        } else if !(idle && stage.mark_due() && stage.stage_mark().is_some()) {
            return true;
        }
        stage.leading = true;
        self.lead(stage);
        true
    }

    /// The life of the helper that seals segments and fills the next one. A failure stops the writer, which shows
    /// at the next append.
    pub(crate) fn seal_for_ever(&self) {
        while self.sealer.wait(false) != Call::Stop {
            // A spare that cannot be made is only an optimisation missed.
            let _ = self.contained(|| self.prepare_spare().map_err(|_| StoreError::Closed));
            let _ = self.seal_waiting();
        }
    }
}
