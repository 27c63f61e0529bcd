//! What is kept beside a payload that may be erased.

use serde::Serialize;

use crate::fixed::fixed_bytes;

fixed_bytes! {
    /// Random bytes before a payload, so that a short one cannot be guessed from its commitment.
    Salt, 16, "salt"
}

/// The key and the salt of a payload that may be erased by forgetting its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Erasable {
    /// Which key the payload is encrypted with.
    pub key_id: u64,
    /// What the payload commitment is salted with.
    pub salt: Salt,
}
