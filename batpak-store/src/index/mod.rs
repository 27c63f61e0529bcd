//! Where the events of a segment are: by position, id, key and term.

pub(crate) mod active;
pub(crate) mod chosen;
mod chunks;
pub(crate) mod growing;
mod ids;
pub(crate) mod interner;
pub(crate) mod listed;
mod places;
pub(crate) mod postings;
pub(crate) mod sealed;
pub(crate) mod term;
mod terms;
