//! Opening: what the files on disk amount to, what has to be cut or rebuilt, and the check and repair of a whole folder.

pub(crate) mod files;
pub(crate) mod open;
mod repair;
mod report;
pub(crate) mod tail;
mod verify;

pub use repair::{RepairReport, repair, repair_on};
pub use report::{Cut, OpenReport};
pub use verify::{Finding, FindingClass, VerifyReport, verify, verify_on};
