//! Term keys: the bytes under which an index lists the events that have a kind, scope, stream, tag or correlation.
//!
//! A key is a namespace byte and a name. Names hold no control characters, so the zero byte between entity and scope
//! ends the entity, and keys sort as the names do: first by entity, then by scope.

use std::borrow::Borrow;

use smol_str::SmolStr;

/// Namespace of correlations.
pub(crate) const CORRELATION: u8 = b'c';
/// Namespace of streams.
pub(crate) const STREAM: u8 = b'e';
/// Namespace of kinds.
pub(crate) const KIND: u8 = b'k';
/// Namespace of scopes.
pub(crate) const SCOPE: u8 = b's';
/// Namespace of tags.
pub(crate) const TAG: u8 = b't';

/// The most bytes a key has: a stream's namespace, entity, separator and scope.
pub(crate) const TERM_BYTES_MAX: usize = 2 * batpak_core::NAME_BYTES_MAX + 2;

/// A key to keep in order; a short one, as most are, takes no memory of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TermKey(SmolStr);

impl TermKey {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<Vec<u8>> for TermKey {
    /// Keys are text, since names are.
    fn from(key: Vec<u8>) -> Self {
        Self(SmolStr::from(String::from_utf8(key).unwrap_or_default()))
    }
}

/// Text is ordered as its bytes are.
impl Borrow<[u8]> for TermKey {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// The key of a name in a namespace other than [`STREAM`].
pub(crate) fn key(namespace: u8, name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 1);
    key.push(namespace);
    key.extend_from_slice(name.as_bytes());
    key
}

/// The key of the stream of `entity` in `scope`.
pub(crate) fn stream(scope: &str, entity: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(scope.len() + entity.len() + 2);
    key.push(STREAM);
    key.extend_from_slice(entity.as_bytes());
    key.push(0);
    key.extend_from_slice(scope.as_bytes());
    key
}

/// The scope and the entity of a stream's key; `None` for any other bytes.
pub(crate) fn split_stream(key: &[u8]) -> Option<(&str, &str)> {
    let (namespace, names) = key.split_first()?;
    let at = names.iter().position(|byte| *byte == 0)?;
    let (entity, scope) = (names.get(..at)?, names.get(at.checked_add(1)?..)?);
    let text = |bytes| std::str::from_utf8(bytes).ok();
    (*namespace == STREAM).then_some((text(scope)?, text(entity)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_split_into_what_they_were_made_of() {
        assert_eq!(split_stream(&stream("loans", "173688")), Some(("loans", "173688")));
        assert_eq!(key(TAG, "resource:112"), b"tresource:112");
        for bytes in [&b""[..], b"e", b"efoo", b"kfoo\0bar", b"e\xff\0x", b"e\0\xff"] {
            assert_eq!(split_stream(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn streams_sort_by_entity_then_scope() {
        let pairs = [("b", "a"), ("a", "a b"), ("z", "a-"), ("a", "a-"), ("a", "aa")];
        let mut keys: Vec<Vec<u8>> = pairs.iter().map(|(s, e)| stream(s, e)).collect();
        keys.sort();
        let mut sorted = pairs;
        sorted.sort_by_key(|(scope, entity)| (*entity, *scope));
        let split: Vec<_> = keys.iter().filter_map(|k| split_stream(k)).collect();
        assert_eq!(split, sorted);
    }
}
