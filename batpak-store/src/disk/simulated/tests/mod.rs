//! Every fault happens, and does what it says.

mod calls;
mod deaths;
mod names;
mod runs;
mod synced;

use std::collections::BTreeSet;
use std::io::ErrorKind;

use super::*;
use crate::disk::{Access, Disk, DiskFile, Listed, LockError, read_full_at, write_all_at};

const NAME: FileName = FileName::Segment(1);
const OTHER: FileName = FileName::Segment(2);

/// A disk on which a power cut keeps this share of what was not synced, whole.
fn keeping(kept: u16) -> Faults {
    Faults { kept: Some(kept), torn_sectors: 0, garbage: 0, ..Faults::none() }
}

/// A durable file of four sectors of `1`.
fn durable(disk: &SimulatedDisk) -> Box<dyn DiskFile> {
    let file = disk.create(&NAME).unwrap();
    write_all_at(&*file, 0, &[1; 2_048]).unwrap();
    file.sync_data().unwrap();
    disk.sync_directory().unwrap();
    file
}

fn cut(disk: &SimulatedDisk) -> SimulatedDisk {
    disk.power_cut();
    disk.restart()
}
