//! The tests of the crate from outside, one module for each area.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]

mod canonical;
mod generate;
mod key;
mod merkle;
mod names;
mod payload;
mod query;
mod query_text;
mod record;
mod set;
mod set_aliases;
mod set_errors;
mod set_grammar;
