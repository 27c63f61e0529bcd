//! Idempotency keys, and the fingerprints that tell whether a key was used for the same command.

use sha2::{Digest, Sha256};

use crate::fixed::fixed_bytes;
use crate::hash::first_16;
use crate::name::name_type;

/// Separates the digests of keys from every other use of SHA-256 here, and so keys from event ids.
const KEY_DOMAIN: &[u8] = b"batpak key\0";

name_type! {
    /// The caller's name for one commit: appending again under the same key gives the first receipt back.
    ///
    /// Keys are kept for ever. The same key with another command is an error: see [`Batch::fingerprint`](crate::Batch::fingerprint).
    IdempotencyKey, "idempotency key"
}

fixed_bytes! {
    /// What is stored of an idempotency key: 16 bytes of SHA-256 over a domain and the key.
    KeyDigest, 16, "key digest"
}

fixed_bytes! {
    /// What two commits have in common if they are the same command: 16 bytes of SHA-256.
    Fingerprint, 16, "fingerprint"
}

impl IdempotencyKey {
    /// What is stored of the key. Cost: one SHA-256 block or a few.
    pub fn digest(&self) -> KeyDigest {
        let digest = Sha256::new_with_prefix(KEY_DOMAIN).chain_update(self.as_str()).finalize();
        KeyDigest::from_bytes(first_16(&digest.into()))
    }
}
