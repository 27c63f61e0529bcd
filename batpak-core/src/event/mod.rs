//! Events as they are read: borrowed from the segment's bytes, or owned.

mod borrowed;
mod owned;

pub use borrowed::{EventRef, Place, Tags};
pub use owned::Event;
