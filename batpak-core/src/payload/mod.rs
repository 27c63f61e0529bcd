//! Typed payloads: values in and out of JSON and postcard, with the promise that what goes in comes out.

mod bounded;
mod shape;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::Codec;
use crate::error::CoreError;
use crate::limits::PAYLOAD_BYTES_MAX;

/// Writes a value as JSON, and makes sure that it can be read back as the same value.
///
/// The check costs one decoding and two walks over the value, on the caller's thread. Values are the same if serde shows
/// the same of them, whatever the order of lists and maps (a set has none). So NaN, `Some(())`, or bytes that a type
/// writes but cannot read are found here and not by the reader.
///
/// # Errors
/// [`CoreError::NotEncodable`] if JSON cannot express the value (a map whose keys are no strings or numbers) or it is
/// nested deeper than [`PAYLOAD_DEPTH_MAX`](crate::limits::PAYLOAD_DEPTH_MAX); [`CoreError::NotReadable`] if it would not
/// come back; [`CoreError::PayloadTooLarge`].
pub fn encode_json<T: Serialize + DeserializeOwned>(value: &T) -> Result<Vec<u8>, CoreError> {
    encode(Codec::JSON, value, |value| serde_json::to_vec(value).map_err(reason), decode_json)
}

/// Writes a value in postcard's format, and makes sure that it can be read back as the same value, as [`encode_json`].
///
/// Postcard does not describe itself: values that serde has to look at before it knows their type (untagged and
/// internally tagged enums, flattened structs, skipped fields) are refused.
///
/// # Errors
/// As [`encode_json`].
pub fn encode_postcard<T: Serialize + DeserializeOwned>(value: &T) -> Result<Vec<u8>, CoreError> {
    encode(Codec::POSTCARD, value, |value| postcard::to_allocvec(value).map_err(reason), decode_postcard)
}

/// Reads JSON. The whole of the bytes must be one value.
///
/// # Errors
/// [`CoreError::BadPayload`], also for more than 128 lists and maps within each other.
pub fn decode_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CoreError> {
    serde_json::from_slice(bytes).map_err(|error| CoreError::BadPayload { codec: Codec::JSON, reason: reason(error) })
}

/// Reads postcard's format. The whole of the bytes must be one value.
///
/// # Errors
/// [`CoreError::BadPayload`], also for values nested deeper than [`PAYLOAD_DEPTH_MAX`](crate::limits::PAYLOAD_DEPTH_MAX), and for more
/// than [`PAYLOAD_BYTES_MAX`] items in all: a list of items without bytes could otherwise be endless.
pub fn decode_postcard<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CoreError> {
    bounded::from_postcard(bytes).map_err(|error| CoreError::BadPayload { codec: Codec::POSTCARD, reason: error })
}

fn encode<T: Serialize>(
    codec: Codec,
    value: &T,
    write: impl Fn(&T) -> Result<Vec<u8>, String>,
    read: impl Fn(&[u8]) -> Result<T, CoreError>,
) -> Result<Vec<u8>, CoreError> {
    let human_readable = codec == Codec::JSON;
    let not_encodable = |reason| CoreError::NotEncodable { codec, reason };
    let not_readable = |reason| CoreError::NotReadable { codec, reason };
    // The walk comes first: it stops at the limit of depth, while the codecs follow a value until the stack ends.
    let shape = shape::of(value, human_readable).map_err(|error| not_encodable(reason(error)))?;
    let bytes = write(value).map_err(not_encodable)?;
    if bytes.len() > PAYLOAD_BYTES_MAX {
        return Err(CoreError::PayloadTooLarge { bytes: bytes.len() });
    }
    let back = read(&bytes).map_err(|error| match error {
        CoreError::BadPayload { reason, .. } => not_readable(reason),
        other => other,
    })?;
    match shape::of(&back, human_readable) {
        Ok(found) if found == shape => Ok(bytes),
        Ok(_) => Err(not_readable("it comes back as a different value".to_owned())),
        Err(error) => Err(not_readable(reason(error))),
    }
}

/// The beginning of a codec's message, which may repeat parts of the payload.
fn reason(error: impl fmt::Display) -> String {
    error.to_string().chars().take(200).collect()
}
