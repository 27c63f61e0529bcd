//! Time and randomness, as seams: production asks the system, tests decide.

mod clock;
mod entropy;

#[cfg(any(test, feature = "simulated"))]
pub use clock::SimulatedClock;
pub use clock::{Clock, SystemClock};
#[cfg(any(test, feature = "simulated"))]
pub use entropy::SeededEntropy;
pub use entropy::{Entropy, SystemEntropy};
