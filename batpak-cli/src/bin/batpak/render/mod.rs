//! What the user sees: data on standard output, everything else on standard error.

pub mod base64;
pub mod event;
pub mod note;
pub mod number;
mod out;
mod paint;
pub mod progress;
mod style;
mod table;
mod text;
pub mod time;

pub use out::Out;
pub use paint::Painter;
pub use style::{DIM, GREEN, RED, STRONG, YELLOW};
pub use table::{Column, Table};
pub use text::{head, plain};
