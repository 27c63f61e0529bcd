//! An open file of a store, and the loops around its partial reads and writes.

use std::io;

use super::Mapped;

/// An open file. All calls may come from several threads; the store never writes one range from two.
pub trait DiskFile: Send + Sync {
    /// Reads at `offset`; may read less than asked for, 0 only at the end of the file.
    ///
    /// # Errors
    /// What the system says.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Writes at `offset`; may write less than asked for.
    ///
    /// # Errors
    /// What the system says; `StorageFull` if there is no room.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Length in bytes.
    ///
    /// # Errors
    /// What the system says.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file is empty.
    ///
    /// # Errors
    /// What the system says.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Cuts or extends the file.
    ///
    /// # Errors
    /// What the system says.
    fn set_len(&self, bytes: u64) -> io::Result<()>;

    /// Lets the disk start on bytes that were just written, without waiting and without any promise. Does nothing where there is no such
    /// thing.
    fn start_writeback(&self, offset: u64, bytes: u64) {
        let _ = (offset, bytes);
    }

    /// Makes the data, and the metadata needed to read it, durable (`fdatasync`).
    ///
    /// # Errors
    /// What the system says; afterwards nobody knows what is durable, and a second call proves nothing.
    fn sync_data(&self) -> io::Result<()>;

    /// Makes data and all metadata durable (`fsync`).
    ///
    /// # Errors
    /// As for [`DiskFile::sync_data`].
    fn sync_all(&self) -> io::Result<()>;

    /// Syncs, then drops the file from the page cache, so that what is read next comes from the disk. For recovery.
    ///
    /// # Errors
    /// As for [`DiskFile::sync_data`].
    fn sync_and_drop_cache(&self) -> io::Result<()>;

    /// Maps the first `bytes`, which must never change again.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` if the file is shorter.
    fn map(&self, bytes: u64) -> io::Result<Mapped>;
}

/// Reads from `offset` until `into` is full or the file ends; returns how much was read.
///
/// # Errors
/// What the system says; interrupted calls are repeated.
pub fn read_full_at(file: &dyn DiskFile, offset: u64, into: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(offset + done as u64, rest) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes all of `bytes` at `offset`.
///
/// # Errors
/// What the system says, possibly after a part was written; `WriteZero` if a write makes no progress.
pub fn write_all_at(file: &dyn DiskFile, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match file.write_at(offset + done as u64, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
