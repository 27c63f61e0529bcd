//! `batpak demo`: what batpak does, shown on real data in a temporary folder.

mod crash;
mod sample;

use std::path::Path;
use std::time::{Duration, Instant};

use batpak::{Coordinate, Draft, Error, Expected, Journal, JournalReader, Kind, Read, Revision};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::{CliError, Exit};
use crate::render::number::{bytes, counted, duration, grouped, rate};
use crate::render::{DIM, Out, STRONG, event};

/// The application that is looked at more closely.
const CASE: &str = "173688";

/// Shows what batpak does, on real data in a temporary folder.
#[derive(Debug, Args)]
pub struct Demo {}

/// One step of the demonstration, as one JSON object.
#[derive(Serialize)]
struct Step<'a> {
    step: &'static str,
    text: &'a str,
    #[serde(flatten)]
    numbers: Value,
}

impl Demo {
    /// Runs all steps; removes the folder again.
    pub fn run(self, out: &mut Out) -> Result<(), CliError> {
        let started = Instant::now();
        let failed = |error: std::io::Error| {
            CliError::new(Exit::Io, format!("cannot make a temporary folder: {error}"))
                .help("set TMPDIR to a folder that this user may write to")
        };
        let temporary = tempfile::Builder::new().prefix("batpak-demo-").tempdir().map_err(failed)?;
        let file = sample::write(temporary.path()).map_err(failed)?;
        let dir = temporary.path().join("store");
        if !out.json() {
            out.line(format_args!("batpak keeps events in a folder: {}\n", dir.display()))?;
            out.flush()?;
        }
        let sample_events = import(&dir, &file, out)?;
        read(&dir, out)?;
        conflict(&dir, out)?;
        crash(&dir, &file, sample_events, out)?;
        verify(&dir, out)?;
        let took = started.elapsed();
        let text = format!("All of it took {}. The folder is removed again.", duration(took));
        step(out, "done", &text, json!({ "seconds": took.as_secs_f64() }))?;
        if !out.json() {
            out.line("Next: `batpak import FILE --entity /POINTER --kind /POINTER` with lines of JSON of your own, then `batpak read`; `batpak --help` lists the rest.")?;
        }
        Ok(())
    }
}

/// Tells what happened.
fn step(out: &mut Out, name: &'static str, text: &str, numbers: Value) -> Result<(), CliError> {
    if out.json() {
        out.object(&Step { step: name, text, numbers })?;
    } else {
        let name = out.styled(STRONG, format_args!("{name:<9}"));
        let mut lines = text.lines();
        out.line(format_args!("{name} {}", lines.next().unwrap_or_default()))?;
        for line in lines {
            out.line(format_args!("          {line}"))?;
        }
        out.line("")?;
    }
    out.flush()
}

fn import(dir: &Path, file: &Path, out: &mut Out) -> Result<u64, CliError> {
    let summary = sample::import(file, "loans", 1000)?.load(dir, &mut |_| Ok(()))?;
    let journal = JournalReader::open(dir)?;
    let streams = journal.reader().stats()?.streams;
    let time = Duration::from_secs_f64(summary.seconds);
    let text = format!(
        "{} of {} loan applications at a Dutch bank went in, in {} ({} a second).\n\
         They went in batches of 1,000: a batch is written as a whole or not at all,\n\
         and each was safe on disk before the next one was begun.",
        counted(summary.imported, "event"),
        grouped(streams),
        duration(time),
        grouped(rate(summary.imported, time)),
    );
    step(out, "import", &text, json!({ "events": summary.imported, "streams": streams, "seconds": summary.seconds }))?;
    Ok(summary.imported)
}

fn read(dir: &Path, out: &mut Out) -> Result<(), CliError> {
    let journal = JournalReader::open(dir)?;
    let started = Instant::now();
    let approved = journal.read("scope(loans) & kind(A_APPROVED)")?.total()?;
    let took = started.elapsed();
    let stream = Coordinate::new("loans", CASE).map_err(Error::from)?;
    let revision = journal.view().revision(&stream)?;
    let text = format!(
        "{approved} applications were approved: `scope(loans) & kind(A_APPROVED)`, told by the index in {}.\n\
         Application {CASE} has {}; the last three are:",
        duration(took),
        counted(revision.get(), "event"),
    );
    step(out, "read", &text, json!({ "approved": approved, "entity": CASE, "revision": revision }))?;
    if out.json() {
        return Ok(());
    }
    let last = revision.get().saturating_sub(3);
    let mut scan = journal.view().read(Read::stream(&stream));
    while let Some(found) = scan.next_ref() {
        let found = found?;
        if found.revision().get() > last {
            event::line(out, &found)?;
        }
    }
    out.line("")
}

