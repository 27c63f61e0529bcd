//! From the files of a folder to segments: headers checked and chained, sealed ones mapped, the unsealed tail scanned.

use crate::sync::Arc;

use batpak_core::{Position, StoreId};

use crate::disk::{Access, Disk, DiskFile, FileName};
use crate::error::StoreError;
use crate::format::header::{HEADER_BYTES, HeaderFault, SegmentHeader};
use crate::index::interner::Interner;
use crate::recovery::tail::{self, ChainPoint, Ending, Tail};
use crate::segment::{Active, Sealed};
use crate::sync::planted::{Bug, planted};

use super::files::{self, Files};
use super::report::{Cut, OpenReport};

/// A segment file with a valid header.
pub(crate) struct Found {
    pub header: SegmentHeader,
    pub header_checksum: u64,
    pub file: Arc<dyn DiskFile>,
    pub bytes: u64,
}

/// The segments of a folder in order, and the number of a newest file that was cut within its header, if there is one.
pub(crate) struct Survey {
    pub found: Vec<Found>,
    /// A newest segment whose creation, or whose copy, stopped within the header: number and length.
    pub stub: Option<(u64, u64)>,
}

/// Reads and chains the headers of all segments.
///
/// # Errors
/// [`StoreError::Corrupt`] for a gap, a foreign segment or a damaged header; [`StoreError::Unsupported`].
pub(crate) fn survey(disk: &dyn Disk, files: &Files, access: Access) -> Result<Survey, StoreError> {
    let mut survey = Survey { found: Vec::with_capacity(files.segments.len()), stub: None };
    for (place, number) in files.segments.iter().enumerate() {
        let newest = place + 1 == files.segments.len();
        let name = FileName::Segment(*number);
        let file: Arc<dyn DiskFile> = files::open(disk, &name, access)?.into();
        let length = files::act(&files::path(disk, &name), "read the length of", || file.len())?;
        let bytes = files::read(disk, &name, &*file, 0, u64::from(HEADER_BYTES))?;
        let corrupt = |detail: String| StoreError::Corrupt { segment: *number, offset: 0, detail };
        let (header, header_checksum) = match SegmentHeader::decode(&bytes) {
            Ok(decoded) => decoded,
            Err(HeaderFault::Damaged) if newest && length <= u64::from(HEADER_BYTES) => {
                survey.stub = Some((*number, length));
                break;
            }
            Err(HeaderFault::Damaged) => return Err(corrupt("its header is damaged".to_owned())),
            Err(HeaderFault::Unsupported(what)) => {
                return Err(StoreError::Unsupported { segment: *number, what: format!("format or feature {what:#x}") });
            }
        };
        if access == Access::Write && header.read_only != 0 {
            let what = format!("feature {:#x}, which only reading may ignore", header.read_only);
            return Err(StoreError::Unsupported { segment: *number, what });
        }
        if header.number != *number {
            return Err(corrupt(format!("its header belongs to segment {}", header.number)));
        }
        match survey.found.last() {
            None if *number == 0 => {}
            None => return Err(corrupt(format!("the segments before {number} are missing"))),
            Some(before) if before.header.number + 1 != *number => {
                return Err(corrupt(format!("segment {} before it is missing", number - 1)));
            }
            Some(before) if before.header.store != header.store => {
                return Err(corrupt("it belongs to another store".to_owned()));
            }
            Some(before) if before.bytes < u64::from(header.predecessor_length) => {
                return Err(StoreError::Corrupt {
                    segment: before.header.number,
                    offset: before.bytes,
                    detail: format!(
                        "it is cut short: {} of {} bytes are there",
                        before.bytes, header.predecessor_length
                    ),
                });
            }
            Some(_) => {}
        }
        survey.found.push(Found { header, header_checksum, file, bytes: length });
    }
    Ok(survey)
}

impl Survey {
    /// Identity of the store; `None` if there is no segment.
    pub(crate) fn store(&self) -> Option<StoreId> {
        self.found.first().map(|found| found.header.store)
    }

