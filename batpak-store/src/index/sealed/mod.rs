//! The index of a sealed segment: one derived file beside the log, mapped and verified as it is touched.
//!
//! | module | what it holds |
//! |---|---|
//! | [`layout`] | the header: what the file belongs to, how many of each thing, how long each part is |
//! | [`blocks`] | which 16 KiB blocks of a mapped file were found to match their checksums |
//! | [`dictionary`] | terms, sorted and front-coded, with what is known of each |
//! | [`list`] | the events of one term, as differences |
//! | [`filter`] | what is surely not in the segment |
//! | [`builder`] | makes the file from the records of a segment |
//! | [`reader`] | answers look-ups from the file |
//! | [`check`] | the whole file against itself |
//!
//! Nothing here is authoritative: whatever does not add up is an [`IndexDamage`], and the file is made again from the
//! log. Every byte is vouched for by a checksum before it is believed, and no number in it is trusted even then.

mod blocks;
mod builder;
mod check;
mod collector;
mod damage;
mod dictionary;
mod filter;
mod layout;
mod list;
mod reader;
mod search;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub(crate) use blocks::Blocks;
pub(crate) use builder::{BuildError, SealedBuilder};
pub(crate) use damage::IndexDamage;
pub(crate) use filter::{id_hash, key_hash, stream_hash};
pub(crate) use layout::Binding;
pub(crate) use reader::SealedIndex;
