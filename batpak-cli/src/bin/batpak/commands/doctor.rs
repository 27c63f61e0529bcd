//! `batpak doctor`: a look at the folder, its lock, its disk and its versions.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use batpak::store::disk::{Disk, Listed, RealDisk};
use batpak::{Error, JournalReader};
use clap::Args;
use serde::Serialize;

use crate::exit::{CliError, Exit};
use crate::render::number::{bytes, counted, duration};
use crate::render::{GREEN, Out, STRONG, YELLOW};

/// Syncs of which the median is told.
const SYNCS: usize = 15;
/// Bytes before each sync, as a small commit has.
const SYNC_BYTES: usize = 512;
/// Free bytes of which a store should not run short: two segments, and one that is prepared.
const FREE_BYTES_MIN: u64 = 3 * (64 << 20);

/// Looks at the folder, its lock, its disk and its versions, and gives advice. Changes nothing.
#[derive(Debug, Args)]
pub struct Doctor {}

/// One thing that was looked at.
#[derive(Serialize)]
struct Look {
    check: &'static str,
    ok: bool,
    detail: String,
    advice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    micros: Option<u64>,
}

impl Look {
    fn fine(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, ok: true, detail: detail.into(), advice: None, micros: None }
    }

    fn finding(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, ok: false, detail: detail.into(), advice: Some(advice.into()), micros: None }
    }

    fn show(&self, out: &mut Out) -> Result<(), CliError> {
        if out.json() {
            return out.object(self);
        }
        let verdict = if self.ok { out.styled(GREEN, "ok  ") } else { out.styled(YELLOW, "look") };
        let check = out.styled(STRONG, format_args!("{:<9}", self.check));
        out.line(format_args!("{verdict}  {check} {}", self.detail))?;
        match &self.advice {
            Some(advice) => out.line(format_args!("                {advice}")),
            None => Ok(()),
        }
    }
}

impl Doctor {
    /// Looks at the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        versions().show(out)?;
        let disk = match RealDisk::existing(dir) {
            Ok(disk) => disk,
            Err(error) => {
                return Err(
                    CliError::file("open the folder", &dir.display().to_string(), &error).help(missing_help(&error))
                );
            }
        };
        let mut findings = 0u64;
        let mut exit = Exit::Finding;
        let store = store(dir);
        if let Err(error) = &store {
            exit = CliError::exit(error);
        }
        let store = store
            .unwrap_or_else(|error| Look::finding("store", error.to_string(), error.help_line().unwrap_or_default()));
        for look in [folder(&disk), files(&disk), store, lock(&disk), space(dir), sync(dir)] {
            look.show(out)?;
            findings += u64::from(!look.ok);
        }
        if findings == 0 {
            return Ok(());
        }
        Err(CliError::new(exit, format!("{} in `{}`", counted(findings, "finding"), dir.display()))
            .help("the lines marked `look` say what to do"))
    }
}

fn missing_help(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::NotFound {
        "name the folder with --dir or BATPAK_DIR; `batpak import` and `batpak append` create it"
    } else {
        "name a folder that this user may enter"
    }
}

fn versions() -> Look {
    let (version, os, arch) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    Look::fine("version", format!("batpak {version} on {os} {arch}; syncs with {}", RealDisk::SYNC_CALL))
}

fn folder(disk: &RealDisk) -> Look {
    let path = disk.location().canonicalize().unwrap_or_else(|_| disk.location().to_owned());
    match disk.advice() {
        Ok(advice) if advice.is_empty() => Look::fine("folder", path.display().to_string()),
        Ok(advice) => Look::finding("folder", path.display().to_string(), advice.join("; ")),
        Err(error) => Look::finding("folder", error.to_string(), "give this user the right to look at the folder"),
    }
}

fn files(disk: &RealDisk) -> Look {
    let listed = match disk.list() {
        Ok(listed) => listed,
        Err(error) => return Look::finding("files", error.to_string(), "give this user the right to read the folder"),
    };
    let strangers: Vec<&str> = listed
        .iter()
        .filter_map(|entry| match entry {
            Listed::Unknown(name) => Some(name.as_str()),
            Listed::Known(_) => None,
        })
        .collect();
    match strangers.first() {
        None => Look::fine("files", counted(listed.len() as u64, "file")),
        Some(first) => {
            let count = counted(strangers.len() as u64, "file");
            Look::finding(
                "files",
                format!("{count} of others, such as `{}`", first.escape_debug()),
                "they do no harm, but a folder of its own is easier to copy and to clean",
            )
        }
    }
}

