//! The graph against naive references.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]

mod ancestry;
mod chain;
mod counterfactuals;
mod cuts;
mod dominators;
mod evaluate;
#[cfg(feature = "export")]
mod export;
mod feed;
mod links;
mod naive;
mod named;
mod orders;
mod paths;
mod petgraph;
mod pieces;
mod reach;
mod runs;
mod shapes;
mod size;
mod stories;
mod sweeps;
