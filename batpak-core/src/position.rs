//! Places: of an event in the log, and of an event in its stream.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! place_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The place with this number.
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number of the place.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The place after this one; the last one stays.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

place_type! {
    /// The place of an event in the global order: dense, the first event is at 1, and 0 is before everything.
    Position
}
place_type! {
    /// The place of an event in its stream: dense, the first event is at 1, and an empty stream is at 0.
    Revision
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl Revision {
    /// The revision of an empty stream.
    pub const NONE: Self = Self(0);
}

/// A set of positions that was worked out beforehand: a filter that reads take, such as what an event could have known.
pub trait Positions: fmt::Debug + Send + Sync {
    /// The first position of the set that is not before this one.
    fn at_or_after(&self, position: Position) -> Option<Position>;
    /// The last position of the set that is not after this one.
    fn at_or_before(&self, position: Position) -> Option<Position>;
}
