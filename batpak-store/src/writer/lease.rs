//! One owner at a time of an exclusive job.

use crate::sync::planted::{Bug, planted};
use crate::sync::{AtomicBool, Ordering};

/// An exclusive job, such as sealing a segment: whoever takes the lease does it, everybody else sees that it is taken.
#[derive(Debug)]
pub(crate) struct Lease(AtomicBool);

/// Proof of owning the lease; dropping it, also in a panic, gives it back.
#[derive(Debug)]
pub(crate) struct Held<'a>(&'a Lease);

impl Lease {
    pub(crate) fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Takes the lease unless somebody has it. Never waits.
    pub(crate) fn try_take(&self) -> Option<Held<'_>> {
        // Acquire pairs with the release in `drop`: the next owner sees all that the last one did.
        if planted(Bug::LeaseUnchecked) {
            let taken = self.0.load(Ordering::Acquire);
            self.0.store(true, Ordering::Release);
            return (!taken).then(|| Held(self));
        }
        self.0.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok().then(|| Held(self))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}