fn store(dir: &Path) -> Result<Look, CliError> {
    let reader = match JournalReader::open(dir) {
        Ok(reader) => reader,
        Err(error @ Error::NotFound { .. }) => {
            return Ok(Look::finding("store", error.to_string(), "`batpak import` and `batpak append` create one"));
        }
        Err(error) => return Err(error.into()),
    };
    let events = counted(reader.view().position().get(), "event");
    let detail = format!("{events}, store {}", reader.reader().id());
    let rebuilt = &reader.reader().opened().rebuilt;
    if !rebuilt.is_empty() {
        let indexes = counted(rebuilt.len() as u64, "index file");
        return Ok(Look::finding(
            "store",
            format!("{detail}; {indexes} missing or stale"),
            "the next writer makes them anew; until then, opening takes longer",
        ));
    }
    Ok(match reader.reader().unproven() {
        Some(unproven) if unproven.events > 0 => {
            let events = counted(unproven.events, "event");
            Look::finding(
                "store",
                format!("{detail}; {events} at the end are not yet proven to be durable"),
                "if no writer is at work, any command that reads or writes recovers them",
            )
        }
        _ => Look::fine("store", detail),
    })
}

fn lock(disk: &RealDisk) -> Look {
    match disk.writer() {
        Ok(None) => Look::fine("lock", "free: nobody writes"),
        Ok(Some(holder)) => Look::fine("lock", format!("held by {holder}; reading works, writing has to wait")),
        Err(error) => Look::finding("lock", error.to_string(), "give this user the right to read the file `lock`"),
    }
}

fn space(dir: &Path) -> Look {
    match rustix::fs::statvfs(dir) {
        Ok(facts) => {
            let free = facts.f_bavail.saturating_mul(facts.f_frsize);
            let detail = format!("{} free", bytes(free));
            if free >= FREE_BYTES_MIN {
                Look::fine("space", detail)
            } else {
                Look::finding(
                    "space",
                    detail,
                    "make room: a full disk refuses appends, and works again once there is room",
                )
            }
        }
        Err(error) => Look::finding("space", error.to_string(), "check that the disk is mounted"),
    }
}

fn sync(dir: &Path) -> Look {
    match sync_times(dir) {
        Ok(mut times) => {
            times.sort_unstable();
            let median = times.get(times.len() / 2).copied().unwrap_or_default();
            let worst = times.last().copied().unwrap_or_default();
            let detail = format!("median {} of {SYNCS}, worst {}", duration(median), duration(worst));
            let advice = match median.as_micros() {
                // No disk answers that fast.
                0..10 => Some(
                    "this is faster than a disk can be: the folder is in memory, or the disk does not sync; a power cut loses data",
                ),
                10..20_000 => None,
                _ => {
                    Some("this disk is slow to sync: append in batches, or from several threads, which share one sync")
                }
            };
            Look {
                ok: advice.is_none(),
                advice: advice.map(str::to_owned),
                micros: u64::try_from(median.as_micros()).ok(),
                ..Look::fine("sync", detail)
            }
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            Look::fine("sync", "not measured: this user may not write to the folder")
        }
        Err(error) => Look::finding(
            "sync",
            error.to_string(),
            "this disk does not take a small file; check it with the system's tools",
        ),
    }
}

/// How long some syncs take, in a file without a name.
fn sync_times(dir: &Path) -> io::Result<Vec<Duration>> {
    let mut file: File = tempfile::tempfile_in(dir)?;
    let mut times = Vec::with_capacity(SYNCS);
    // The first one also allocates, as the store does ahead of time.
    for round in 0..=SYNCS {
        file.write_all(&[0x5a; SYNC_BYTES])?;
        let start = Instant::now();
        file.sync_data()?;
        if round > 0 {
            times.push(start.elapsed());
        }
    }
    Ok(times)
}
