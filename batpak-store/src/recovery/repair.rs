//! The explicit choice to go on without damaged data: cuts the log before the damage, and keeps what was cut in side files.

use std::path::Path;

use serde::Serialize;

use crate::disk::{Access, Disk, FileName, LockError, RealDisk, write_all_at};
use crate::error::StoreError;
use crate::format::header::HEADER_BYTES;

use super::files::{self, Files};
use super::report::Cut;
use super::verify::{FindingClass, VerifyReport, verify_on};

/// What repair did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RepairReport {
    /// What was wrong.
    pub before: VerifyReport,
    /// What was cut out of the log, each kept whole in a side file.
    pub cut: Vec<Cut>,
    /// The side files, `%016x.cut`, in the store's folder.
    pub side_files: Vec<String>,
    /// Index files that were removed because they did not match the log; opening for writing makes them anew.
    pub indexes_removed: Vec<u64>,
}

/// Cuts the log of the store at `path` before the first damage, so that it opens again. Everything after the damage leaves the log:
/// positions are dense and each commit vouches for the one before it, so nothing behind a gap can stay. What is cut is copied to side
/// files, and synced, first.
///
/// Nothing is changed if nothing is wrong. Indexes that do not match the log are removed, to be rebuilt.
///
/// # Errors
/// [`StoreError::AlreadyOpen`] while a writer is at work; [`StoreError::NotFound`]; I/O, also if a side file of that name exists
/// already: move it away first.
pub fn repair(path: impl AsRef<Path>) -> Result<RepairReport, StoreError> {
    let path = path.as_ref();
    repair_on(&RealDisk::existing(path).map_err(|error| files::folder(path, error))?)
}

/// Repairs the store on any disk; see [`repair`].
///
/// # Errors
/// As for [`repair`].
pub fn repair_on(disk: &dyn Disk) -> Result<RepairReport, StoreError> {
    let _held = disk.lock().map_err(|error| match error {
        LockError::Held { holder } => StoreError::AlreadyOpen { path: disk.location().to_owned(), holder },
        LockError::Io(source) => StoreError::Io { action: "lock", path: disk.location().to_owned(), source },
    })?;
    let before = verify_on(disk)?;
    let mut report = RepairReport { before, cut: Vec::new(), side_files: Vec::new(), indexes_removed: Vec::new() };
    let files = Files::list(disk)?;
    let damage = report
        .before
        .findings
        .iter()
        .find(|finding| finding.class != FindingClass::Index)
        .map(|finding| (finding.segment, finding.offset));
    let stale: Vec<u64> = report
        .before
        .findings
        .iter()
        .filter(|finding| finding.class == FindingClass::Index)
        .map(|finding| finding.segment)
        .collect();
    for number in files
        .indexes
        .iter()
        .filter(|number| stale.contains(number) || damage.is_some_and(|(segment, _)| **number >= segment))
    {
        let name = FileName::Index(*number);
        files::act(&files::path(disk, &name), "remove", || disk.remove(&name))?;
        report.indexes_removed.push(*number);
    }
    if let Some((segment, offset)) = damage {
        cut_from(disk, &files, segment, offset, &mut report)?;
    }
    files::act(disk.location(), "sync", || disk.sync_directory())?;
    Ok(report)
}

/// Copies everything from `offset` of `segment` on to side files, then cuts it: newest segment first, so that a crash in between
/// leaves a log that ends earlier, never one with a gap.
fn cut_from(
    disk: &dyn Disk,
    files: &Files,
    segment: u64,
    offset: u64,
    report: &mut RepairReport,
) -> Result<(), StoreError> {
    let cut: Vec<(u64, u64)> = files
        .segments
        .iter()
        .filter(|number| **number >= segment)
        .map(|number| (*number, if *number == segment && offset >= u64::from(HEADER_BYTES) { offset } else { 0 }))
        .collect();
    for (number, from) in &cut {
        let name = FileName::Side(*number);
        let source = files::open(disk, &FileName::Segment(*number), Access::Read)?;
        let bytes = files::read(disk, &FileName::Segment(*number), &*source, *from, u64::MAX)?;
        let kept = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        files::act(&files::path(disk, &name), "create the side file", || {
            let side = disk.create(&name)?;
            write_all_at(&*side, 0, bytes.get(..kept).unwrap_or_default())?;
            side.sync_all()
        })?;
        report.side_files.push(name.to_string());
        report.cut.push(Cut {
            segment: *number,
            offset: *from,
            bytes: kept as u64,
            reason: "it is damaged, or follows damage".to_owned(),
        });
    }
    files::act(disk.location(), "sync", || disk.sync_directory())?;
    for (number, from) in cut.iter().rev() {
        let name = FileName::Segment(*number);
        let path = files::path(disk, &name);
        if *from == 0 {
            files::act(&path, "remove", || disk.remove(&name))?;
            files::act(disk.location(), "sync", || disk.sync_directory())?;
        } else {
            let file = files::open(disk, &name, Access::Write)?;
            files::act(&path, "cut", || file.set_len(*from).and_then(|()| file.sync_all()))?;
        }
    }
    Ok(())
}
