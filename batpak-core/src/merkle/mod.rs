//! The Merkle tree over all events of a log, exactly that of RFC 6962 and RFC 9162.

pub mod tree;

pub use tree::Tree;
