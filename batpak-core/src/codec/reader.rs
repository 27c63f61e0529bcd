//! The bounded cursor under every decoder: it never reads past its slice and remembers where it stands.

use crate::error::DecodeError;
use crate::limits::NAME_BYTES_MAX;
use crate::name::check_name;

use super::varint;

/// A cursor over bytes that may be hostile.
///
/// Offsets in errors count from the start of the slice given to [`Reader::new`].
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, rest: bytes }
    }

    /// How many bytes were read so far.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.bytes.len() - self.rest.len()
    }

    /// The bytes not read yet.
    #[inline]
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// An error at the present place.
    #[cold]
    #[must_use]
    pub fn fault(&self, what: &'static str) -> DecodeError {
        DecodeError::new(self.offset(), what)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// If fewer are left; `what` names them.
    #[inline]
    pub fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.fault(what));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// If fewer are left; `what` names them.
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<&'a [u8; N], DecodeError> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.fault(what));
        };
        self.rest = rest;
        Ok(taken)
    }

    /// The next byte.
    ///
    /// # Errors
    /// If none is left; `what` names it.
    #[inline]
    pub fn byte(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        let Some((byte, rest)) = self.rest.split_first() else {
            return Err(self.fault(what));
        };
        self.rest = rest;
        Ok(*byte)
    }

    /// The next number.
    ///
    /// # Errors
    /// If it is cut off, too large for 64 bits, or not in its shortest form; `what` names it.
    #[inline]
    pub fn varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        let Some((value, size)) = varint::read(self.rest) else {
            return Err(self.fault(what));
        };
        let Some(rest) = self.rest.get(size..) else {
            return Err(self.fault(what));
        };
        self.rest = rest;
        Ok(value)
    }

    /// The next number, at most `max`.
    ///
    /// # Errors
    /// As [`Reader::varint`], or if it is above `max`.
    #[inline]
    pub fn bounded(&mut self, max: usize, what: &'static str) -> Result<usize, DecodeError> {
        let at = *self;
        match usize::try_from(self.varint(what)?) {
            Ok(value) if value <= max => Ok(value),
            _ => Err(at.fault(what)),
        }
    }

    /// The next number, as a `u16`.
    ///
    /// # Errors
    /// As [`Reader::varint`], or if it does not fit.
    #[inline]
    pub fn short(&mut self, what: &'static str) -> Result<u16, DecodeError> {
        let at = *self;
        u16::try_from(self.varint(what)?).map_err(|_| at.fault(what))
    }

    /// A length-prefixed name that obeys the name rule (1 to 255 bytes of UTF-8, no control characters).
    ///
    /// # Errors
    /// If it is cut off or breaks the rule; `what` names it.
    #[inline]
    pub fn name(&mut self, what: &'static str) -> Result<&'a str, DecodeError> {
        let at = *self;
        let length = self.bounded(NAME_BYTES_MAX, what)?;
        let bytes = self.take(length, what)?;
        match std::str::from_utf8(bytes) {
            Ok(text) if check_name(what, text).is_ok() => Ok(text),
            _ => Err(at.fault(what)),
        }
    }

    /// Succeeds only if everything was read.
    ///
    /// # Errors
    /// If bytes are left over.
    #[inline]
    pub fn finish(&self, what: &'static str) -> Result<(), DecodeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.fault(what)) }
    }
}
