//! One handle for a folder of events: [`Journal`] writes and reads, [`JournalReader`] only reads.

mod reading;
mod request;
mod writing;

pub use reading::JournalReader;
pub use request::IntoRead;
pub use writing::Journal;
