//! The bytes of an event: the record kept on disk and the canonical envelope that is hashed and exported.
//!
//! | module | what it holds |
//! |---|---|
//! | [`varint`] | minimal LEB128 numbers and zigzag |
//! | [`reader`] | the bounded cursor under every decoder |
//! | [`names`] | the dictionary seam: repeated names as numbers |
//! | [`record`] | the disk record, written and parsed |
//! | [`canonical`] | the envelope: one event, one encoding |
//!
//! Every decoder here is total: any byte slice gives a value or a [`DecodeError`](crate::DecodeError), nothing
//! panics or recurses, and no length that was read is trusted before the bytes behind it were seen.

pub mod canonical;
mod cause;
pub mod names;
pub mod reader;
pub mod record;
pub mod varint;

pub use canonical::{ENVELOPE_VERSION, Envelope};
pub use names::{Dictionary, Intern, Interned, NameRef, Names};
pub use record::{CauseRefs, Erasable, NameRefs, RecordRef, Salt, encode_record};
