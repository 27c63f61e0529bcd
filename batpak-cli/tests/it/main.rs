//! The built command, run as a user runs it.

mod append;
mod crash;
mod demo;
mod exits;
mod harness;
mod import;
mod import_bad;
mod import_chain;
mod read;
mod upkeep;
