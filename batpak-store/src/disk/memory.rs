//! A disk in memory: for tests, and for programs that want a store without a folder.
//!
//! Every call takes a lock of `sync`, so under loom every call is a point where threads may switch.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::sync::{Mutex, lock};

use super::{Access, Disk, DiskFile, DiskLock, FileName, Listed, LockError, Mapped};

/// A folder in memory. Clones share it. Nothing fails, except for want of room.
#[derive(Clone, Debug)]
pub struct MemoryDisk {
    shared: Arc<Mutex<Shared>>,
    path: PathBuf,
}

#[derive(Debug, Default)]
struct Shared {
    files: BTreeMap<FileName, Arc<Mutex<Vec<u8>>>>,
    locked: bool,
    bytes_max: Option<u64>,
}

impl Default for MemoryDisk {
    fn default() -> Self {
        Self { shared: Arc::default(), path: PathBuf::from("memory") }
    }
}

impl MemoryDisk {
    /// An empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on no file grows beyond `bytes`: writes beyond fail with `StorageFull` after what still fits, extensions beyond fail
    /// whole. `None` lifts the limit.
    pub fn limit_file_bytes(&self, bytes: Option<u64>) {
        lock(&self.shared).bytes_max = bytes;
    }

    /// The bytes of a file.
    #[must_use]
    pub fn bytes(&self, name: &FileName) -> Option<Vec<u8>> {
        let file = Arc::clone(lock(&self.shared).files.get(name)?);
        let bytes = lock(&file).clone();
        Some(bytes)
    }

    /// Replaces, or adds, a file.
    pub fn put(&self, name: FileName, bytes: Vec<u8>) {
        lock(&self.shared).files.insert(name, Arc::new(Mutex::new(bytes)));
    }

    /// A copy of all files as they are now, unlocked: what a crash of the process would leave.
    #[must_use]
    pub fn fork(&self) -> Self {
        let files = lock(&self.shared)
            .files
            .iter()
            .map(|(name, file)| (*name, Arc::new(Mutex::new(lock(file).clone()))))
            .collect();
        Self { shared: Arc::new(Mutex::new(Shared { files, ..Shared::default() })), path: self.path.clone() }
    }
}

/// An open file in memory.
struct MemoryFile {
    bytes: Arc<Mutex<Vec<u8>>>,
    shared: Arc<Mutex<Shared>>,
    writable: bool,
}

impl MemoryFile {
    fn bytes_max(&self) -> io::Result<u64> {
        if self.writable {
            return Ok(lock(&self.shared).bytes_max.unwrap_or(u64::MAX));
        }
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file was opened for reading"))
    }
}

/// Cuts `bytes`, or extends them with zeros, if there is memory for that.
fn resize(bytes: &mut Vec<u8>, length: usize) -> io::Result<()> {
    bytes.try_reserve(length.saturating_sub(bytes.len())).map_err(|_| io::ErrorKind::StorageFull)?;
    bytes.resize(length, 0);
    Ok(())
}

/// A held lock in memory.
struct MemoryLock(Arc<Mutex<Shared>>);

impl DiskLock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        lock(&self.0).locked = false;
    }
}

impl Disk for MemoryDisk {
    fn open(&self, name: &FileName, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let bytes = lock(&self.shared).files.get(name).map(Arc::clone).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(MemoryFile { bytes, shared: Arc::clone(&self.shared), writable: access == Access::Write }))
    }

    fn create(&self, name: &FileName) -> io::Result<Box<dyn DiskFile>> {
        let mut shared = lock(&self.shared);
        if shared.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let bytes = Arc::new(Mutex::new(Vec::new()));
        shared.files.insert(*name, Arc::clone(&bytes));
        Ok(Box::new(MemoryFile { bytes, shared: Arc::clone(&self.shared), writable: true }))
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        Ok(lock(&self.shared).files.keys().copied().map(Listed::Known).collect())
    }

    fn rename(&self, from: &FileName, to: &FileName) -> io::Result<()> {
        let mut shared = lock(&self.shared);
        let file = shared.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        shared.files.insert(*to, file);
        Ok(())
    }

    fn remove(&self, name: &FileName) -> io::Result<()> {
        lock(&self.shared).files.remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_directory(&self) -> io::Result<()> {
        drop(lock(&self.shared));
        Ok(())
    }

    fn lock(&self) -> Result<Box<dyn DiskLock>, LockError> {
        let mut shared = lock(&self.shared);
        if shared.locked {
            return Err(LockError::Held { holder: "another handle".to_owned() });
        }
        shared.locked = true;
        Ok(Box::new(MemoryLock(Arc::clone(&self.shared))))
    }

    fn is_locked(&self) -> io::Result<bool> {
        Ok(lock(&self.shared).locked)
    }

    fn location(&self) -> &Path {
        &self.path
    }
}

