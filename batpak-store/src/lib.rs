//! batpak's log: an embedded, append-only, segmented event store that recovers to what it acknowledged.
//!
//! [`Store`] writes and reads a folder, [`Reader`] reads one beside a writer in another process, [`View`] is the log as it was
//! at one moment. No async runtime, no server: calls block, and a [`Ticket`] is a plain future for those who want one.
#![deny(unsafe_code)]

mod derived;
pub mod disk;
mod durability;
mod error;
mod format;
mod index;
mod options;
pub mod platform;
mod read;
mod reader;
mod receipt;
mod recovery;
mod segment;
mod sequence;
mod stats;
mod store;
mod sync;
mod ticket;
mod writer;

pub use derived::{Derived, DerivedBytes};
pub use durability::Durability;
pub use error::{ErrorClass, StoreError};
pub use options::{
    Helpers, OS_SYNC_INTERVAL_DEFAULT, Options, PRESSURE_BYTES_DEFAULT, SEGMENT_BYTES_DEFAULT, SEGMENT_BYTES_MAX,
    SEGMENT_BYTES_MIN,
};
pub use read::{KindInfo, Read, Scan, StreamInfo, View};
pub use reader::{Reader, Unproven};
pub use receipt::{Appended, Receipt};
pub use recovery::{
    Cut, Finding, FindingClass, OpenReport, RepairReport, VerifyReport, repair, repair_on, verify, verify_on,
};
pub use stats::Stats;
pub use store::Store;
#[cfg(any(test, loom, feature = "simulated"))]
pub use sync::planted;
pub use ticket::Ticket;
pub use writer::RestartPolicy;
