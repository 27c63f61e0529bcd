//! From a segment's log to the bytes of its index: one pass over the frames, the same for sealing and for rebuilding.

use batpak_core::codec::{Dictionary, RecordRef};
use batpak_core::event::Place;
use batpak_core::{EventRef, Position};

use crate::error::StoreError;
use crate::format::frame::Frame;
use crate::format::header::{HEADER_BYTES, SegmentHeader};
use crate::index::sealed::{Binding, BuildError, SealedBuilder};
use crate::recovery::tail::{self, ChainPoint};

use super::sealed::Before;

/// What an index of this segment, which ends at `end`, belongs to.
pub(super) fn binding(header: &SegmentHeader, end: ChainPoint) -> Binding {
    Binding {
        store: header.store,
        segment: header.number,
        salt: header.salt,
        log_length: end.offset,
        log_checksum: end.checksum,
    }
}

/// Makes the index of the segment in `log`, which ends at `end`. The same log always gives the same bytes.
///
/// Cost: checks, parses and hashes every record: about 1 µs an event.
///
/// # Errors
/// [`StoreError::Corrupt`] if the log does not check up to `end`.
pub(super) fn build(
    log: &[u8],
    header: &SegmentHeader,
    end: ChainPoint,
    before: &Before,
) -> Result<Vec<u8>, StoreError> {
    let corrupt =
        |offset: u32, detail: String| StoreError::Corrupt { segment: header.number, offset: u64::from(offset), detail };
    let log = usize::try_from(end.offset)
        .ok()
        .and_then(|length| log.get(..length))
        .ok_or_else(|| corrupt(0, "its file is cut short".to_owned()))?;
    let (_, header_checksum) =
        SegmentHeader::decode(log).map_err(|_| corrupt(0, "its header is damaged".to_owned()))?;
    let consumers = before.consumers.iter().map(|(name, position)| (name.clone(), *position));
    let mut builder = SealedBuilder::new(binding(header, end), header.first_position, before.tree.clone(), consumers)
        .map_err(|error| corrupt(0, error.to_string()))?;
    let mut names = Dictionary::new();
    let mut scratch = Vec::new();
    let mut failure = None;
    let mut point = ChainPoint::start(header, header_checksum);
    while point.offset < end.offset {
        let Some(frame) = tail::frame_at(log, 0, header.number, header.salt, point) else {
            return Err(corrupt(
                point.offset,
                format!(
                    "the commit after position {} does not check, although it was synced",
                    point.next.get().saturating_sub(1)
                ),
            ));
        };
        if let Err(error) = add(&mut builder, log, point, &frame, &mut names, &mut scratch) {
            failure.get_or_insert((point.offset, error));
            break;
        }
        point = point.after(&frame);
    }
    if let Some((offset, error)) = failure {
        return Err(corrupt(offset, format!("a record does not decode: {error}")));
    }
    if point.offset != end.offset || point.checksum != end.checksum || point.next != end.next {
        return Err(corrupt(
            point.offset,
            format!("the segment ends at byte {} instead of {}", point.offset, end.offset),
        ));
    }
    debug_assert!(end.offset >= HEADER_BYTES);
    builder.log_bytes(log);
    builder.finish().map_err(|error| corrupt(0, error.to_string()))
}

/// Adds one commit.
fn add(
    builder: &mut SealedBuilder,
    log: &[u8],
    point: ChainPoint,
    frame: &Frame<'_>,
    names: &mut Dictionary,
    scratch: &mut Vec<u8>,
) -> Result<(), String> {
    if let Some((name, position)) = &frame.meta.consumer {
        builder.consumer(name.clone(), *position);
    }
    if frame.header.events == 0 {
        return Ok(());
    }
    if let Some((digest, fingerprint)) = frame.meta.key {
        let rel = builder.events().map_err(|error| error.to_string())?;
        builder.key(digest, fingerprint, rel, u32::from(frame.header.events));
    }
    builder.frame(point.offset).map_err(|error: BuildError| error.to_string())?;
    let mut rest = frame.records;
    let mut offset = point.offset.saturating_add(frame.records_at);
    for index in 0..frame.header.events {
        let (record, used) = RecordRef::parse(rest).map_err(|error| error.to_string())?;
        for (name, number) in record.definitions().zip(names.len()..) {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            builder.name(number, definition_offset(log, name)).map_err(|error| error.to_string())?;
        }
        names.learn(&record);
        let place = Place {
            position: Position::new(point.next.get().saturating_add(u64::from(index))),
            recorded_at: frame.meta.recorded_at,
            batch_index: index,
            batch_count: frame.header.events,
            key: frame.meta.key.map(|(digest, _)| digest),
        };
        let event = EventRef::new(record, names, place).map_err(|error| error.to_string())?;
        let leaf = event.leaf_hash(scratch);
        builder.event(event.record(), offset, leaf).map_err(|error| error.to_string())?;
        rest = rest.get(used..).unwrap_or_default();
        offset = offset.saturating_add(u32::try_from(used).unwrap_or(u32::MAX));
    }
    if rest.is_empty() { Ok(()) } else { Err("bytes follow the last record of a commit".to_owned()) }
}

/// Where a definition in `log` starts: at the length in front of its text.
fn definition_offset(log: &[u8], text: &str) -> u32 {
    let text_at = text.as_ptr().addr().saturating_sub(log.as_ptr().addr());
    let prefix = if text.len() < 128 { 1 } else { 2 };
    u32::try_from(text_at.saturating_sub(prefix)).unwrap_or(u32::MAX)
}
