//! Append conditions: a query that must have found nothing new.

use crate::position::Position;
use crate::query::Query;

/// Refuses an append if an event that matches `fail_if_matches` landed after the position `after`.
///
/// Read with a query, decide, and append under the same query and the position read up to: nothing that the decision
/// rested on has changed. The idea, and the name *dynamic consistency boundary*, are those of dcb.events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What must not have happened.
    pub fail_if_matches: Query,
    /// Events up to this position, inclusive, are known to the caller and do not count.
    pub after: Position,
}

impl Condition {
    /// A condition on events after a position.
    pub const fn new(fail_if_matches: Query, after: Position) -> Self {
        Self { fail_if_matches, after }
    }
}
