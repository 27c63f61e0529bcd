//! Segments in memory: unsealed ones with their index, sealed ones mapped, and the set of both that a view pins.

mod active;
mod build;
mod part;
mod sealed;
mod set;
mod window;

pub(crate) use active::Active;
pub(crate) use part::{BoxedCursor, Part, StreamSpan};
pub(crate) use sealed::Sealed;
pub(crate) use set::SegmentSet;
pub(crate) use window::{Ahead, Window};
