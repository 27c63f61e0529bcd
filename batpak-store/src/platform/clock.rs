//! Clocks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Wall time in microseconds since the Unix epoch. May go backwards; the log never does.
    fn wall_us(&self) -> u64;

    /// Microseconds since some fixed moment; never goes backwards.
    fn mono_us(&self) -> u64;
}

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall_us(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn mono_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A clock that a test sets.
#[cfg(any(test, feature = "simulated"))]
#[derive(Debug, Default)]
pub struct SimulatedClock {
    wall_us: std::sync::atomic::AtomicU64,
    mono_us: std::sync::atomic::AtomicU64,
}

#[cfg(any(test, feature = "simulated"))]
impl SimulatedClock {
    /// A clock that stands at this wall time.
    #[must_use]
    pub fn at(wall_us: u64) -> Self {
        Self { wall_us: wall_us.into(), mono_us: 0.into() }
    }

    /// Sets the wall time, backwards too.
    pub fn set_wall_us(&self, wall_us: u64) {
        self.wall_us.store(wall_us, std::sync::atomic::Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance_us(&self, by: u64) {
        self.wall_us.fetch_add(by, std::sync::atomic::Ordering::SeqCst);
        self.mono_us.fetch_add(by, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "simulated"))]
impl Clock for SimulatedClock {
    fn wall_us(&self) -> u64 {
        self.wall_us.load(std::sync::atomic::Ordering::SeqCst)
    }

    fn mono_us(&self) -> u64 {
        self.mono_us.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_counts_microseconds_from_1970() {
        let clock = SystemClock::default();
        let (wall, mono) = (clock.wall_us(), clock.mono_us());
        assert!(wall > 1_700_000_000_000_000 && wall < 10_000_000_000_000_000, "{wall}");
        assert!(mono <= clock.mono_us());
    }

    #[test]
    fn a_simulated_clock_stands_until_it_is_moved() {
        let clock = SimulatedClock::at(100);
        clock.advance_us(5);
        assert_eq!((clock.wall_us(), clock.mono_us()), (105, 5));
        clock.set_wall_us(7);
        assert_eq!((clock.wall_us(), clock.mono_us()), (7, 5));
    }
}
