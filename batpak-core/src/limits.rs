//! The upper bounds of everything that a caller or a file can make large, each with its unit.

/// Bytes of one payload, as stored (16 MiB).
pub const PAYLOAD_BYTES_MAX: usize = 16 << 20;
/// Levels of values within values in a typed payload: lists, maps, structs, variants and options each count one.
///
/// `serde_json` has a limit of its own below this, 128 arrays or objects.
pub const PAYLOAD_DEPTH_MAX: u32 = 256;
/// Events of one batch.
pub const BATCH_EVENTS_MAX: usize = 65_535;
/// Bytes of one batch, encoded (64 MiB).
pub const BATCH_BYTES_MAX: usize = 64 << 20;
/// Bytes of one name (kind, scope, entity, tag, correlation, consumer, idempotency key) in UTF-8.
pub const NAME_BYTES_MAX: usize = 255;
/// Tags of one event.
pub const TAGS_MAX: usize = 32;
/// Causes of one event.
pub const CAUSES_MAX: usize = 64;
/// Items of one query, once it is written as a union of intersections.
pub const QUERY_ITEMS_MAX: usize = 64;
/// Bytes of the text form of one query, set expression or alias (16 KiB).
pub const QUERY_BYTES_MAX: usize = 16 << 10;
/// Nodes of one set expression from its root to a leaf, and parentheses, calls and aliases within one another in its text.
pub const SET_DEPTH_MAX: usize = 64;
/// Nodes of one set expression, aliases counted as what they stand for; a regular expression counts as 16.
pub const SET_NODES_MAX: usize = 4_096;

// The place of an event in its batch is stored as a u16, the number of events as well.
const _: () = assert!(BATCH_EVENTS_MAX <= u16::MAX as usize);
// A batch of one event with the largest payload must be possible.
const _: () = assert!(PAYLOAD_BYTES_MAX < BATCH_BYTES_MAX);
// Lengths on disk that are handed on as u32 offsets.
const _: () = assert!(BATCH_BYTES_MAX <= u32::MAX as usize);
// Counts and name lengths fit one byte.
const _: () = assert!(NAME_BYTES_MAX <= 255 && TAGS_MAX <= 255 && CAUSES_MAX <= 255);
