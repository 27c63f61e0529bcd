//! What can be wrong with a value, with encoded bytes and with the text of a query.

use std::fmt;

use thiserror::Error;

use crate::caret::Pointing;
use crate::encoding::Codec;
use crate::id::EventId;
use crate::limits;

/// A value that breaks a rule of the data model. Nothing was written; correct the value and try again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A name has no characters.
    #[error("{what} is empty")]
    EmptyName {
        /// Which name, as in `scope`.
        what: &'static str,
    },
    /// A name is longer than [`limits::NAME_BYTES_MAX`] bytes.
    #[error("{what} of {bytes} bytes is longer than {} bytes", limits::NAME_BYTES_MAX)]
    NameTooLong {
        /// Which name, as in `scope`.
        what: &'static str,
        /// Its length in bytes of UTF-8.
        bytes: usize,
    },
    /// A name holds a control character.
    #[error("{what} `{}` holds a control character at byte {at}", name.escape_debug())]
    ControlCharacter {
        /// Which name, as in `scope`.
        what: &'static str,
        /// The refused name.
        name: String,
        /// The byte at which the character starts.
        at: usize,
    },
    /// A user named an event kind that belongs to the system.
    #[error("kind `{kind}` is reserved: names that start with `batpak.` belong to the system")]
    ReservedKind {
        /// The refused kind.
        kind: String,
    },
    /// A system kind does not start with the reserved prefix.
    #[error("system kind `{kind}` does not start with `batpak.`")]
    NotSystemKind {
        /// The refused kind.
        kind: String,
    },
    /// The key of a `key:value` tag holds a colon.
    #[error("tag key `{}` holds a colon", key.escape_debug())]
    TagKey {
        /// The refused key.
        key: String,
    },
    /// Text that is no UUID, or is the nil UUID.
    #[error("{what} `{}` is not a UUID other than nil", text.escape_debug())]
    BadId {
        /// Which id, as in `event id`.
        what: &'static str,
        /// The refused text, shortened.
        text: String,
    },
    /// Text that is not the wanted number of hexadecimal digits.
    #[error("{what} `{}` is not {digits} hexadecimal digits", text.escape_debug())]
    BadHex {
        /// Which value, as in `hash`.
        what: &'static str,
        /// How many digits were wanted.
        digits: usize,
        /// The refused text, shortened.
        text: String,
    },
    /// A payload is larger than [`limits::PAYLOAD_BYTES_MAX`].
    #[error("payload of {bytes} bytes is larger than {} bytes", limits::PAYLOAD_BYTES_MAX)]
    PayloadTooLarge {
        /// Its length in bytes.
        bytes: usize,
    },
    /// An event has more than [`limits::TAGS_MAX`] tags.
    #[error("event with {count} tags has more than {}", limits::TAGS_MAX)]
    TooManyTags {
        /// How many tags it has.
        count: usize,
    },
    /// An event has more than [`limits::CAUSES_MAX`] causes.
    #[error("event with {count} causes has more than {}", limits::CAUSES_MAX)]
    TooManyCauses {
        /// How many causes it has.
        count: usize,
    },
    /// An event names the same cause twice.
    #[error("cause `{id}` is named twice")]
    DuplicateCause {
        /// The repeated cause.
        id: EventId,
    },
    /// An event names itself as its cause.
    #[error("event `{id}` names itself as a cause")]
    OwnCause {
        /// The event.
        id: EventId,
    },
    /// An event or a cause has the nil UUID as its id.
    #[error("{what} is the nil UUID")]
    NilId {
        /// Which id, as in `cause`.
        what: &'static str,
    },
    /// A batch has more than [`limits::BATCH_EVENTS_MAX`] events.
    #[error("batch of {count} events has more than {}", limits::BATCH_EVENTS_MAX)]
    TooManyEvents {
        /// How many events it has.
        count: usize,
    },
    /// A batch is larger than [`limits::BATCH_BYTES_MAX`].
    #[error("batch of {bytes} bytes is larger than {} bytes", limits::BATCH_BYTES_MAX)]
    BatchTooLarge {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A value that its codec cannot express. Change the type, or append the bytes raw.
    #[error("payload cannot be encoded as {codec}: {reason}")]
    NotEncodable {
        /// The codec.
        codec: Codec,
        /// What the codec, or the value, objected to.
        reason: String,
    },
    /// A value that encodes, but would not come back as itself. Change the type, or append the bytes raw.
    #[error("payload could not be read back from {codec}: {reason}")]
    NotReadable {
        /// The codec.
        codec: Codec,
        /// What went wrong on the way back.
        reason: String,
    },
    /// Stored bytes are not a value of the wanted type. The event is intact; ask for another type, or for the bytes.
    #[error("payload is not a {codec} value of the wanted type: {reason}")]
    BadPayload {
        /// The codec that was asked for.
        codec: Codec,
        /// What the codec objected to.
        reason: String,
    },
    /// A subtree does not fit at the end of a Merkle tree.
    #[error("a subtree of level {level} cannot follow {size} leaves")]
    Unaligned {
        /// The leaves in the tree.
        size: u64,
        /// The level of the subtree: it stands for 2^level leaves.
        level: u8,
    },
    /// The hashes given for a Merkle tree are not as many as its size asks for, or the size is out of range.
    #[error("a tree of {size} leaves cannot be made from {found} hashes")]
    BadFrontier {
        /// The leaves in the tree.
        size: u64,
        /// The hashes given.
        found: usize,
    },
    /// The text of a query.
    #[error(transparent)]
    Query(#[from] ParseError),
}

/// Encoded bytes that break the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("bad bytes at offset {offset}: {what}")]
pub struct DecodeError {
    /// Bytes from the start of what was decoded to the fault.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl DecodeError {
    /// A fault at an offset.
    pub const fn new(offset: usize, what: &'static str) -> Self {
        Self { offset, what }
    }
}

/// The text of a query, a set expression or an alias that does not follow the grammar.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} at byte {at}{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct ParseError {
    /// The byte of the text at which the fault is.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
    /// What may have been meant, as in "did you mean `kind`?".
    pub hint: Option<String>,
}

impl ParseError {
    /// A fault at a byte of the text.
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: None }
    }

    /// The same fault with a suggestion.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The fault with the line of `text` that it is in, a caret under the place, and the hint, on lines of their own.
    ///
    /// The last line has no end. A long line is cut around the place, and control characters are shown as spaces. The
    /// caret stands right where each character is one column wide.
    ///
    /// ```
    /// let text = "kind(a) and tag(b)";
    /// let batpak_core::CoreError::Query(error) = batpak_core::Set::parse(text).unwrap_err() else { unreachable!() };
    /// assert_eq!(
    ///     error.pointing_into(text).to_string(),
    ///     "expected an operator or the end, found `and`\n  kind(a) and tag(b)\n          ^\ndid you mean `&`?",
    /// );
    /// ```
    pub fn pointing_into<'a>(&'a self, text: &'a str) -> impl fmt::Display + 'a {
        Pointing { error: self, text }
    }
}

/// The beginning of a text that a message repeats: at most 64 characters.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
