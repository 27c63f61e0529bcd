//! Bytes of a sealed file in memory: a read-only mapping, or a copy where the disk is not real. The only `unsafe` of the crate.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use memmap2::{Mmap, MmapOptions, UncheckedAdvice};

/// Bytes that never change, shared by cheap clones.
#[derive(Clone, Debug)]
pub struct Mapped(Bytes);

#[derive(Clone, Debug)]
enum Bytes {
    Map(Arc<Mmap>),
    Owned(Arc<[u8]>),
}

impl Mapped {
    /// Maps the first `bytes` of a sealed file.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` if the file is shorter.
    pub(super) fn map(file: &File, bytes: u64) -> io::Result<Self> {
        if file.metadata()?.len() < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let len = usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        if len == 0 {
            return Ok(Self::from(Vec::new()));
        }
        // SAFETY: sealed files are never written or cut below the mapped length by this library; the folder belongs to one user and
        // is not writable by others. A process of the same user that cuts a sealed file makes a read of the lost pages fail with
        // SIGBUS, which docs/DURABILITY.md states; it cannot break memory that is not mapped from the file.
        let map = unsafe { MmapOptions::new().len(len).map(file)? };
        Ok(Self(Bytes::Map(Arc::new(map))))
    }
}

impl Mapped {
    /// Lets go of the pages that were looked at: they count as this process's memory no more, stay in the page cache, and are mapped again
    /// when next looked at. A copy stays as it is.
    pub fn release(&self) {
        if let Bytes::Map(map) = &self.0 {
            // SAFETY: the mapping is read-only and of a file that never changes, so a page that is mapped again holds the same bytes.
            // What the system answers does not matter: the pages are still there then.
            let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }
}

impl From<Vec<u8>> for Mapped {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Bytes::Owned(bytes.into()))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Map(map) => map,
            Bytes::Owned(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
