//! What a segment's bytes prove: the pure rule that tells a torn tail (cut it) from damage (refuse and name the place).
//!
//! Frames are walked from the header on. Where the first invalid byte stands, the rule looks ahead: if any later frame
//! header says that the segment was already synced beyond that byte, acknowledged data is damaged; otherwise the bytes
//! were never promised to anybody and are a torn tail. A flipped bit is therefore never taken for the end of the log.

use batpak_core::{Hlc, Position};

use crate::format::checksum::Place;
use crate::format::frame::{FRAME_HEADER_BYTES, Frame, FrameHeader};
use crate::format::header::{HEADER_BYTES, SegmentHeader};

/// A place in a segment between two frames, with all that the next frame depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChainPoint {
    /// Offset of the next frame.
    pub offset: u32,
    /// Checksum of the previous frame, or of the header.
    pub checksum: u64,
    /// Position of the next event.
    pub next: Position,
    /// Recorded time of the newest commit.
    pub clock: Hlc,
}

impl ChainPoint {
    /// The place right after a header.
    pub(crate) fn start(header: &SegmentHeader, checksum: u64) -> Self {
        Self { offset: HEADER_BYTES, checksum, next: header.first_position, clock: header.clock }
    }

    /// Before the first segment of a store.
    pub(crate) fn nowhere() -> Self {
        Self { offset: 0, checksum: 0, next: Position::new(1), clock: Hlc::default() }
    }

    /// The place after `frame`.
    pub(crate) fn after(self, frame: &Frame<'_>) -> Self {
        Self {
            offset: self.offset.saturating_add(frame.bytes),
            checksum: frame.header.checksum,
            next: Position::new(self.next.get().saturating_add(u64::from(frame.header.events))),
            clock: self.clock.max(frame.meta.recorded_at),
        }
    }
}

/// How the bytes after the last valid frame are to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing but zeros, or nothing at all.
    Clean,
    /// Bytes that no commit promised, up to this offset (exclusive); cut them.
    Torn { until: u32 },
    /// Acknowledged data is damaged: the segment was synced up to `durable_to`, beyond the bad byte.
    Damaged { durable_to: u32 },
}

/// What [`scan`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// After the last valid frame.
    pub end: ChainPoint,
    /// How far later frames prove the segment to have been synced.
    pub proven: u32,
    /// The place up to which frames are proven durable: the last frame end not beyond `proven`.
    pub proven_end: ChainPoint,
    /// Valid frames.
    pub frames: u64,
    /// Whether the last valid frame is a mark.
    pub ends_with_mark: bool,
    /// What follows.
    pub ending: Ending,
}

/// Walks the frames in `bytes` from `from`, handing each to `each` with its place; then judges what follows.
///
/// `bytes` is the segment from `base` on (`base` ≤ `from.offset`). `promised` is how far the segment is known from elsewhere to be durable (a successor's
/// header), 0 if unknown. `each` returns false for a frame whose contents do not decode; that is damage too.
///
/// Total over any bytes; one pass for the checksums and, only if something follows the last frame, one look ahead.
pub(crate) fn scan(
    bytes: &[u8],
    base: u32,
    segment: u64,
    salt: u64,
    from: ChainPoint,
    promised: u32,
    mut each: impl FnMut(ChainPoint, &Frame<'_>) -> bool,
) -> Tail {
    let mut tail =
        Tail { end: from, proven: promised, proven_end: from, frames: 0, ends_with_mark: true, ending: Ending::Clean };
    let mut ends: std::collections::VecDeque<ChainPoint> = std::collections::VecDeque::new();
    while let Some(frame) = frame_at(bytes, base, segment, salt, tail.end) {
        if !each(tail.end, &frame) {
            break;
        }
        tail.end = tail.end.after(&frame);
        tail.frames += 1;
        tail.proven = tail.proven.max(frame.header.synced);
        tail.ends_with_mark = frame.header.body_bytes == 0;
        ends.push_back(tail.end);
        while ends.front().is_some_and(|end| end.offset <= tail.proven) {
            tail.proven_end = ends.pop_front().unwrap_or(tail.proven_end);
        }
    }
    let (ending, proven) = judge(bytes, base, segment, salt, tail.end.offset, tail.proven);
    tail.ending = ending;
    tail.proven = proven;
    tail
}

/// The valid frame at `point`, if there is one.
pub(crate) fn frame_at(bytes: &[u8], base: u32, segment: u64, salt: u64, point: ChainPoint) -> Option<Frame<'_>> {
    let rest = bytes.get(usize::try_from(point.offset.checked_sub(base)?).ok()?..)?;
    let place = Place { segment, salt, offset: point.offset };
    Frame::parse(rest, point.checksum, place)
        .filter(|frame| frame.header.first_position == point.next && frame.header.synced <= point.offset)
}

/// Tells what the bytes from offset `at` on are.
fn judge(bytes: &[u8], base: u32, segment: u64, salt: u64, at: u32, proven: u32) -> (Ending, u32) {
    let start = usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    let synced = look_ahead(rest, at, segment, salt).max(proven);
    if synced > at {
        return (Ending::Damaged { durable_to: synced }, synced);
    }
    match rest.iter().rposition(|byte| *byte != 0) {
        None => (Ending::Clean, proven),
        Some(last) => {
            let until = u32::try_from(last).unwrap_or(u32::MAX).saturating_add(1).saturating_add(at);
            (Ending::Torn { until }, proven)
        }
    }
}

