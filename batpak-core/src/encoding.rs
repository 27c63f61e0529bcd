//! Codec ids: how the bytes of a payload are to be read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How the bytes of a payload are to be read. An unknown codec is kept and given back; only its bytes can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Codec(u8);

impl Codec {
    /// Bytes that mean nothing to batpak.
    pub const RAW: Self = Self(0);
    /// JSON text (RFC 8259).
    pub const JSON: Self = Self(1);
    /// The postcard wire format, version 1.
    pub const POSTCARD: Self = Self(2);

    /// The codec with this number.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// The number of the codec.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The name of the codec, or `unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RAW => "raw",
            Self::JSON => "json",
            Self::POSTCARD => "postcard",
            _ => "unknown",
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
