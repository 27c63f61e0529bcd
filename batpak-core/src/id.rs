//! Ids: the UUIDs of events and of stores.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::error::{CoreError, shortened};
use crate::fixed::deserialize_text;
use crate::name::Scope;

/// Separates ids made from a source from every other use of SHA-256 here.
const SOURCE_DOMAIN: &[u8] = b"batpak event id\0";

macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 16 bytes, unchecked: see [`is_nil`](Self::is_nil).
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes of the id, in the order of its text.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Whether all bits are zero. Such an id is never stored; parsing and decoding refuse it.
            pub const fn is_nil(&self) -> bool {
                self.0.is_nil()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = CoreError;

            /// Reads 32 hexadecimal digits, with hyphens or without.
            fn from_str(text: &str) -> Result<Self, CoreError> {
                let bad = || CoreError::BadId { what: $what, text: shortened(text) };
                if text.len() != 36 && text.len() != 32 {
                    return Err(bad());
                }
                match Uuid::try_parse(text) {
                    Ok(id) if !id.is_nil() => Ok(Self(id)),
                    _ => Err(bad()),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.serialize_str(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
                } else {
                    self.as_bytes().serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    return deserialize_text(deserializer);
                }
                let id = Self::from_bytes(<[u8; 16]>::deserialize(deserializer)?);
                if id.is_nil() {
                    return Err(serde::de::Error::custom(concat!($what, " is the nil UUID")));
                }
                Ok(id)
            }
        }
    };
}

uuid_type! {
    /// The id of an event: a UUID, unique in its store.
    EventId, "event id"
}
uuid_type! {
    /// The identity of a store, which its backups keep and its forks replace.
    StoreId, "store id"
}

impl EventId {
    /// A version 7 UUID (RFC 9562) of a time and random bytes: ids made later sort later, to the millisecond.
    ///
    /// `unix_ms` counts from the Unix epoch; its lowest 48 bits are used, enough until the year 10889.
    pub const fn v7(unix_ms: u64, random: [u8; 10]) -> Self {
        Self(Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
    }

    /// A version 8 UUID made from a name in another system, so that an imported event can be named as a cause before it is seen.
    ///
    /// It is the beginning of SHA-256 over the scope and the source, with their lengths: the same pair gives the same
    /// id everywhere. The source may be any text, of any length.
    pub fn from_source(scope: &Scope, source: &str) -> Self {
        let mut hasher = Sha256::new_with_prefix(SOURCE_DOMAIN);
        for part in [scope.as_str(), source] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(Builder::from_custom_bytes(crate::hash::first_16(&hasher.finalize().into())).into_uuid())
    }
}

impl StoreId {
    /// A version 4 UUID of 16 random bytes.
    pub const fn from_random(random: [u8; 16]) -> Self {
        Self(Builder::from_random_bytes(random).into_uuid())
    }
}
