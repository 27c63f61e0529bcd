//! Lines of JSON from elsewhere, on their way to becoming events.

pub mod ahead;
pub mod fields;
pub mod json;
pub mod line;
pub mod pointer;
pub mod source;
