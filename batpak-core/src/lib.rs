//! The batpak data model: ids, names, events, queries, conditions and hashing, without I/O.
//!
//! No clock, no thread, no randomness and no file is reached from here: time and random bytes come in as arguments,
//! and every byte string that comes in may be hostile. The crate builds for `wasm32-unknown-unknown`.
#![forbid(unsafe_code)]

pub mod batch;
pub mod cause;
pub mod codec;
pub mod condition;
pub mod coordinate;
pub mod draft;
pub mod encoding;
pub mod error;
pub mod event;
pub mod expected;
pub mod hash;
pub mod id;
pub mod key;
pub mod kind;
pub mod limits;
pub mod merkle;
pub mod name;
pub mod payload;
pub mod position;
pub mod query;
pub mod set;
pub mod tag;
pub mod time;

mod caret;
mod fixed;

pub use batch::Batch;
pub use cause::{Cause, Edge};
pub use codec::{
    CauseRefs, Dictionary, ENVELOPE_VERSION, Envelope, Erasable, Intern, Interned, NameRef, NameRefs, Names, RecordRef,
    Salt, encode_record,
};
pub use condition::Condition;
pub use coordinate::Coordinate;
pub use draft::Draft;
pub use encoding::Codec;
pub use error::{CoreError, DecodeError, ParseError};
pub use event::{Event, EventRef, Place, Tags};
pub use expected::Expected;
pub use hash::{Hash, leaf_hash, node_hash, payload_commitment};
pub use id::{EventId, StoreId};
pub use key::{Fingerprint, IdempotencyKey, KeyDigest};
pub use kind::{Kind, is_system_kind};
pub use limits::{
    BATCH_BYTES_MAX, BATCH_EVENTS_MAX, CAUSES_MAX, NAME_BYTES_MAX, PAYLOAD_BYTES_MAX, PAYLOAD_DEPTH_MAX,
    QUERY_BYTES_MAX, QUERY_ITEMS_MAX, SET_DEPTH_MAX, SET_NODES_MAX, TAGS_MAX,
};
pub use merkle::Tree;
pub use name::{Consumer, Correlation, Entity, Scope};
pub use payload::{decode_json, decode_postcard, encode_json, encode_postcard};
pub use position::{Position, Positions, Revision};
pub use query::{Facts, Field, Pattern, Query, QueryItem, Regex, Term};
pub use set::{Aliases, Set, SetFunction, SetNode, SetRelation};
pub use tag::Tag;
pub use time::{Hlc, ValidTime};
