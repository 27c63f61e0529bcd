//! SHA-256 as used by the evidence: leaves, nodes and payload commitments.

use sha2::{Digest, Sha256};

use crate::fixed::fixed_bytes;

fixed_bytes! {
    /// A SHA-256 digest, as of a leaf, a node or a tree.
    Hash, 32, "hash"
}

/// The hash of a leaf: SHA-256 over 0x00 and the canonical bytes of an event (RFC 6962, section 2.1).
pub fn leaf_hash(canonical: &[u8]) -> Hash {
    Hash::from_bytes(Sha256::new().chain_update([0x00]).chain_update(canonical).finalize().into())
}

/// The hash of a node: SHA-256 over 0x01 and the hashes of its two children (RFC 6962, section 2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0x01; 65];
    let (_, children) = bytes.split_at_mut(1);
    let (first, second) = children.split_at_mut(32);
    first.copy_from_slice(left.as_bytes());
    second.copy_from_slice(right.as_bytes());
    Hash::from_bytes(Sha256::digest(bytes).into())
}

/// What an event says about its payload without holding it: SHA-256 over the salt and the payload.
///
/// The salt is empty, or 16 random bytes if the payload may be erased: without them the commitment tells nothing.
pub fn payload_commitment(salt: &[u8], payload: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(payload).finalize().into()
}

/// The first half of a digest.
pub(crate) fn first_16(digest: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    half
}
