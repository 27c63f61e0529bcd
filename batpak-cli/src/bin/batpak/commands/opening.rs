//! Opening a store for reading, also one that a crashed writer left behind.

use std::path::Path;

use batpak::store::OpenReport;
use batpak::store::disk::RealDisk;
use batpak::{Journal, JournalReader, Options};

use crate::exit::CliError;
use crate::render::note;
use crate::render::number::{bytes, counted};

/// Opens the store in the folder for reading. Creates nothing, and leaves a store alone that somebody writes to.
///
/// A writer that crashed may have left commits that are on disk, but that nobody vouches for until the tail is synced
/// once more. That is what opening for writing does, so it is done here, if this user may write and nobody else does.
pub fn for_reading(dir: &Path) -> Result<JournalReader, CliError> {
    let reader = JournalReader::open(dir)?;
    let Some(unproven) = reader.reader().unproven().filter(|unproven| unproven.events > 0) else { return Ok(reader) };
    if has_writer(dir) {
        // It is at work: what it has not vouched for yet, it will in a moment.
        return Ok(reader);
    }
    if recover(dir).is_ok() {
        return Ok(JournalReader::open(dir)?);
    }
    let events = counted(unproven.events, "event");
    note::warning(format_args!(
        "{events} at the end are not shown: a crashed writer left them unproven; opening the store for writing recovers them"
    ));
    Ok(reader)
}

fn has_writer(dir: &Path) -> bool {
    RealDisk::existing(dir).and_then(|disk| disk.writer()).is_ok_and(|writer| writer.is_some())
}

fn recover(dir: &Path) -> Result<(), CliError> {
    let journal = Journal::open_with(dir, Options::new().create(false))?;
    note::note("the last writer did not close the store; its tail is recovered");
    cuts(journal.store().opened());
    Ok(journal.close()?)
}

/// Says what opening for writing cut.
pub fn cuts(report: &OpenReport) {
    for cut in &report.cut {
        note::warning(format_args!(
            "cut {} at byte {} of segment {}: {}",
            bytes(cut.bytes),
            cut.offset,
            cut.segment,
            cut.reason
        ));
    }
}

/// Says what opening for writing found and did, if it is worth a word.
pub fn opened(report: &OpenReport) {
    cuts(report);
    if !report.rebuilt.is_empty() {
        note::note(format_args!("rebuilt {} from the log", counted(report.rebuilt.len() as u64, "index file")));
    }
    if let Some(behind) = report.clock_behind_us {
        note::warning(format_args!(
            "the clock is {} s behind the newest event; recorded times go on from that event",
            behind / 1_000_000
        ));
    }
}