/// The part of `bytes` from `offset` on that `count` bytes cover, as far as there is one.
fn range(length: usize, offset: u64, count: usize) -> std::ops::Range<usize> {
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(length);
    from..from.saturating_add(count).min(length)
}

impl DiskFile for MemoryFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let bytes = lock(&self.bytes);
        let found = bytes.get(range(bytes.len(), offset, into.len())).unwrap_or_default();
        if let Some(target) = into.get_mut(..found.len()) {
            target.copy_from_slice(found);
        }
        Ok(found.len())
    }

    fn write_at(&self, offset: u64, from: &[u8]) -> io::Result<usize> {
        let room = usize::try_from(self.bytes_max()?.saturating_sub(offset)).unwrap_or(usize::MAX).min(from.len());
        if room == 0 && !from.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut bytes = lock(&self.bytes);
        let end = usize::try_from(offset).ok().and_then(|o| o.checked_add(room)).ok_or(io::ErrorKind::StorageFull)?;
        if bytes.len() < end {
            resize(&mut bytes, end)?;
        }
        let target = range(bytes.len(), offset, room);
        if let (Some(target), Some(from)) = (bytes.get_mut(target), from.get(..room)) {
            target.copy_from_slice(from);
        }
        Ok(room)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.bytes).len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let bytes_max = self.bytes_max()?;
        let mut bytes = lock(&self.bytes);
        if length > bytes_max.max(bytes.len() as u64) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        resize(&mut bytes, usize::try_from(length).map_err(|_| io::ErrorKind::StorageFull)?)
    }

    fn sync_data(&self) -> io::Result<()> {
        drop(lock(&self.bytes));
        Ok(())
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn sync_and_drop_cache(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn map(&self, length: u64) -> io::Result<Mapped> {
        let bytes = lock(&self.bytes);
        let mapped =
            usize::try_from(length).ok().and_then(|length| bytes.get(..length)).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(Mapped::from(mapped.to_vec()))
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::disk::{read_full_at, write_all_at};

    const NAME: FileName = FileName::Segment(1);

    #[test]
    fn handles_share_a_file_and_a_fork_shares_nothing() {
        let disk = MemoryDisk::new();
        let file = disk.create(&NAME).unwrap();
        assert_eq!(disk.create(&NAME).err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        write_all_at(&*file, 2, b"bytes").unwrap();
        let reading = disk.clone().open(&NAME, Access::Read).unwrap();
        let mut read = [9; 8];
        assert_eq!((read_full_at(&*reading, 0, &mut read).unwrap(), &read), (7, b"\0\0bytes\x09"));
        assert_eq!(
            (&*reading.map(3).unwrap(), reading.map(8).err().unwrap().kind()),
            (&b"\0\0b"[..], io::ErrorKind::UnexpectedEof)
        );
        assert_eq!(reading.write_at(0, b"x").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(reading.set_len(0).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        let fork = disk.fork();
        file.set_len(0).unwrap();
        assert_eq!((disk.bytes(&NAME).unwrap().len(), fork.bytes(&NAME).unwrap().len()), (0, 7));
    }

    #[test]
    fn names_move_and_go_while_handles_stay() {
        let disk = MemoryDisk::new();
        disk.put(NAME, b"bytes".to_vec());
        let file = disk.open(&NAME, Access::Read).unwrap();
        disk.rename(&NAME, &FileName::Spare).unwrap();
        assert_eq!(disk.rename(&NAME, &FileName::Spare).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(disk.list().unwrap(), [Listed::Known(FileName::Spare)]);
        disk.remove(&FileName::Spare).unwrap();
        assert_eq!(disk.remove(&FileName::Spare).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(
            (file.len().unwrap(), disk.open(&NAME, Access::Read).err().unwrap().kind()),
            (5, io::ErrorKind::NotFound)
        );
    }

    #[test]
    fn a_full_disk_takes_what_fits() {
        let disk = MemoryDisk::new();
        let file = disk.create(&NAME).unwrap();
        disk.limit_file_bytes(Some(10));
        assert_eq!(write_all_at(&*file, 4, &[1; 9]).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.len().unwrap(), 10);
        assert_eq!(file.set_len(11).unwrap_err().kind(), io::ErrorKind::StorageFull);
        disk.limit_file_bytes(Some(3));
        file.set_len(8).unwrap();
        write_all_at(&*file, 0, &[2; 3]).unwrap();
        disk.limit_file_bytes(None);
        write_all_at(&*file, 4, &[1; 9]).unwrap();
        assert_eq!(file.write_at(u64::MAX, &[1; 9]).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.set_len(u64::MAX).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn one_handle_holds_the_lock() {
        let disk = MemoryDisk::new();
        let held = disk.lock().unwrap();
        assert!(matches!(disk.clone().lock(), Err(LockError::Held { .. })));
        drop(held);
        disk.lock().unwrap();
    }
}