    /// The end of the segment at `place` as its successor's header tells it.
    pub(crate) fn end(&self, place: usize) -> Option<ChainPoint> {
        let next = self.found.get(place + 1)?.header;
        Some(ChainPoint {
            offset: next.predecessor_length,
            checksum: next.predecessor_checksum,
            next: next.first_position,
            clock: next.clock,
        })
    }
}

/// What opens as sealed: every segment with a successor, and the newest one if it was sealed at close.
///
/// `rebuild` tells whether a missing or unusable index is rebuilt and written, or only rebuilt in memory.
pub(crate) fn seal_found(
    disk: &dyn Disk,
    survey: &Survey,
    files: &Files,
    persist: bool,
    report: &mut OpenReport,
) -> Result<Vec<Arc<Sealed>>, StoreError> {
    let mut sealed: Vec<Arc<Sealed>> = Vec::with_capacity(survey.found.len());
    for (place, found) in survey.found.iter().enumerate() {
        let number = found.header.number;
        let indexed = files.indexes.binary_search(&number).is_ok();
        let before = sealed.last().map(|before| &**before);
        let next = match survey.end(place) {
            Some(end) => {
                match indexed.then(|| Sealed::open(disk, &found.header, Some(end), before)).transpose()?.flatten() {
                    Some(opened) => opened,
                    None => {
                        report.rebuilt.push(number);
                        if persist {
                            Sealed::seal(disk, &found.header, end, before)?
                        } else {
                            Sealed::seal_in_memory(disk, &found.header, end, before)?
                        }
                    }
                }
            }
            // The newest segment: sealed only if its index covers the whole file.
            None if indexed => match Sealed::open(disk, &found.header, None, before)? {
                Some(opened) if u64::from(opened.end().offset) == found.bytes => opened,
                _ => break,
            },
            None => break,
        };
        sealed.push(Arc::new(next));
    }
    Ok(sealed)
}

/// An unsealed segment, read.
pub(crate) struct Loaded {
    pub active: Arc<Active>,
    pub interner: Interner,
    pub tail: Tail,
}

/// Reads an unsealed segment from its file and indexes its commits. Changes nothing on disk.
///
/// # Errors
/// [`StoreError::Corrupt`] if acknowledged data is damaged.
pub(crate) fn load(disk: &dyn Disk, found: &Found) -> Result<Loaded, StoreError> {
    let header = found.header;
    let bytes = files::read(disk, &FileName::Segment(header.number), &*found.file, 0, u64::from(u32::MAX))?;
    let active = Active::new(header, Arc::clone(&found.file));
    let mut interner = Interner::default();
    let start = ChainPoint::start(&header, found.header_checksum);
    let tail = tail::scan(&bytes, 0, header.number, header.salt, start, 0, |point, frame| {
        active.learn(&mut interner, point, frame)
    });
    if let Ending::Damaged { durable_to } = tail.ending {
        return Err(damaged(header.number, tail.end, durable_to));
    }
    Ok(Loaded { active: Arc::new(active), interner, tail })
}

/// The error for acknowledged data that is damaged.
pub(crate) fn damaged(segment: u64, at: ChainPoint, durable_to: u32) -> StoreError {
    let last = Position::new(at.next.get().saturating_sub(1));
    StoreError::Corrupt {
        segment,
        offset: u64::from(at.offset),
        detail: format!(
            "the file was synced up to byte {durable_to}, but the commit after position {last} does not check"
        ),
    }
}

/// Zeroes what no commit promised and makes that durable; idempotent, so a crash in it does no harm.
pub(crate) fn cut_tail(disk: &dyn Disk, found: &Found, tail: &Tail, report: &mut OpenReport) -> Result<(), StoreError> {
    let Ending::Torn { until } = tail.ending else { return Ok(()) };
    if planted(Bug::TailKept) {
        return Ok(());
    }
    let path = files::path(disk, &FileName::Segment(found.header.number));
    files::act(&path, "cut", || {
        crate::writer::write_zeros(&*found.file, u64::from(tail.end.offset), u64::from(until))
    })?;
    files::act(&path, "sync", || found.file.sync_all())?;
    report.cut.push(Cut {
        segment: found.header.number,
        offset: u64::from(tail.end.offset),
        bytes: u64::from(until - tail.end.offset),
        reason: "a commit that was never acknowledged".to_owned(),
    });
    Ok(())
}
