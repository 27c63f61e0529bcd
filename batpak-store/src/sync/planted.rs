//! Planted bugs: each model and each simulation must fail once its guard is taken out, or it proves nothing.
//!
//! In a build for users [`planted`] is the constant `false` and every branch on it vanishes.

/// A guard that can be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The gate publishes with relaxed ordering.
    PublishRelaxed,
    /// A batch becomes visible event by event.
    PublishInSteps,
    /// A commit is acknowledged, and visible, before its sync.
    AckBeforeSync,
    /// The writer does not look for the idempotency key again under its lock.
    KeyUnchecked,
    /// The writer does not compare the expected revision under its lock.
    RevisionUnchecked,
    /// The restart budget looks and takes in two steps.
    BudgetInSteps,
    /// The lease is taken without looking whether somebody has it.
    LeaseUnchecked,
    /// The folder is not synced after a segment got its name.
    DirectoryUnsynced,
    /// A failed sync is tried again instead of poisoning the writer.
    SyncRetried,
    /// Recovery believes the page cache.
    CacheTrusted,
    /// Recovery leaves a torn tail where it is.
    TailKept,
}

#[cfg(any(test, loom, feature = "simulated"))]
mod armed {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Takes a guard out on this thread, or with `None` puts it back. For tests alone.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    /// The guard that is taken out on this thread, to take it out on another.
    #[must_use]
    pub fn current() -> Option<Bug> {
        PLANTED.get()
    }

    pub(crate) fn planted(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(any(test, loom, feature = "simulated"))]
pub(crate) use armed::planted;
#[cfg(any(test, loom, feature = "simulated"))]
pub use armed::{current, plant};

/// Whether a guard is taken out: never, in a build for users.
#[cfg(not(any(test, loom, feature = "simulated")))]
pub(crate) const fn planted(_: Bug) -> bool {
    false
}
