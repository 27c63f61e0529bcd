//! Times: when an event was recorded, and when the caller says it was true.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A hybrid logical clock: wall time, and a counter for what happens within one microsecond or while the wall clock is behind.
///
/// Source: Kulkarni and others, "Logical physical clocks" (2014). Later in the log is never earlier in this order.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hlc {
    /// Microseconds since the Unix epoch.
    pub wall_us: u64,
    /// Distinguishes readings of the same microsecond.
    pub counter: u16,
}

impl Hlc {
    /// The reading after this one, given the wall clock in microseconds since the Unix epoch.
    ///
    /// It is always later than this one, even if the wall clock went backwards: a full counter moves on to the next
    /// microsecond. Only the very last reading, in the year 586,524, repeats itself.
    #[must_use]
    pub const fn tick(self, wall_us: u64) -> Self {
        if wall_us > self.wall_us {
            return Self { wall_us, counter: 0 };
        }
        match (self.counter.checked_add(1), self.wall_us.checked_add(1)) {
            (Some(counter), _) => Self { wall_us: self.wall_us, counter },
            (None, Some(wall_us)) => Self { wall_us, counter: 0 },
            (None, None) => self,
        }
    }
}

/// Writes `microseconds.counter`.
impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.wall_us, self.counter)
    }
}

/// The caller's own time of an event, which the store keeps and never compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ValidTime(i64);

impl ValidTime {
    /// A time in microseconds since the Unix epoch; negative is before it.
    pub const fn new(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Hlc;

    #[test]
    fn time_never_goes_backwards() {
        let mut last = Hlc { wall_us: 10, counter: u16::MAX - 1 };
        for wall_us in [5, 5, 0, 11, 11, 12, 3, u64::MAX - 1, 0] {
            let next = last.tick(wall_us);
            assert!(next > last && next.wall_us >= wall_us, "{last} then {next}");
            last = next;
        }
    }

    #[test]
    fn a_full_counter_moves_on_to_the_next_microsecond() {
        let full = Hlc { wall_us: 10, counter: u16::MAX };
        assert_eq!(full.tick(10), Hlc { wall_us: 11, counter: 0 });
        let last = Hlc { wall_us: u64::MAX, counter: u16::MAX };
        assert_eq!(last.tick(0), last);
    }
}
