//! The check of a whole folder: every checksum, record and hash of the log, and every index against the log.

use crate::sync::Arc;
use std::collections::HashMap;
use std::path::Path;

use batpak_core::codec::{Dictionary, RecordRef};
use batpak_core::event::Place;
use batpak_core::{EventRef, Hash, Hlc, Position, Tree};
use serde::Serialize;

use crate::disk::{Access, Disk, FileName, RealDisk};
use crate::error::StoreError;
use crate::format::frame::Frame;
use crate::segment::Sealed;

use super::files::{self, Files};
use super::open::{self, Found};
use super::tail::{self, ChainPoint, Ending};

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FindingClass {
    /// A segment is missing, foreign, or its header is damaged.
    Header,
    /// A commit does not match its checksum, or acknowledged data is missing.
    Checksum,
    /// A record decodes to something that breaks the data model: names, revisions, times.
    Record,
    /// An index does not match the log. The log is what counts; opening for writing rebuilds the index.
    Index,
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Number of the segment.
    pub segment: u64,
    /// Byte offset in its log file, 0 if the whole file is meant.
    pub offset: u64,
    /// Position of the event concerned, if there is one.
    pub position: Option<Position>,
    /// What kind of thing.
    pub class: FindingClass,
    /// What exactly.
    pub detail: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Events that check.
    pub events: u64,
    /// Commits that check.
    pub commits: u64,
    /// Segments looked at.
    pub segments: u64,
    /// Bytes of log looked at.
    pub bytes: u64,
    /// Indexes compared with the log.
    pub indexes: u64,
    /// Merkle root over the events that check; it is the log's root if nothing was found.
    pub root: Hash,
    /// Bytes after the last commit that nothing promised: a crashed writer's, which opening for writing cuts.
    pub torn_bytes: u64,
    /// What is wrong; empty if all is well.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Checks the store at `path`. Changes nothing, needs no lock, and works beside a writer.
///
/// Cost: reads the whole log and all indexes once; memory for one segment and one entry a stream.
///
/// # Errors
/// [`StoreError::NotFound`], I/O. Damage is not an error here but a finding.
pub fn verify(path: impl AsRef<Path>) -> Result<VerifyReport, StoreError> {
    let path = path.as_ref();
    verify_on(&RealDisk::existing(path).map_err(|error| files::folder(path, error))?)
}

/// Checks the store on any disk; see [`verify`].
///
/// # Errors
/// As for [`verify`].
pub fn verify_on(disk: &dyn Disk) -> Result<VerifyReport, StoreError> {
    let files = Files::list(disk)?;
    let mut check = Check::default();
    let survey = match open::survey(disk, &files, Access::Read) {
        Ok(survey) => survey,
        Err(StoreError::Corrupt { segment, offset, detail }) => {
            check.find(segment, offset, None, FindingClass::Header, detail);
            return Ok(check.report(files.segments.len()));
        }
        Err(other) => return Err(other),
    };
    if survey.found.is_empty() && survey.stub.is_none() {
        return Err(StoreError::NotFound { path: disk.location().to_owned() });
    }
    check.torn_bytes += survey.stub.map_or(0, |(_, bytes)| bytes);
    let mut before: Option<Arc<Sealed>> = None;
    for (place, found) in survey.found.iter().enumerate() {
        let end = survey.end(place);
        let whole = check.segment(disk, found, end)?;
        if !whole {
            break;
        }
        let number = found.header.number;
        if files.indexes.binary_search(&number).is_ok() {
            before = check.index(disk, found, end, before.as_deref())?;
        } else if let Some(end) = end {
            before = Sealed::seal_in_memory(disk, &found.header, end, before.as_deref()).map(Arc::new).ok();
        }
    }
    Ok(check.report(survey.found.len()))
}

/// A check under way.
#[derive(Default)]
struct Check {
    tree: Tree,
    commits: u64,
    bytes: u64,
    indexes: u64,
    torn_bytes: u64,
    findings: Vec<Finding>,
    streams: HashMap<(String, String), u64>,
    clock: Hlc,
    scratch: Vec<u8>,
}

impl Check {
    fn find(&mut self, segment: u64, offset: u64, position: Option<Position>, class: FindingClass, detail: String) {
        self.findings.push(Finding { segment, offset, position, class, detail });
    }

    fn report(self, segments: usize) -> VerifyReport {
        VerifyReport {
            events: self.tree.size(),
            commits: self.commits,
            segments: segments as u64,
            bytes: self.bytes,
            indexes: self.indexes,
            root: self.tree.root(),
            torn_bytes: self.torn_bytes,
            findings: self.findings,
        }
    }

    /// Checks one segment's log; false if what follows cannot be judged any more.
    fn segment(&mut self, disk: &dyn Disk, found: &Found, end: Option<ChainPoint>) -> Result<bool, StoreError> {
        let header = found.header;
        let wanted = end.map_or(u64::from(u32::MAX), |end| u64::from(end.offset));
        let bytes = files::read(disk, &FileName::Segment(header.number), &*found.file, 0, wanted)?;
        let start = ChainPoint::start(&header, found.header_checksum);
        let promised = end.map_or(0, |end| end.offset);
        let mut names = Dictionary::new();
        let tail = tail::scan(&bytes, 0, header.number, header.salt, start, promised, |point, frame| {
            self.commit(header.number, point, frame, &mut names)
        });
        self.bytes += u64::from(tail.end.offset);
        match (tail.ending, end) {
            (Ending::Damaged { durable_to }, _) => {
                let offset = u64::from(tail.end.offset);
                let detail =
                    format!("the commit here does not check, although the file was synced up to byte {durable_to}");
                self.find(header.number, offset, Some(tail.end.next), FindingClass::Checksum, detail);
                return Ok(false);
            }
            (_, Some(end))
                if tail.end.offset != end.offset || tail.end.checksum != end.checksum || tail.end.next != end.next =>
            {
                let detail = format!("the segment ends at byte {} instead of {}", tail.end.offset, end.offset);
                self.find(
                    header.number,
                    u64::from(tail.end.offset),
                    Some(tail.end.next),
                    FindingClass::Checksum,
                    detail,
                );
                return Ok(false);
            }
            (Ending::Torn { until }, None) => self.torn_bytes += u64::from(until - tail.end.offset),
            _ => {}
        }
        Ok(true)
    }

    /// Checks the records of one commit; false if they do not decode.
    fn commit(&mut self, segment: u64, point: ChainPoint, frame: &Frame<'_>, names: &mut Dictionary) -> bool {
        let mut rest = frame.records;
        for index in 0..frame.header.events {
            let Ok((record, used)) = RecordRef::parse(rest) else { return false };
            names.learn(&record);
            let place = Place {
                position: Position::new(self.tree.size() + 1),
                recorded_at: frame.meta.recorded_at,
                batch_index: index,
                batch_count: frame.header.events,
                key: frame.meta.key.map(|(digest, _)| digest),
            };
            match EventRef::new(record, names, place) {
                Ok(event) => {
                    self.order(segment, u64::from(point.offset), &event);
                    self.tree.push(event.leaf_hash(&mut self.scratch));
                }
                Err(_) => return false,
            }
            rest = rest.get(used..).unwrap_or_default();
        }
        if frame.header.events > 0 {
            self.commits += 1;
            self.clock = self.clock.max(frame.meta.recorded_at);
        }
        rest.is_empty()
    }

    /// Checks that revisions are dense and that recorded time never goes backwards; a finding names the commit, which stays or goes whole.
    fn order(&mut self, segment: u64, offset: u64, event: &EventRef<'_>) {
        let revision = self.streams.entry((event.scope().to_owned(), event.entity().to_owned())).or_default();
        *revision += 1;
        let expected = *revision;
        if event.revision().get() != expected {
            let detail = format!(
                "`{}/{}` goes to revision {} instead of {expected}",
                event.scope(),
                event.entity(),
                event.revision()
            );
            self.find(segment, offset, Some(event.position()), FindingClass::Record, detail);
        }
        if event.recorded_at() < self.clock {
            self.find(
                segment,
                offset,
                Some(event.position()),
                FindingClass::Record,
                "recorded time goes backwards".to_owned(),
            );
        }
    }

    /// Compares an index file with one made anew from the log; returns what later segments build on.
    fn index(
        &mut self,
        disk: &dyn Disk,
        found: &Found,
        end: Option<ChainPoint>,
        before: Option<&Sealed>,
    ) -> Result<Option<Arc<Sealed>>, StoreError> {
        let number = found.header.number;
        let opened = match Sealed::open(disk, &found.header, end, before)? {
            Some(opened) => opened,
            None => {
                // A sealed segment's index that does not fit is worth a word; a newest segment's is replaced when it is sealed.
                if end.is_some() {
                    self.find(
                        number,
                        0,
                        None,
                        FindingClass::Index,
                        "its index is damaged or stale; opening for writing rebuilds it".to_owned(),
                    );
                }
                return Ok(
                    end.and_then(|end| Sealed::seal_in_memory(disk, &found.header, end, before).map(Arc::new).ok())
                );
            }
        };
        if end.is_none() && u64::from(opened.end().offset) != found.bytes {
            return Ok(None);
        }
        self.indexes += 1;
        if let Err(detail) = opened.check(disk) {
            self.find(number, 0, None, FindingClass::Index, detail);
        }
        Ok(Some(Arc::new(opened)))
    }
}
