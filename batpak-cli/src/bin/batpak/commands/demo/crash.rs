//! A process that imports and is killed half-way.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use batpak::Position;
use serde::Deserialize;

use crate::commands::demo::sample;
use crate::exit::{CliError, Exit};

/// Events of one batch of the process that is killed: many small ones, so that the kill meets one.
pub const BATCH_EVENTS: usize = 100;

/// What the process had said before it was killed.
pub struct Killed {
    /// Events that it had acknowledged.
    pub acknowledged: u64,
    /// The last position of each batch.
    pub positions: Vec<Position>,
}

/// What the process prints after each batch.
#[derive(Deserialize)]
struct Acknowledged {
    acknowledged: Position,
    imported: u64,
}

/// Runs this program once more, to import the sample, and kills it once half of the events are acknowledged.
///
/// It gets no more than three quarters of the lines, so that it can never be done before.
pub fn import_and_kill(dir: &Path, sample_events: u64) -> Result<Killed, CliError> {
    let mut child = spawn(dir).map_err(|error| failed("start a process", &error))?;
    let killed = feed_and_listen(&mut child, sample_events);
    // SIGKILL: the process has no chance to tidy up.
    let gone = child.kill().and_then(|()| child.wait());
    gone.map_err(|error| failed("kill the process", &error))?;
    let killed = killed.map_err(|error| failed("listen to the process", &error))?;
    if killed.acknowledged < sample_events / 2 {
        return Err(CliError::new(Exit::Io, "the process that was to be killed ended by itself")
            .help("`batpak doctor` looks at the folder and its disk"));
    }
    Ok(killed)
}

fn spawn(dir: &Path) -> io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg("--dir")
        .arg(dir)
        .arg("--json")
        .args(sample::command_line(Path::new("-"), "again", BATCH_EVENTS))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

fn feed_and_listen(child: &mut Child, sample_events: u64) -> io::Result<Killed> {
    let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
    let (mut stdin, stdout) = (child.stdin.take().ok_or_else(gone)?, child.stdout.take().ok_or_else(gone)?);
    let text = sample::lines()?;
    let part = usize::try_from(sample_events / 4 * 3).unwrap_or(usize::MAX);
    let feeder = thread::spawn(move || {
        for line in text.split_inclusive(|byte| *byte == b'\n').take(part) {
            if stdin.write_all(line).is_err() {
                break;
            }
        }
        // Stays open until the process is gone: an end of the input would let it finish.
        stdin
    });
    let mut killed = Killed { acknowledged: 0, positions: Vec::new() };
    for line in BufReader::new(stdout).lines() {
        let Ok(Acknowledged { acknowledged, imported }) = serde_json::from_str(&line?) else { continue };
        killed.positions.push(acknowledged);
        killed.acknowledged = imported;
        if imported >= sample_events / 2 {
            child.kill()?;
        }
    }
    drop(feeder.join());
    Ok(killed)
}

fn failed(action: &str, error: &io::Error) -> CliError {
    CliError::new(Exit::Io, format!("cannot {action}: {error}"))
        .help("`batpak doctor` looks at the folder and its disk")
}
