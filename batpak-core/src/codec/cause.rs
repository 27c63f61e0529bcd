//! The bytes of one cause, the same in a record and in the envelope: edge, group of an alternative, id.

use crate::cause::{Cause, Edge};
use crate::error::DecodeError;
use crate::id::EventId;

use super::reader::Reader;

const REQUIRED: u8 = 0;
const ALTERNATIVE: u8 = 1;
const CONTEXT: u8 = 2;

/// The most bytes of one cause.
pub(crate) const CAUSE_BYTES_MAX: usize = 18;

pub(crate) fn write(out: &mut Vec<u8>, cause: &Cause) {
    match cause.edge {
        Edge::Required => out.push(REQUIRED),
        Edge::Alternative { group } => out.extend_from_slice(&[ALTERNATIVE, group]),
        Edge::Context => out.push(CONTEXT),
    }
    out.extend_from_slice(cause.id.as_bytes());
}

#[inline]
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Cause, DecodeError> {
    let at = *reader;
    let edge = match reader.byte("cause")? {
        REQUIRED => Edge::Required,
        ALTERNATIVE => Edge::Alternative { group: reader.byte("cause group")? },
        CONTEXT => Edge::Context,
        _ => return Err(at.fault("unknown edge kind")),
    };
    let id = EventId::from_bytes(*read_id(reader, "cause id")?);
    Ok(Cause { id, edge })
}

/// Sixteen bytes that are not all zero.
#[inline]
pub(crate) fn read_id<'a>(reader: &mut Reader<'a>, what: &'static str) -> Result<&'a [u8; 16], DecodeError> {
    let at = *reader;
    let id = reader.array::<16>(what)?;
    if u128::from_ne_bytes(*id) == 0 {
        return Err(at.fault("nil event id"));
    }
    Ok(id)
}
