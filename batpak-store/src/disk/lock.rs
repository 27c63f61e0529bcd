//! Owning a folder for writing: a lock of the operating system, with a note of who holds it.

use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::time::Duration;

use crate::platform::{Clock, SystemClock};

use super::DiskLock;

/// Why a folder could not be taken for writing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody has it.
    #[error("held by {holder}")]
    Held {
        /// Who, as far as the lock file tells.
        holder: String,
    },
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Bytes of the lock file that are looked at.
const NOTE_BYTES_MAX: u64 = 512;

/// How often a lock is tried while nobody has it but those who only look, and the pause between two tries.
const TRIES_MAX: u32 = 1_000;
const PAUSE: Duration = Duration::from_micros(200);

/// A held lock on a real folder. The file stays; the system frees the lock when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _file: File,
}

impl DiskLock for FileLock {}

impl FileLock {
    /// Locks `file` and notes this process in it.
    pub(super) fn take(mut file: File) -> Result<Self, LockError> {
        if !lock(&file)? {
            return Err(LockError::Held { holder: holder(&mut file) });
        }
        // The note is for messages: a full disk must not keep the store from being opened.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(note().as_bytes()));
        Ok(Self { _file: file })
    }
}

/// Takes the lock; false if a writer has it. One who looks has a shared lock for a moment, which must not pass for a writer.
fn lock(file: &File) -> io::Result<bool> {
    for _ in 0..TRIES_MAX {
        if taken(file.try_lock())? {
            return Ok(true);
        }
        if !taken(file.try_lock_shared())? {
            return Ok(false);
        }
        file.unlock()?;
        std::thread::sleep(PAUSE);
    }
    Ok(false)
}

fn taken(tried: Result<(), TryLockError>) -> io::Result<bool> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Who has `file` locked for writing, if anybody has.
pub(super) fn writer(mut file: File) -> io::Result<Option<String>> {
    Ok(if taken(file.try_lock_shared())? { None } else { Some(holder(&mut file)) })
}

/// Who wrote the note in a lock file.
fn holder(file: &mut File) -> String {
    let mut note = String::new();
    let read = file.rewind().and_then(|()| file.take(NOTE_BYTES_MAX).read_to_string(&mut note));
    let first = note.lines().next().unwrap_or_default();
    let plain: String = first.chars().filter(|c| !c.is_control()).take(200).collect();
    if read.is_err() || plain.is_empty() { "another process".to_owned() } else { plain }
}

/// For messages: a line with process id and command, and one with the time and the boot.
fn note() -> String {
    let mut note = String::new();
    let _ = write!(note, "process {}", std::process::id());
    let command: Vec<String> = std::env::args_os().take(3).map(|arg| arg.to_string_lossy().into_owned()).collect();
    if let Some((program, rest)) = command.split_first() {
        let program = program.rsplit('/').next().unwrap_or(program);
        let _ = write!(
            note,
            " ({})",
            std::iter::once(program).chain(rest.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
        );
    }
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let _ = writeln!(
        note,
        "\nsince {} s after the epoch, boot {}",
        SystemClock::default().wall_us() / 1_000_000,
        boot.trim()
    );
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &std::path::Path) -> File {
        File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap()
    }

    #[test]
    fn the_loser_learns_who_won_until_the_lock_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        std::fs::write(&path, [b'x'; 4_000]).unwrap();
        let held = FileLock::take(open(&path)).unwrap();
        let me = format!("process {} (", std::process::id());
        match FileLock::take(open(&path)) {
            Err(LockError::Held { holder }) => assert!(holder.starts_with(&me) && holder.ends_with(')'), "{holder}"),
            other => panic!("{other:?}"),
        }
        assert!(writer(open(&path)).unwrap().unwrap().starts_with(&me));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        drop(held);
        assert_eq!(writer(open(&path)).unwrap(), None);
        FileLock::take(open(&path)).unwrap();
        assert!(path.exists());
    }

    #[test]
    fn those_who_only_look_do_not_pass_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let looking = std::sync::atomic::AtomicBool::new(true);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while looking.load(std::sync::atomic::Ordering::Relaxed) {
                    writer(open(&path)).unwrap();
                }
            });
            let refused = (0..1_000).find_map(|_| FileLock::take(open(&path)).err());
            looking.store(false, std::sync::atomic::Ordering::Relaxed);
            assert!(refused.is_none(), "{refused:?}");
        });
    }

    #[test]
    fn a_note_of_any_kind_is_read_safely() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        for note in [&b""[..], b"\n", b"\xff\xfe", b"\x1b\x07\n"] {
            std::fs::write(&path, note).unwrap();
            assert_eq!(holder(&mut open(&path)), "another process");
        }
        std::fs::write(&path, "process 7 \x1b[31m(x)").unwrap();
        assert_eq!(holder(&mut open(&path)), "process 7 [31m(x)");
        std::fs::write(&path, "y".repeat(4_000)).unwrap();
        assert_eq!(holder(&mut open(&path)).len(), 200);
    }
}
