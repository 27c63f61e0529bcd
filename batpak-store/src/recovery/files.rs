//! The files of a folder in order, and errors that name the file.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Access, Disk, DiskFile, FileName, Listed, read_full_at};
use crate::error::StoreError;

/// What a folder holds.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Numbers of the log segments, ascending.
    pub segments: Vec<u64>,
    /// Numbers of the index files.
    pub indexes: Vec<u64>,
    /// Files that an interrupted writer left unfinished.
    pub unfinished: Vec<FileName>,
    /// Names that mean nothing to the store.
    pub unknown: Vec<String>,
}

impl Files {
    /// Lists the folder.
    pub(crate) fn list(disk: &dyn Disk) -> Result<Self, StoreError> {
        let mut files = Self::default();
        for entry in act(disk.location(), "list", || disk.list())? {
            match entry {
                Listed::Known(FileName::Segment(number)) => files.segments.push(number),
                Listed::Known(FileName::Index(number)) => files.indexes.push(number),
                Listed::Known(name @ (FileName::Partial(_) | FileName::DerivedPartial(_) | FileName::Spare)) => {
                    files.unfinished.push(name);
                }
                Listed::Known(FileName::Lock | FileName::Side(_) | FileName::Derived(_)) => {}
                Listed::Unknown(name) => files.unknown.push(name),
            }
        }
        files.segments.sort_unstable();
        files.indexes.sort_unstable();
        files.unfinished.sort_unstable();
        files.unknown.sort_unstable();
        Ok(files)
    }
}

/// Runs a disk call and names the path if it fails.
pub(crate) fn act<T>(path: &Path, action: &'static str, call: impl FnOnce() -> io::Result<T>) -> Result<T, StoreError> {
    call().map_err(|source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull { path: path.to_owned() },
        _ => StoreError::Io { action, path: path.to_owned(), source },
    })
}

/// The path of a file, for messages.
pub(crate) fn path(disk: &dyn Disk, name: &FileName) -> PathBuf {
    disk.location().join(name.to_string())
}

/// Opens a file.
pub(crate) fn open(disk: &dyn Disk, name: &FileName, access: Access) -> Result<Box<dyn DiskFile>, StoreError> {
    act(&path(disk, name), "open", || disk.open(name, access))
}

/// Creates a file, in place of one that an interrupted writer left behind.
pub(crate) fn create_anew(disk: &dyn Disk, name: &FileName) -> Result<Box<dyn DiskFile>, StoreError> {
    let path = path(disk, name);
    match disk.create(name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            act(&path, "replace", || disk.remove(name).and_then(|()| disk.create(name)))
        }
        created => act(&path, "create", || created),
    }
}

/// Reads `bytes` bytes of a file from `offset` on, or what there is of them.
pub(crate) fn read(
    disk: &dyn Disk,
    name: &FileName,
    file: &dyn DiskFile,
    offset: u64,
    bytes: u64,
) -> Result<Vec<u8>, StoreError> {
    act(&path(disk, name), "read", || {
        let wanted = file.len()?.saturating_sub(offset).min(bytes);
        let mut out = vec![0; usize::try_from(wanted).map_err(|_| io::ErrorKind::OutOfMemory)?];
        let read = read_full_at(file, offset, &mut out)?;
        out.truncate(read);
        Ok(out)
    })
}

/// The error for a folder that cannot be used.
pub(crate) fn folder(path: &Path, error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound { path: path.to_owned() },
        _ => StoreError::Io { action: "open", path: path.to_owned(), source: error },
    }
}
