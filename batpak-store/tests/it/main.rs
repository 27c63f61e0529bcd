//! The tests of the crate from outside, one module for each area.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::panic,
    reason = "a test that panics is a test that fails"
)]

mod crash;
mod faulty;
mod folder;
mod sample;

mod agreement;
mod concurrency;
mod consistency;
mod derived;
mod disk_full;
mod durability;
mod failing;
mod golden;
mod panicking;
mod processes;
mod reading;
mod recovery;
