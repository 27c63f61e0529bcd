//! The causal graph over batpak's events: why, what else, and what if not.
//!
//! Nodes are events, edges are their causes. The graph is fed from an iterator and knows no store.
#![forbid(unsafe_code)]

mod between;
mod blocks;
mod both_ends;
mod branching;
mod caused_by;
mod chokepoints;
mod chunk;
mod column;
mod common_past;
mod components;
mod counterfactual;
mod critical;
mod cut;
mod diff;
mod dominators;
mod edge;
mod effects;
mod ends;
mod error;
mod evaluate;
#[cfg(feature = "export")]
pub mod export;
mod feed;
mod forest;
mod graph;
mod happened_before;
mod indexes;
mod landmarks;
mod node;
mod node_set;
mod order;
mod paths;
mod petgraph;
mod piece;
mod reaches;
mod reduce;
mod relation;
mod roots;
mod rows;
mod selection;
mod stats;
mod story;
mod sweep;

pub use column::PieceBytes;
pub use counterfactual::{Gone, Strength};
pub use critical::CriticalPath;
pub use diff::{Change, Run, RunDiff, Step};
pub use error::GraphError;
pub use evaluate::{End, EvaluateError, Named, Names, Selection};
pub use feed::Feed;
pub use graph::{Arrival, Graph};
pub use node::{EVENTS_MAX, Node};
pub use node_set::NodeSet;
pub use paths::ShortestPaths;
pub use petgraph::{EdgeNumber, EdgeReference, NodeReference};
pub use piece::{PIECE_EVENTS, PieceError, piece_end};
pub use reaches::Order;
pub use reduce::{Link, Paths, REDUCED_EVENTS_MAX};
pub use relation::Relation;
pub use stats::GraphStats;
pub use story::{Entry, Role, Story};
