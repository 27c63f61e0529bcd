//! `batpak repair`: the explicit choice to go on without what is damaged.

use std::path::Path;

use batpak::store::{Cut, OpenReport};
use batpak::{Error, Journal, Options};
use clap::Args;
use serde::Serialize;

use crate::exit::CliError;
use crate::render::Out;
use crate::render::number::{bytes, counted};

/// Cuts the log before the first damage, after copying what it cuts to side files, and rebuilds what can be derived.
#[derive(Debug, Args)]
pub struct Repair {}

#[derive(Serialize)]
struct Object<'a> {
    findings: usize,
    cut: &'a [Cut],
    side_files: &'a [String],
    indexes_removed: &'a [u64],
    tail_cut: &'a [Cut],
    indexes_rebuilt: &'a [u64],
    events: u64,
}

impl Repair {
    /// Repairs the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let report = batpak::store::repair(dir)?;
        // A whole log: opening it for writing cuts a torn tail and makes derived files anew.
        let (opened, events) = match Journal::open_with(dir, Options::new().create(false)) {
            Ok(journal) => {
                let found = (journal.store().opened().clone(), journal.position().get());
                journal.close()?;
                found
            }
            // The damage began with the first byte.
            Err(Error::NotFound { .. }) => (OpenReport::default(), 0),
            Err(error) => return Err(error.into()),
        };
        if out.json() {
            return out.object(&Object {
                findings: report.before.findings.len(),
                cut: &report.cut,
                side_files: &report.side_files,
                indexes_removed: &report.indexes_removed,
                tail_cut: &opened.cut,
                indexes_rebuilt: &opened.rebuilt,
                events,
            });
        }
        for (cut, side) in report.cut.iter().zip(&report.side_files) {
            out.line(format_args!(
                "cut {} at byte {} of segment {}: {}; kept in `{}`",
                bytes(cut.bytes),
                cut.offset,
                cut.segment,
                cut.reason,
                dir.join(side).display()
            ))?;
        }
        for cut in &opened.cut {
            out.line(format_args!(
                "cut {} at byte {} of segment {}: {}",
                bytes(cut.bytes),
                cut.offset,
                cut.segment,
                cut.reason
            ))?;
        }
        if !opened.rebuilt.is_empty() {
            out.line(format_args!("rebuilt {} from the log", counted(opened.rebuilt.len() as u64, "index file")))?;
        }
        if report.before.is_clean() && is_quiet(&opened) {
            return out.line(format_args!("nothing to repair: {} check", counted(events, "event")));
        }
        out.line(format_args!("the log has {} now; `batpak verify` checks them", counted(events, "event")))
    }
}

fn is_quiet(report: &OpenReport) -> bool {
    report.cut.is_empty() && report.rebuilt.is_empty()
}
