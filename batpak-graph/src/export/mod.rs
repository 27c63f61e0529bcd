//! Events and their causes as text and pictures, in formats that other tools read.

mod colour;
mod detail;
mod dot;
mod drawing;
mod fold;
mod graphml;
mod html;
mod json;
mod lanes;
mod mermaid;
mod node_link;
mod otlp;
mod paint;
mod plain;
mod prov;
mod svg;
mod tree;
mod when;

pub use dot::dot;
pub use drawing::{Dot, Drawing, DrawingError, Link, LinkKind};
pub use fold::{FoldBy, fold, fold_by};
pub use graphml::graphml;
pub use html::html;
pub use lanes::lanes;
pub use mermaid::mermaid;
pub use node_link::node_link;
pub use otlp::otlp;
pub use paint::{Paint, Part, Plain};
pub use prov::prov;
pub use svg::{Picture, svg};
pub use tree::{Direction, tree};
