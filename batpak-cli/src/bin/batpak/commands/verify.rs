//! `batpak verify`: is every byte as it was written?

use std::path::Path;

use batpak::store::{FindingClass, VerifyReport};
use clap::Args;
use serde::Serialize;

use crate::exit::{CliError, Exit};
use crate::render::number::{bytes, counted};
use crate::render::{Column, GREEN, Out, RED, Table, note};

const COLUMNS: &[Column] = &[("segment", true), ("byte", true), ("position", true), ("what", false), ("detail", false)];

/// Checks every byte: checksums, hashes, order, and the index against the log. Changes nothing; works beside a writer.
#[derive(Debug, Args)]
pub struct Verify {}

/// What is wrong, as one JSON object each.
#[derive(Serialize)]
struct FindingObject<'a> {
    finding: FindingClass,
    segment: u64,
    offset: u64,
    position: Option<u64>,
    detail: &'a str,
}

/// The last object: what was looked at.
#[derive(Serialize)]
struct Summary {
    clean: bool,
    findings: usize,
    events: u64,
    commits: u64,
    segments: u64,
    indexes: u64,
    bytes: u64,
    torn_bytes: u64,
    root: String,
}

impl Verify {
    /// Checks the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let report = batpak::store::verify(dir)?;
        show(&report, out)?;
        let Some(worst) = worst(&report) else { return Ok(()) };
        let wrong = counted(report.findings.len() as u64, "finding");
        Err(match worst {
            Exit::Corrupt => {
                CliError::new(Exit::Corrupt, format!("the log in `{}` is damaged: {wrong}", dir.display())).help(
                    "restore a copy, or cut the damage out with `batpak repair`; it keeps what it cuts in a side file",
                )
            }
            exit => CliError::new(
                exit,
                format!("the log in `{}` is whole, but what is derived from it is not: {wrong}", dir.display()),
            )
            .help("`batpak repair` removes it; it is made anew from the log"),
        })
    }
}

/// Shows the findings and what was looked at.
pub fn show(report: &VerifyReport, out: &mut Out) -> Result<(), CliError> {
    if report.torn_bytes > 0 {
        note::note(format_args!(
            "{} after the last commit are a crashed writer's; the next writer cuts them",
            bytes(report.torn_bytes)
        ));
    }
    if out.json() {
        for finding in &report.findings {
            let position = finding.position.map(batpak::Position::get);
            let (segment, offset, detail) = (finding.segment, finding.offset, finding.detail.as_str());
            out.object(&FindingObject { finding: finding.class, segment, offset, position, detail })?;
        }
        return out.object(&Summary {
            clean: report.is_clean(),
            findings: report.findings.len(),
            events: report.events,
            commits: report.commits,
            segments: report.segments,
            indexes: report.indexes,
            bytes: report.bytes,
            torn_bytes: report.torn_bytes,
            root: report.root.to_string(),
        });
    }
    if !report.is_clean() {
        let mut table = Table::new(COLUMNS);
        for finding in &report.findings {
            let position = finding.position.map(|position| position.to_string()).unwrap_or_default();
            let class = format!("{:?}", finding.class).to_lowercase();
            table.row(
                out,
                vec![finding.segment.to_string(), finding.offset.to_string(), position, class, finding.detail.clone()],
            )?;
        }
        table.finish(out)?;
    }
    let verdict = if report.is_clean() { out.styled(GREEN, "clean") } else { out.styled(RED, "damaged") };
    let (events, commits) = (counted(report.events, "event"), counted(report.commits, "commit"));
    let (segments, indexes) = (counted(report.segments, "segment"), counted(report.indexes, "index file"));
    out.line(format_args!(
        "{verdict}: {events} in {commits}, {segments} ({}), {indexes} against the log",
        bytes(report.bytes)
    ))?;
    out.line(format_args!("root {}", report.root))
}

/// How bad it is: damage to the log is corruption, all else can be made anew.
fn worst(report: &VerifyReport) -> Option<Exit> {
    let derived = |class: FindingClass| class == FindingClass::Index;
    if report.is_clean() {
        None
    } else if report.findings.iter().all(|finding| derived(finding.class)) {
        Some(Exit::Finding)
    } else {
        Some(Exit::Corrupt)
    }
}
