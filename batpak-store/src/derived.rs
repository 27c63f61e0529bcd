//! Derived files: what somebody computes from the log and keeps beside it, in pieces, so as not to compute it again.
//!
//! The store does not know what is in them. It answers for whole bytes, for the store that they belong to, and for the event up to which
//! they were made; whatever does not check is not there. See `docs/FORMAT.md`.

use std::ops::Deref;

use batpak_core::{Hash, StoreId};

use crate::disk::{Access, Disk, FileName, Mapped, write_all_at};
use crate::error::StoreError;
use crate::format::checksum;
use crate::recovery::files;
use crate::sync::Arc;

const MAGIC: &[u8; 8] = b"batpkdrv";
const VERSION: u32 = 1;
/// Bytes in front of the content; the last eight are the checksum of the others and of the content.
const HEADER_BYTES: usize = 88;
const CHECKED_FROM: usize = 8;
/// Where the leaf hash of the event stands.
const EVENT_AT: usize = 48;

/// The derived files of a store: [`Reader::derived`](crate::Reader::derived) reads them, [`Store::keep_derived`](crate::Store::keep_derived) writes them.
///
/// They are disposable: any of them may be missing, cut or damaged, and is then simply not there.
#[derive(Clone)]
pub struct Derived {
    disk: Arc<dyn Disk>,
    store: StoreId,
}

/// The content of a derived file: a mapping, checked as a whole when it was opened.
#[derive(Clone, Debug)]
pub struct DerivedBytes {
    mapped: Mapped,
    event: Hash,
}

impl DerivedBytes {
    /// The leaf hash of the event up to which the file was made: it is of use only if the log has the same one there.
    #[must_use]
    pub const fn event(&self) -> &Hash {
        &self.event
    }
}

impl Deref for DerivedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.mapped.get(HEADER_BYTES..).unwrap_or_default()
    }
}

impl AsRef<[u8]> for DerivedBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Derived {
    pub(crate) fn new(disk: Arc<dyn Disk>, store: StoreId) -> Self {
        Self { disk, store }
    }

    /// The content of a file; `None` if there is none that checks. Whoever takes it compares [`DerivedBytes::event`] with the log.
    ///
    /// Cost: one pass over the bytes, some 10 GB/s from the page cache.
    #[must_use]
    pub fn open(&self, number: u64) -> Option<DerivedBytes> {
        let file = self.disk.open(&FileName::Derived(number), Access::Read).ok()?;
        let mapped = file.len().and_then(|length| file.map(length)).ok()?;
        let (header, _) = mapped.split_at_checked(HEADER_BYTES)?;
        let event = Hash::from_bytes(*header.get(EVENT_AT..)?.first_chunk()?);
        let expected = self.header(number, &event, (mapped.len() - HEADER_BYTES) as u64);
        let checked = header.get(..CHECKED_FROM)?;
        let sound = header.get(CHECKED_FROM..)? == expected && *checked == seal(mapped.get(CHECKED_FROM..)?);
        sound.then_some(DerivedBytes { mapped, event })
    }

    /// Keeps a file for an event, in place of an older one.
    ///
    /// Not synced: after a power cut it may be missing or torn, and is then not there.
    pub(crate) fn keep(&self, number: u64, event: &Hash, content: &[u8]) -> Result<(), StoreError> {
        let mut bytes = vec![0; CHECKED_FROM];
        bytes.extend_from_slice(&self.header(number, event, content.len() as u64));
        bytes.extend_from_slice(content);
        let sum = seal(bytes.get(CHECKED_FROM..).unwrap_or_default());
        if let Some(place) = bytes.first_chunk_mut() {
            *place = sum;
        }
        let (partial, name) = (FileName::DerivedPartial(number), FileName::Derived(number));
        let path = files::path(&*self.disk, &name);
        let file = files::create_anew(&*self.disk, &partial)?;
        let written = files::act(&path, "write", || write_all_at(&*file, 0, &bytes));
        if written.is_err() {
            let _ = self.disk.remove(&partial);
        }
        written?;
        files::act(&path, "name", || self.disk.rename(&partial, &name))
    }

    /// Everything that a file must say of itself, checksum left out.
    fn header(&self, number: u64, event: &Hash, length: u64) -> [u8; HEADER_BYTES - CHECKED_FROM] {
        let mut header = [0; HEADER_BYTES - CHECKED_FROM];
        let fields: [&[u8]; 6] =
            [MAGIC, &VERSION.to_le_bytes(), &[0; 4], self.store.as_bytes(), &number.to_le_bytes(), event.as_bytes()];
        let fields = fields.into_iter().flatten().copied().chain(length.to_le_bytes());
        header.iter_mut().zip(fields).for_each(|(place, byte)| *place = byte);
        header
    }
}

fn seal(bytes: &[u8]) -> [u8; CHECKED_FROM] {
    checksum::plain(bytes).to_le_bytes()
}

impl std::fmt::Debug for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Derived").field("path", &self.disk.location()).finish_non_exhaustive()
    }
}
