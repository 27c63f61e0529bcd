//! The disk record: one event inside a frame, its repeated names as dictionary numbers.
//!
//! ```text
//! record length   varint, the bytes that follow
//! flags           u8: 1 version, 2 tags, 4 causes, 8 correlation, 16 valid time, 32 erasable; the others are zero
//! id              16 bytes, not nil
//! kind            name
//! [version]       varint u16, not 1
//! scope, entity   name, name
//! revision        varint, at least 1
//! [tags]          count varint 1..=32, then that many names
//! [causes]        count varint 1..=64, then each: edge u8 (0 required, 1 alternative + group u8, 2 context), id 16
//! [correlation]   name
//! [valid time]    zigzag varint, microseconds
//! codec           u8
//! [erasable]      key id varint, salt 16 bytes
//! payload length  varint, then the payload up to the record's end
//!
//! name            varint n: dictionary entry n - 1; or 0, a length varint 1..=255 and the text, which takes the
//!                 segment's next free number
//! ```

mod encode;
mod erasable;
mod list;
mod parse;

pub use encode::encode_record;
pub use erasable::{Erasable, Salt};
pub use list::{CauseRefs, NameRefs};
pub use parse::RecordRef;

use crate::limits::{CAUSES_MAX, NAME_BYTES_MAX, PAYLOAD_BYTES_MAX, TAGS_MAX};

use super::cause::CAUSE_BYTES_MAX;

/// Which optional parts a record holds.
mod flag {
    pub const VERSION: u8 = 1;
    pub const TAGS: u8 = 2;
    pub const CAUSES: u8 = 4;
    pub const CORRELATION: u8 = 8;
    pub const VALID_AT: u8 = 16;
    pub const ERASABLE: u8 = 32;
    pub const UNKNOWN: u8 = !(VERSION | TAGS | CAUSES | CORRELATION | VALID_AT | ERASABLE);
}

/// The most bytes that everything before a payload takes: every name inline, everything optional present.
pub const RECORD_HEAD_BYTES_MAX: usize = 128 + (4 + TAGS_MAX) * (NAME_BYTES_MAX + 3) + CAUSES_MAX * CAUSE_BYTES_MAX;

/// The most bytes of one record, its length included.
pub const RECORD_BYTES_MAX: usize = RECORD_HEAD_BYTES_MAX + PAYLOAD_BYTES_MAX;

const _: () = assert!(TAGS_MAX <= 127 && CAUSES_MAX <= 127, "counts are kept in a byte");
