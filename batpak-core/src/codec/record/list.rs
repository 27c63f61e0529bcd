//! The lists of a record, validated once and read again as they are asked for.

use crate::cause::Cause;
use crate::error::DecodeError;
use crate::limits::{CAUSES_MAX, TAGS_MAX};

use crate::codec::cause;
use crate::codec::names::NameRef;
use crate::codec::reader::Reader;

/// The names of a record's tags, read as they are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct NameRefs<'a> {
    bytes: &'a [u8],
    left: u8,
}

impl<'a> NameRefs<'a> {
    #[inline]
    pub(super) fn parse(reader: &mut Reader<'a>, defines: &mut bool) -> Result<Self, DecodeError> {
        let left = read_count(reader, TAGS_MAX, "tag count")?;
        let bytes = reader.rest();
        for _ in 0..left {
            read_name(reader, "tag", defines)?;
        }
        let bytes = bytes.get(..bytes.len() - reader.rest().len()).unwrap_or_default();
        Ok(Self { bytes, left })
    }
}

impl<'a> Iterator for NameRefs<'a> {
    type Item = NameRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<NameRef<'a>> {
        self.left = self.left.checked_sub(1)?;
        let mut reader = Reader::new(self.bytes);
        // The same bytes were read once without an error.
        let name = read_name(&mut reader, "tag", &mut false).ok()?;
        self.bytes = reader.rest();
        Some(name)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for NameRefs<'_> {}

/// The causes of a record, read as they are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct CauseRefs<'a> {
    bytes: &'a [u8],
    left: u8,
}

impl<'a> CauseRefs<'a> {
    #[inline]
    pub(super) fn parse(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let left = read_count(reader, CAUSES_MAX, "cause count")?;
        let bytes = reader.rest();
        for _ in 0..left {
            cause::read(reader)?;
        }
        let bytes = bytes.get(..bytes.len() - reader.rest().len()).unwrap_or_default();
        Ok(Self { bytes, left })
    }
}

impl Iterator for CauseRefs<'_> {
    type Item = Cause;

    #[inline]
    fn next(&mut self) -> Option<Cause> {
        self.left = self.left.checked_sub(1)?;
        let mut reader = Reader::new(self.bytes);
        // The same bytes were read once without an error.
        let cause = cause::read(&mut reader).ok()?;
        self.bytes = reader.rest();
        Some(cause)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for CauseRefs<'_> {}

/// A count that is present only if it is not zero.
#[inline]
fn read_count(reader: &mut Reader<'_>, max: usize, what: &'static str) -> Result<u8, DecodeError> {
    let at = *reader;
    match u8::try_from(reader.bounded(max, what)?) {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(at.fault(what)),
    }
}

/// A name as a record holds it; sets `defines` if it is inline.
#[inline]
pub(super) fn read_name<'a>(
    reader: &mut Reader<'a>,
    what: &'static str,
    defines: &mut bool,
) -> Result<NameRef<'a>, DecodeError> {
    let at = *reader;
    match reader.varint(what)? {
        0 => {
            *defines = true;
            Ok(NameRef::Inline(reader.name(what)?))
        }
        number => match u32::try_from(number - 1) {
            Ok(number) => Ok(NameRef::Number(number)),
            Err(_) => Err(at.fault(what)),
        },
    }
}
