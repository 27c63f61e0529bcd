//! A frame: one commit (or an empty mark), checked as a whole and chained to its predecessor.

use batpak_core::{Consumer, Fingerprint, Hlc, KeyDigest, Position};

use super::checksum::{self, Place};

/// Bytes before a frame's body.
pub(crate) const FRAME_HEADER_BYTES: usize = 32;

/// Last byte of every frame header: never zero, so zeros are never a frame.
const FRAME_VERSION: u8 = 1;
/// The body starts with a key digest and a fingerprint.
const FLAG_KEY: u8 = 1;
/// The body holds a consumer position.
const FLAG_CONSUMER: u8 = 2;

/// What a commit stores once, whatever its number of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CommitMeta {
    /// Time of the commit, shared by its events.
    pub recorded_at: Hlc,
    /// Idempotency key and the fingerprint of the command it stands for.
    pub key: Option<(KeyDigest, Fingerprint)>,
    /// A consumer's position, stored with the commit.
    pub consumer: Option<(Consumer, Position)>,
}

/// The fixed part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// Chained checksum over everything after it.
    pub checksum: u64,
    /// Bytes after the header.
    pub body_bytes: u32,
    /// Position of the first event; of the next event, if the frame holds none.
    pub first_position: Position,
    /// Up to which offset this segment was known to be synced when the frame was written.
    pub synced: u32,
    /// Events in the frame; 0 for a mark.
    pub events: u16,
    flags: u8,
}

/// A frame that passed its checks, borrowed from the segment's bytes.
#[derive(Clone, Debug)]
pub(crate) struct Frame<'a> {
    /// Its fixed part.
    pub header: FrameHeader,
    /// Its commit's shared data; the default for a mark.
    pub meta: CommitMeta,
    /// The records, one after the other.
    pub records: &'a [u8],
    /// Offset of the first record, counted from the start of the frame.
    pub records_at: u32,
    /// Length of the whole frame.
    pub bytes: u32,
}

/// Appends the header placeholder and the shared part of a frame to `out`; returns where the frame starts in it.
///
/// The caller appends the records, then calls [`finish`].
pub(crate) fn begin(out: &mut Vec<u8>, meta: Option<&CommitMeta>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; FRAME_HEADER_BYTES]);
    if let Some(meta) = meta {
        out.extend_from_slice(&meta.recorded_at.wall_us.to_le_bytes());
        out.extend_from_slice(&meta.recorded_at.counter.to_le_bytes());
        if let Some((digest, fingerprint)) = &meta.key {
            out.extend_from_slice(digest.as_bytes());
            out.extend_from_slice(fingerprint.as_bytes());
        }
        if let Some((name, position)) = &meta.consumer {
            out.push(u8::try_from(name.as_str().len()).unwrap_or(u8::MAX));
            out.extend_from_slice(name.as_str().as_bytes());
            out.extend_from_slice(&position.get().to_le_bytes());
        }
    }
    start
}

/// Bytes that [`begin`] takes at most: header, time, key, consumer.
pub(crate) const FRAME_OVERHEAD_BYTES_MAX: usize = FRAME_HEADER_BYTES + 10 + 32 + 1 + 255 + 8;

/// What [`finish`] writes into a frame's header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish {
    /// Checksum of the predecessor.
    pub previous: u64,
    /// Where the frame will stand.
    pub place: Place,
    /// See [`FrameHeader::first_position`].
    pub first_position: Position,
    /// See [`FrameHeader::synced`].
    pub synced: u32,
    /// See [`FrameHeader::events`].
    pub events: u16,
}

/// Fills in the header of the frame that [`begin`] started; `frame` is everything from there on. Returns its checksum.
pub(crate) fn finish(frame: &mut [u8], meta: Option<&CommitMeta>, facts: Finish) -> u64 {
    let flags =
        meta.map_or(0, |m| u8::from(m.key.is_some()) * FLAG_KEY + u8::from(m.consumer.is_some()) * FLAG_CONSUMER);
    let body_bytes = u32::try_from(frame.len().saturating_sub(FRAME_HEADER_BYTES)).unwrap_or(u32::MAX);
    let mut checked = [0_u8; 20];
    {
        let mut out = &mut checked[..];
        put(&mut out, &body_bytes.to_le_bytes());
        put(&mut out, &facts.first_position.get().to_le_bytes());
        put(&mut out, &facts.synced.to_le_bytes());
        put(&mut out, &facts.events.to_le_bytes());
        put(&mut out, &[flags, FRAME_VERSION]);
    }
    let check = checksum::header_check(facts.place, &checked);
    {
        let mut out = frame.get_mut(8..FRAME_HEADER_BYTES).unwrap_or_default();
        put(&mut out, &check.to_le_bytes());
        put(&mut out, &checked);
    }
    let checksum = checksum::chained(facts.previous, facts.place, frame.get(8..).unwrap_or_default());
    let mut out = frame.get_mut(..8).unwrap_or_default();
    put(&mut out, &checksum.to_le_bytes());
    checksum
}

