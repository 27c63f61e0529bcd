//! The built command, run as a user runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]

mod append;
mod crash;
mod demo;
mod exits;
mod graph;
mod harness;
mod import;
mod import_bad;
mod import_chain;
mod journal_graph;
mod read;
mod readme;
mod upkeep;
