//! Writing a record: from a checked draft straight into the frame's buffer.

use crate::cause::Cause;
use crate::draft::Draft;
use crate::id::EventId;
use crate::position::Revision;
use crate::tag::Tag;

use super::flag;
use crate::codec::cause;
use crate::codec::names::{Intern, Interned};
use crate::codec::varint::{self, VARINT_BYTES_MAX};

/// What a record usually spends on everything but its payload, in bytes; only a guess at its length.
const HEAD_BYTES_USUAL: usize = 48;

/// Appends the record of one event to `out`.
///
/// The draft must have passed [`Draft::check`]; its tags are sorted on the way if they are not yet. `names` hands out
/// the numbers of names that this segment has not seen; it is asked for each name once, in the order of the record.
/// Allocates nothing but room in `out`, if the tags are sorted.
pub fn encode_record<N: Intern + ?Sized>(
    out: &mut Vec<u8>,
    draft: &Draft<'_>,
    id: EventId,
    revision: Revision,
    names: &mut N,
) {
    debug_assert!(draft.check().is_ok(), "an unchecked draft: {:?}", draft.check());
    debug_assert!(revision > Revision::NONE && !id.is_nil(), "an event has an id and a revision");

    let payload: &[u8] = &draft.payload;
    let start = out.len();
    let guess = varint::size((HEAD_BYTES_USUAL + payload.len()) as u64);
    out.reserve(guess + 2 * HEAD_BYTES_USUAL + payload.len());
    out.resize(start + guess, 0);

    out.push(flags_of(draft));
    out.extend_from_slice(id.as_bytes());
    write_name(out, draft.kind.as_str(), names);
    if draft.version != 1 {
        varint::write(out, u64::from(draft.version));
    }
    write_name(out, draft.coordinate.scope.as_str(), names);
    write_name(out, draft.coordinate.entity.as_str(), names);
    varint::write(out, revision.get());
    write_tags(out, &draft.tags, names);
    write_causes(out, &draft.causes);
    if let Some(correlation) = &draft.correlation {
        write_name(out, correlation.as_str(), names);
    }
    if let Some(valid_at) = draft.valid_at {
        varint::write(out, varint::zigzag(valid_at.micros()));
    }
    out.push(draft.codec.get());
    varint::write(out, payload.len() as u64);

    // The length is known before the payload is copied, so a wrong guess moves the head alone.
    let length = (out.len() - start - guess + payload.len()) as u64;
    patch_length(out, start, guess, length);
    out.extend_from_slice(payload);
}

/// Puts the record's length in front of its head, which gave it `guess` bytes of room.
fn patch_length(out: &mut Vec<u8>, start: usize, guess: usize, length: u64) {
    let end = out.len();
    varint::write(out, length);
    let size = out.len() - end;
    if size == guess {
        out.copy_within(end.., start);
        out.truncate(end);
        return;
    }
    let mut bytes = [0; VARINT_BYTES_MAX];
    for (to, from) in bytes.iter_mut().zip(out.drain(end..)) {
        *to = from;
    }
    out.splice(start..start + guess, bytes.into_iter().take(size));
}

fn flags_of(draft: &Draft<'_>) -> u8 {
    let set = |present: bool, flag: u8| if present { flag } else { 0 };
    set(draft.version != 1, flag::VERSION)
        | set(!draft.tags.is_empty(), flag::TAGS)
        | set(!draft.causes.is_empty(), flag::CAUSES)
        | set(draft.correlation.is_some(), flag::CORRELATION)
        | set(draft.valid_at.is_some(), flag::VALID_AT)
}

#[inline]
fn write_name<N: Intern + ?Sized>(out: &mut Vec<u8>, name: &str, names: &mut N) {
    match names.intern(name) {
        Interned::Known(number) => varint::write(out, u64::from(number) + 1),
        Interned::New(_) => {
            out.push(0);
            varint::write(out, name.len() as u64);
            out.extend_from_slice(name.as_bytes());
        }
    }
}

fn write_tags<N: Intern + ?Sized>(out: &mut Vec<u8>, tags: &[Tag], names: &mut N) {
    if tags.is_empty() {
        return;
    }
    if tags.is_sorted_by(|a, b| a.as_str() < b.as_str()) {
        varint::write(out, tags.len() as u64);
        tags.iter().for_each(|tag| write_name(out, tag.as_str(), names));
    } else {
        let mut sorted: Vec<&str> = tags.iter().map(Tag::as_str).collect();
        sorted.sort_unstable();
        sorted.dedup();
        varint::write(out, sorted.len() as u64);
        sorted.into_iter().for_each(|tag| write_name(out, tag, names));
    }
}

fn write_causes(out: &mut Vec<u8>, causes: &[Cause]) {
    if causes.is_empty() {
        return;
    }
    varint::write(out, causes.len() as u64);
    for cause in causes {
        cause::write(out, cause);
    }
}
