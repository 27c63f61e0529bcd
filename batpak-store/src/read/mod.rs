//! Reading: a view pinned at a position, queries planned over the segments' indexes, lazy scans.

mod plan;
mod request;
mod scan;
mod survey;
mod view;

pub use request::Read;
pub use scan::Scan;
pub use survey::{KindInfo, StreamInfo};
pub use view::View;