/// Copies `bytes` to the front of `out` and moves on.
fn put(out: &mut &mut [u8], bytes: &[u8]) {
    if let Some((head, tail)) = std::mem::take(out).split_at_mut_checked(bytes.len()) {
        head.copy_from_slice(bytes);
        *out = tail;
    }
}

impl FrameHeader {
    /// Reads the header at the front of `bytes`, checked by itself but not chained; `None` if there is no frame here.
    pub(crate) fn parse(bytes: &[u8], place: Place) -> Option<Self> {
        let (checksum, rest) = bytes.split_first_chunk::<8>()?;
        let (check, rest) = rest.split_first_chunk::<4>()?;
        let checked = rest.first_chunk::<20>()?;
        let (body_bytes, rest) = checked.split_first_chunk::<4>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let (synced, rest) = rest.split_first_chunk::<4>()?;
        let (events, rest) = rest.split_first_chunk::<2>()?;
        let &[flags, version] = rest else { return None };
        if version != FRAME_VERSION
            || flags & !(FLAG_KEY | FLAG_CONSUMER) != 0
            || u32::from_le_bytes(*check) != checksum::header_check(place, checked)
        {
            return None;
        }
        Some(Self {
            checksum: u64::from_le_bytes(*checksum),
            body_bytes: u32::from_le_bytes(*body_bytes),
            first_position: Position::new(u64::from_le_bytes(*first)),
            synced: u32::from_le_bytes(*synced),
            events: u16::from_le_bytes(*events),
            flags,
        })
    }

    /// Length of the whole frame.
    pub(crate) fn frame_bytes(&self) -> u64 {
        FRAME_HEADER_BYTES as u64 + u64::from(self.body_bytes)
    }
}

impl<'a> Frame<'a> {
    /// Reads the frame at the front of `bytes`; `None` unless every check holds. Records are not looked at.
    ///
    /// Cost: one pass over the frame for the checksum; no allocation but a consumer's name.
    pub(crate) fn parse(bytes: &'a [u8], previous: u64, place: Place) -> Option<Self> {
        let header = FrameHeader::parse(bytes, place)?;
        let length = usize::try_from(header.frame_bytes()).ok()?;
        let frame = bytes.get(..length)?;
        if checksum::chained(previous, place, frame.get(8..)?) != header.checksum {
            return None;
        }
        Self::split(header, frame)
    }

    /// Reads header and shared data of a frame of which only the beginning was read; no records.
    pub(crate) fn parse_head(bytes: &'a [u8], place: Place) -> Option<(FrameHeader, CommitMeta)> {
        let header = FrameHeader::parse(bytes, place)?;
        let frame = Self::split(header, bytes)?;
        Some((frame.header, frame.meta))
    }

    fn split(header: FrameHeader, frame: &'a [u8]) -> Option<Self> {
        let length = u32::try_from(header.frame_bytes()).ok()?;
        let mut rest = frame.get(FRAME_HEADER_BYTES..)?;
        let mut meta = CommitMeta::default();
        if header.body_bytes > 0 {
            meta.recorded_at =
                Hlc { wall_us: u64::from_le_bytes(take(&mut rest)?), counter: u16::from_le_bytes(take(&mut rest)?) };
        } else if header.events > 0 || header.flags != 0 {
            return None;
        }
        if header.flags & FLAG_KEY != 0 {
            meta.key = Some((KeyDigest::from_bytes(take(&mut rest)?), Fingerprint::from_bytes(take(&mut rest)?)));
        }
        if header.flags & FLAG_CONSUMER != 0 {
            let [bytes] = take::<1>(&mut rest)?;
            let (name, tail) = rest.split_at_checked(usize::from(bytes))?;
            rest = tail;
            let name = Consumer::new(std::str::from_utf8(name).ok()?).ok()?;
            meta.consumer = Some((name, Position::new(u64::from_le_bytes(take(&mut rest)?))));
        }
        let records_at = u32::try_from(frame.len().checked_sub(rest.len())?).ok()?;
        Some(Self { header, meta, records: rest, records_at, bytes: length })
    }
}

/// Takes a fixed number of bytes off the front.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}