/// Two clerks look at the same application, and both write.
fn conflict(dir: &Path, out: &mut Out) -> Result<(), CliError> {
    let journal = Journal::open(dir)?;
    let stream = Coordinate::new("loans", CASE).map_err(Error::from)?;
    let seen = journal.revision(&stream)?;
    let note = |clerk: &str, at: Revision| -> Result<Draft<'static>, Error> {
        let payload = json!({ "clerk": clerk, "text": "called the applicant" });
        Ok(Draft::json(stream.clone(), Kind::new("note.added")?, &payload)?.expect(Expected::Exact(at)))
    };
    journal.append(note("Ann", seen)?)?;
    let found = match journal.append(note("Bob", seen)?) {
        Err(Error::ExpectedRevision { actual, .. }) => actual,
        Err(other) => return Err(other.into()),
        Ok(_) => {
            return Err(CliError::new(
                Exit::Finding,
                "an append with an outdated expectation went in; this is a defect of batpak",
            )
            .help("please report it"));
        }
    };
    journal.append(note("Bob", found)?)?;
    let now = journal.revision(&stream)?;
    journal.close()?;
    let text = format!(
        "Ann and Bob both saw application {CASE} at revision {seen}, and both added a note to what they saw.\n\
         Ann's went in. Bob's was refused, as the stream was at revision {found} by then; nothing of it was written.\n\
         He read again, and appended at revision {found}. Now the stream is at {now}.",
    );
    step(out, "conflict", &text, json!({ "expected": seen, "found": found, "revision": now }))
}

/// A process is killed in the middle of an import.
fn crash(dir: &Path, file: &Path, sample_events: u64, out: &mut Out) -> Result<(), CliError> {
    let killed = crash::import_and_kill(dir, sample_events)?;
    let started = Instant::now();
    let journal = Journal::open(dir)?;
    let took = started.elapsed();
    let cut: u64 = journal.store().opened().cut.iter().map(|cut| cut.bytes).sum();
    let kept = journal.read("scope(again)")?.total()?;
    let missing = killed.positions.iter().filter(|position| !matches!(journal.at(**position), Ok(Some(_)))).count();
    journal.close()?;
    if missing > 0 || kept < killed.acknowledged {
        return Err(CliError::new(
            Exit::Corrupt,
            format!("{missing} acknowledged batches are gone; this is a defect of batpak or of this disk"),
        )
        .help("`batpak doctor` looks at the disk"));
    }
    let summary = sample::import(file, "again", crash::BATCH_EVENTS)?.load(dir, &mut |_| Ok(()))?;
    let journal = JournalReader::open(dir)?;
    let total = journal.read("scope(again)")?.total()?;
    if total != sample_events {
        return Err(CliError::new(
            Exit::Corrupt,
            format!("{total} events instead of {sample_events}; this is a defect of batpak"),
        )
        .help("please report it"));
    }
    let cut_text = if cut == 0 {
        "the kill tore no commit".to_owned()
    } else {
        format!("{} of an unfinished commit were cut", bytes(cut))
    };
    let text = format!(
        "Another process imported the same data once more, and was killed (SIGKILL) in the middle,\n\
         after it had acknowledged {}. Opened again in {}: {kept} events of it are there,\n\
         so no acknowledged one is lost, and no batch is there in part; {cut_text}.\n\
         The same import, begun again, found {} of them there and added the other {}: {} in all, none twice.",
        counted(killed.acknowledged, "event"),
        duration(took),
        grouped(summary.present),
        grouped(summary.imported),
        grouped(total),
        kept = grouped(kept),
    );
    let numbers = json!({
        "acknowledged": killed.acknowledged, "kept": kept, "cut_bytes": cut, "open_seconds": took.as_secs_f64(),
        "present": summary.present, "imported": summary.imported, "total": total,
    });
    step(out, "crash", &text, numbers)
}

fn verify(dir: &Path, out: &mut Out) -> Result<(), CliError> {
    let started = Instant::now();
    let report = batpak::store::verify(dir)?;
    let took = started.elapsed();
    if !report.is_clean() {
        super::verify::show(&report, out)?;
        return Err(CliError::new(Exit::Corrupt, "the log does not check; this is a defect of batpak or of this disk")
            .help("please report it"));
    }
    let text = format!(
        "Every byte of the log was checked in {}: {} in {}, {}.\n\
         One hash stands for all of it, in this order: {}",
        duration(took),
        counted(report.events, "event"),
        counted(report.commits, "commit"),
        bytes(report.bytes),
        out.styled(DIM, report.root),
    );
    step(
        out,
        "verify",
        &text,
        json!({ "events": report.events, "commits": report.commits, "bytes": report.bytes, "root": report.root.to_string() }),
    )
}