/// The farthest `synced` that any frame header in `rest` (which starts at offset `at`) claims, if beyond `at`.
fn look_ahead(rest: &[u8], at: u32, segment: u64, salt: u64) -> u32 {
    let mut farthest = 0;
    let mut skipped = 0_usize;
    // A frame header ends with a byte that is never zero, so only offsets whose 32nd byte is set can hold one.
    while let Some(hit) =
        rest.get(skipped + FRAME_HEADER_BYTES - 1..).and_then(|tail| tail.iter().position(|byte| *byte == 1))
    {
        let offset = skipped + hit;
        let place = u32::try_from(offset).ok().and_then(|o| o.checked_add(at));
        if let (Some(place), Some(bytes)) = (place, rest.get(offset..)) {
            let header = FrameHeader::parse(bytes, Place { segment, salt, offset: place });
            if let Some(header) = header.filter(|h| h.synced > at && h.synced <= place) {
                farthest = farthest.max(header.synced);
            }
        }
        skipped = offset + 1;
    }
    farthest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::frame::{self, CommitMeta, Finish};
    use batpak_core::StoreId;

    const SEGMENT: u64 = 5;
    const SALT: u64 = 0x1234_5678_9abc;

    fn header() -> SegmentHeader {
        SegmentHeader {
            store: StoreId::from_bytes([1; 16]),
            number: SEGMENT,
            first_position: Position::new(10),
            salt: SALT,
            predecessor_length: 0,
            predecessor_checksum: 0,
            clock: Hlc::default(),
            marks: 0,
            read_only: 0,
        }
    }

    /// A segment of one-event frames (their records are plain bytes here) and the end of each; `lag` frames unsynced.
    fn segment(frames: u16, mark: bool) -> (Vec<u8>, Vec<u32>) {
        let mut bytes = header().encode();
        let mut point = ChainPoint::start(&header(), SegmentHeader::decode(&bytes).unwrap().1);
        let mut ends = vec![point.offset];
        for number in 0..frames + u16::from(mark) {
            let is_mark = number == frames;
            let meta = (!is_mark).then(|| CommitMeta {
                recorded_at: Hlc { wall_us: u64::from(number) + 1, counter: 0 },
                ..CommitMeta::default()
            });
            let start = frame::begin(&mut bytes, meta.as_ref());
            if !is_mark {
                bytes.extend(std::iter::repeat_n(number.to_le_bytes()[0] + 1, 40 + usize::from(number) * 7));
            }
            let facts = Finish {
                previous: point.checksum,
                place: Place { segment: SEGMENT, salt: SALT, offset: point.offset },
                first_position: point.next,
                synced: if number == 0 { 0 } else { point.offset },
                events: u16::from(!is_mark),
            };
            frame::finish(&mut bytes[start..], meta.as_ref(), facts);
            let frame = frame_at(&bytes, 0, SEGMENT, SALT, point).expect("the frame just written");
            point = point.after(&frame);
            ends.push(point.offset);
        }
        bytes.resize(bytes.len() + 700, 0);
        (bytes, ends)
    }

    fn run(bytes: &[u8]) -> Tail {
        let start = ChainPoint::start(&header(), SegmentHeader::decode(&header().encode()).unwrap().1);
        scan(bytes, 0, SEGMENT, SALT, start, 0, |_, _| true)
    }

    #[test]
    fn a_clean_segment_ends_clean() {
        let (bytes, ends) = segment(6, true);
        let tail = run(&bytes);
        assert_eq!((tail.end.offset, tail.ending, tail.frames), (*ends.last().unwrap(), Ending::Clean, 7));
        assert_eq!(tail.proven_end.offset, ends[6], "the mark proves every commit before it");
    }

    #[test]
    fn a_flipped_bit_before_the_last_mark_is_damage_never_a_shorter_log() {
        let (bytes, ends) = segment(6, true);
        for at in HEADER_BYTES as usize..ends[6] as usize {
            for bit in [0, 3, 7] {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                let tail = run(&bad);
                assert!(
                    matches!(tail.ending, Ending::Damaged { durable_to } if durable_to > tail.end.offset),
                    "byte {at} bit {bit}: {tail:?}"
                );
            }
        }
    }

    #[test]
    fn cut_at_any_byte_it_ends_at_a_commit_boundary() {
        let (bytes, ends) = segment(6, false);
        for cut in HEADER_BYTES as usize..bytes.len() {
            let tail = run(&bytes[..cut]);
            let boundary = ends.iter().copied().filter(|end| *end as usize <= cut).max().unwrap();
            assert_eq!(tail.end.offset, boundary);
            assert!(!matches!(tail.ending, Ending::Damaged { .. }), "cut {cut}: {tail:?}");
        }
    }

    #[test]
    fn an_unsynced_frame_torn_anywhere_is_cut() {
        let (bytes, ends) = segment(6, false);
        for at in ends[5] as usize..ends[6] as usize {
            let mut bad = bytes.clone();
            bad[at] ^= 0x40;
            let tail = run(&bad);
            assert_eq!(tail.end.offset, ends[5]);
            assert!(matches!(tail.ending, Ending::Torn { until } if until <= ends[6]), "{tail:?}");
        }
    }

    #[test]
    fn garbage_after_the_last_commit_does_not_resurrect() {
        let (mut bytes, ends) = segment(3, true);
        let end = *ends.last().unwrap() as usize;
        // A copy of an earlier valid frame, moved to the tail.
        let stale = bytes[ends[1] as usize..ends[2] as usize].to_vec();
        bytes[end..end + stale.len()].copy_from_slice(&stale);
        let tail = run(&bytes);
        assert_eq!(tail.end.offset as usize, end);
        assert!(matches!(tail.ending, Ending::Torn { .. }));
    }
}
