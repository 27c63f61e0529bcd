//! The seam under everything: a folder of files with fixed names, real, in memory, or simulated with faults.
//!
//! Calls go through `dyn`: a virtual call costs nanoseconds, the system call behind it microseconds.

mod file;
mod lock;
mod mapped;
#[cfg(any(test, feature = "simulated", loom))]
mod memory;
mod name;
mod real;
#[cfg(any(test, feature = "simulated"))]
pub mod simulated;

use std::io;
use std::path::Path;

pub use file::{DiskFile, read_full_at, write_all_at};
pub use lock::LockError;
pub use mapped::Mapped;
#[cfg(any(test, feature = "simulated", loom))]
pub use memory::MemoryDisk;
pub use name::FileName;
pub use real::RealDisk;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

/// An entry of a store's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listed {
    /// A file of the store.
    Known(FileName),
    /// Something else, left alone and reported.
    Unknown(String),
}

/// Owning the folder for writing; dropping it gives the folder up.
pub trait DiskLock: Send + Sync {}

/// A folder that holds one store.
pub trait Disk: Send + Sync + 'static {
    /// Opens an existing file.
    ///
    /// # Errors
    /// `NotFound`; anything but a regular file with one link is refused.
    fn open(&self, name: &FileName, access: Access) -> io::Result<Box<dyn DiskFile>>;

    /// Creates a file that must not exist, for reading and writing. Its name is durable after [`Disk::sync_directory`].
    ///
    /// # Errors
    /// `AlreadyExists`, `StorageFull`.
    fn create(&self, name: &FileName) -> io::Result<Box<dyn DiskFile>>;

    /// What is in the folder, in no particular order.
    ///
    /// # Errors
    /// What the system says.
    fn list(&self) -> io::Result<Vec<Listed>>;

    /// Renames a file, replacing the target. Durable after [`Disk::sync_directory`].
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &FileName, to: &FileName) -> io::Result<()>;

    /// Removes a file. Durable after [`Disk::sync_directory`].
    ///
    /// # Errors
    /// What the system says.
    fn remove(&self, name: &FileName) -> io::Result<()>;

    /// Makes the names in the folder durable.
    ///
    /// # Errors
    /// What the system says; afterwards nobody knows which names are durable.
    fn sync_directory(&self) -> io::Result<()>;

    /// Takes the folder for writing, until the lock is dropped or the process ends.
    ///
    /// # Errors
    /// [`LockError::Held`] names who has it.
    fn lock(&self) -> Result<Box<dyn DiskLock>, LockError>;

    /// Whether somebody has the folder open for writing; says yes where that cannot be told. Changes nothing.
    ///
    /// # Errors
    /// What the system says.
    fn is_locked(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// The folder, for messages.
    fn location(&self) -> &Path;
}
