//! Where the events of a segment are: by position, id, key and term.

pub(crate) mod active;
mod chunks;
pub(crate) mod listed;
pub(crate) mod postings;
pub(crate) mod sealed;
pub(crate) mod term;
