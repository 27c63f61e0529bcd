//! Opening a store for reading, also one that a crashed writer left behind.

use std::path::Path;

use batpak::JournalReader;
use batpak::store::OpenReport;
use batpak::store::disk::RealDisk;

use crate::exit::CliError;
use crate::render::note;
use crate::render::number::{bytes, counted};

/// Opens the store in the folder for reading. Creates and changes nothing, also beside a writer.
///
/// What a crashed writer left at the end is shown once a sync proves that the disk has it.
pub fn for_reading(dir: &Path) -> Result<JournalReader, CliError> {
    let reader = JournalReader::open(dir)?;
    if let Some(unproven) = reader.reader().unproven()
        && !has_writer(dir)
    {
        let events = counted(unproven.events, "event");
        note::warning(format_args!("{events} at the end are not shown: this disk does not prove that it has them"));
    }
    Ok(reader)
}

fn has_writer(dir: &Path) -> bool {
    RealDisk::existing(dir).and_then(|disk| disk.writer()).is_ok_and(|writer| writer.is_some())
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
