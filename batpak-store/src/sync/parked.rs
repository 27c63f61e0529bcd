//! A thread that sleeps until it is woken by name.
//!
//! `std` has parking for this. loom's parking confuses a late wake-up with one for whatever the thread sleeps on next, so under loom a
//! lock and a condition variable stand in; what uses [`Parked`] is the same.

#[cfg(not(loom))]
pub(crate) use plain::Parked;
#[cfg(loom)]
pub(crate) use seen_by_loom::Parked;

#[cfg(not(loom))]
mod plain {
    use std::thread::{Thread, ThreadId};
    use std::time::Duration;

    /// The thread that made it, and alone may sleep on it.
    #[derive(Clone, Debug)]
    pub(crate) struct Parked(Thread);

    impl Parked {
        /// This thread.
        pub(crate) fn here() -> Self {
            Self(std::thread::current())
        }

        /// Sleeps until woken, or for no reason; a wake-up that came before counts.
        pub(crate) fn sleep(&self) {
            std::thread::park();
        }

        /// Sleeps likewise, at most so long.
        pub(crate) fn sleep_at_most(&self, time: Duration) {
            std::thread::park_timeout(time);
        }

        /// Wakes the thread.
        pub(crate) fn wake(&self) {
            self.0.unpark();
        }

        /// Tells threads apart.
        pub(crate) fn id(&self) -> ThreadId {
            self.0.id()
        }
    }
}

#[cfg(loom)]
mod seen_by_loom {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::sync::{Condvar, Mutex, lock, wait};

    #[derive(Clone, Debug)]
    pub(crate) struct Parked(Arc<(Mutex<bool>, Condvar)>);

    impl Parked {
        pub(crate) fn here() -> Self {
            Self(Arc::new((Mutex::new(false), Condvar::new())))
        }

        pub(crate) fn sleep(&self) {
            let mut woken = lock(&self.0.0);
            while !*woken {
                woken = wait(&self.0.1, woken);
            }
            *woken = false;
        }

        /// loom knows no time and does not sleep.
        pub(crate) fn sleep_at_most(&self, _: Duration) {}

        pub(crate) fn wake(&self) {
            *lock(&self.0.0) = true;
            self.0.1.notify_one();
        }

        pub(crate) fn id(&self) -> usize {
            Arc::as_ptr(&self.0).addr()
        }
    }
}
