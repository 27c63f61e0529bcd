//! Locks, atomics and threads, taken from `std` or, under `cfg(loom)`, from loom, so that loom explores the real code.

mod parked;
pub mod planted;

pub(crate) use parked::Parked;

// Without an ordering promise of their own (publication rests on the gate), so loom need not see them.
pub(crate) use std::sync::{Arc, OnceLock, PoisonError, RwLock};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
#[cfg(not(loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

/// Locks, whether or not a panic left the lock poisoned: the writer keeps its own account of broken states.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Waits on `condvar`, with the same view of poisoning as [`lock`].
pub(crate) fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condvar.wait(guard).unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Waits on `condvar` at most `timeout`; loom knows no time and lets the wait end at once.
pub(crate) fn wait_timeout<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    timeout: std::time::Duration,
) -> MutexGuard<'a, T> {
    #[cfg(loom)]
    {
        let _ = (condvar, timeout);
        guard
    }
    #[cfg(not(loom))]
    {
        condvar.wait_timeout(guard, timeout).unwrap_or_else(std::sync::PoisonError::into_inner).0
    }
}

/// A point in time to wait until.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(#[cfg(not(loom))] std::time::Instant);

impl Deadline {
    /// `timeout` from now.
    #[cfg_attr(loom, allow(unused_variables))]
    pub(crate) fn after(timeout: std::time::Duration) -> Self {
        #[cfg(loom)]
        return Self();
        #[cfg(not(loom))]
        Self(std::time::Instant::now() + timeout)
    }

    /// Time left; zero once it has passed (at once under loom, which knows no time).
    pub(crate) fn left(&self) -> std::time::Duration {
        #[cfg(loom)]
        return std::time::Duration::ZERO;
        #[cfg(not(loom))]
        self.0.saturating_duration_since(std::time::Instant::now())
    }
}

/// A helper thread.
#[cfg(not(loom))]
pub(crate) type Thread = std::thread::JoinHandle<()>;
#[cfg(loom)]
pub(crate) type Thread = loom::thread::JoinHandle<()>;

/// Starts a helper thread named `name`.
pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<Thread> {
    #[cfg(not(loom))]
    return std::thread::Builder::new().name(name.to_owned()).spawn(body);
    #[cfg(loom)]
    return loom::thread::Builder::new().name(name.to_owned()).spawn(body);
}

/// Sleeps.
pub(crate) fn sleep(time: std::time::Duration) {
    #[cfg(not(loom))]
    std::thread::sleep(time);
    #[cfg(loom)]
    let _ = time;
}

/// Atomics for what carries no promise between threads beyond its own value; loom does not see them.
pub(crate) mod plain {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
}

/// Whether this thread is unwinding from a panic.
pub(crate) fn panicking() -> bool {
    std::thread::panicking()
}

/// Lets other threads run.
pub(crate) fn yield_now() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(not(loom))]
    std::thread::yield_now();
}
