//! Owning a folder for writing: a lock of the operating system, with a note of who holds it.

use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};

use super::DiskLock;

/// Why a folder could not be taken for writing.
#[derive(Debug)]
pub enum LockError {
    /// Somebody has it.
    Held {
        /// Who, as far as the lock file tells.
        holder: String,
    },
    /// The system refused.
    Io(io::Error),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Bytes of the lock file that are looked at.
const NOTE_BYTES_MAX: u64 = 512;

/// A held lock on a real folder. The file stays; the system frees the lock when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

impl DiskLock for FileLock {}

impl FileLock {
    /// Locks `file` and notes this process in it.
    pub(super) fn take(mut file: File) -> Result<Self, LockError> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(note().as_bytes())?;
        Ok(Self { _file: file })
    }
}

/// Who wrote the note in a lock file.
pub(super) fn holder(file: &mut File) -> String {
    let mut note = String::new();
    let read = file.rewind().and_then(|()| file.take(NOTE_BYTES_MAX).read_to_string(&mut note));
    let first = note.lines().next().unwrap_or_default();
    let plain: String = first.chars().filter(|c| !c.is_control()).take(200).collect();
    if read.is_err() || plain.is_empty() { "another process".to_owned() } else { plain }
}

/// A line for messages: process id and command.
fn note() -> String {
    let mut note = String::new();
    let _ = write!(note, "process {}", std::process::id());
    let command: Vec<String> = std::env::args_os().take(3).map(|arg| arg.to_string_lossy().into_owned()).collect();
    if let Some((program, rest)) = command.split_first() {
        let program = program.rsplit('/').next().unwrap_or(program);
        let _ = write!(note, " ({})", std::iter::once(program).chain(rest.iter().map(String::as_str)).collect::<Vec<_>>().join(" "));
    }
    note.push('\n');
    note
}
