//! How often the writer may recover from a panic of its own.

use std::time::Duration;

use crate::sync::planted::{Bug, planted};
use crate::sync::{Mutex, lock};

/// How often the writer may recover from a panic in its role before it gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartPolicy {
    /// The first panic stops the writer for good.
    Never,
    /// One recovery in the life of the handle.
    Once,
    /// At most `max` recoveries within any stretch of `within`.
    Bounded {
        /// Recoveries.
        max: u32,
        /// Rolling window.
        within: Duration,
    },
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self::Bounded { max: 3, within: Duration::from_secs(60) }
    }
}

impl RestartPolicy {
    /// Recoveries that the policy allows at a time.
    #[must_use]
    pub fn allowed(self) -> u32 {
        match self {
            Self::Never => 0,
            Self::Once => 1,
            Self::Bounded { max, .. } => max,
        }
    }
}

/// Counts recoveries against a policy. A budget of n admits exactly n, however many threads ask at once.
#[derive(Debug)]
pub(crate) struct RestartBudget {
    policy: RestartPolicy,
    /// Times (µs of the monotonic clock) of the recoveries that count.
    spent: Mutex<Vec<u64>>,
}

impl RestartBudget {
    pub(crate) fn new(policy: RestartPolicy) -> Self {
        Self { policy, spent: Mutex::new(Vec::new()) }
    }

    /// Takes one recovery at monotonic time `now_us`; false if the budget is used up.
    ///
    /// Looking and taking is one step under one lock: two threads never take the same last recovery.
    pub(crate) fn claim(&self, now_us: u64) -> bool {
        let mut spent = lock(&self.spent);
        if let RestartPolicy::Bounded { within, .. } = self.policy {
            let within_us = u64::try_from(within.as_micros()).unwrap_or(u64::MAX);
            spent.retain(|at| now_us.saturating_sub(*at) < within_us);
        }
        if spent.len() >= self.policy.allowed() as usize {
            return false;
        }
        if planted(Bug::BudgetInSteps) {
            drop(spent);
            spent = lock(&self.spent);
        }
        spent.push(now_us);
        true
    }

    /// Recoveries that the policy allows.
    pub(crate) fn allowed(&self) -> u32 {
        self.policy.allowed()
    }
}
