//! An open file of a simulated disk.

use std::io;
use std::sync::Arc;

use crate::disk::{DiskFile, Mapped};
use crate::sync::{Mutex, lock};

use super::state::State;
use super::trace::Call;

/// A handle; dead once the life it was opened in is over.
pub(super) struct SimulatedFile {
    pub(super) shared: Arc<Mutex<State>>,
    pub(super) life: u64,
    pub(super) inode: u64,
    pub(super) writable: bool,
}

impl SimulatedFile {
    /// Runs a call that does all of its work or none.
    fn run<T>(
        &self,
        call: Call,
        from: u64,
        extent: u64,
        work: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = lock(&self.shared);
        let dies = state.enter(self.life, call, self.inode, from, extent)?;
        state.run(dies, work)
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.writable {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file was opened for reading"))
        }
    }
}

impl DiskFile for SimulatedFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        self.run(Call::Read, offset, into.len() as u64, |state| {
            if state.fault(state.faults.interrupted, |stats| &mut stats.interrupted) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let mut wanted = into.len();
            if wanted > 1 && state.fault(state.faults.short_reads, |stats| &mut stats.short_reads) {
                wanted = 1 + state.random.index(wanted - 1);
            }
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            state.check_readable(self.inode, offset, offset.saturating_add(wanted))?;
            let count = state.inode(self.inode)?.read(offset, into.get_mut(..wanted).unwrap_or_default());
            state.trace.note(count as u64);
            Ok(count)
        })
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        let first = |count: usize| bytes.get(..count).unwrap_or_default();
        let mut guard = lock(&self.shared);
        let state = &mut *guard;
        let extent = u64::from(crc32c::crc32c(bytes)) << 32 ^ bytes.len() as u64;
        let dies = state.enter(self.life, Call::Write, self.inode, offset, extent)?;
        if dies {
            let count = state.random.index(bytes.len() + 1);
            if self.writable && state.write(self.inode, offset, first(count)).is_ok() {
                state.stats.deaths_inside_writes += u64::from(count > 0 && count < bytes.len());
            }
            return Err(state.die_in_call());
        }
        self.check_writable()?;
        if state.fault(state.faults.interrupted, |stats| &mut stats.interrupted) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if state.fault(state.faults.full_writes, |stats| &mut stats.full) {
            let count = if state.random.coin() { state.random.index(bytes.len()) } else { 0 };
            state.write(self.inode, offset, first(count))?;
            state.stats.full_after_part += u64::from(count > 0);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut count = bytes.len();
        if count > 1 && state.fault(state.faults.short_writes, |stats| &mut stats.short_writes) {
            count = 1 + state.random.index(count - 1);
        }
        state.write(self.inode, offset, first(count))?;
        if state.random.per_mille(state.faults.writebacks) {
            state.write_back(self.inode);
        }
        state.trace.note(count as u64);
        Ok(count)
    }

    fn len(&self) -> io::Result<u64> {
        self.run(Call::Len, 0, 0, |state| Ok(state.inode(self.inode)?.cache().len() as u64))
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.run(Call::SetLen, bytes, 0, |state| {
            self.check_writable()?;
            let extends = bytes > state.inode(self.inode)?.cache().len() as u64;
            if extends && state.fault(state.faults.full_extensions, |stats| &mut stats.full) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.set_len(self.inode, bytes)
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.run(Call::Sync, 0, 0, |state| state.sync(self.inode))
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn sync_and_drop_cache(&self) -> io::Result<()> {
        self.run(Call::DropCache, 0, 0, |state| {
            state.sync(self.inode)?;
            state.drop_cache(self.inode)
        })
    }

    fn map(&self, bytes: u64) -> io::Result<Mapped> {
        self.run(Call::Map, bytes, 0, |state| {
            let len = usize::try_from(bytes).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            state.check_readable(self.inode, 0, len)?;
            let mapped = state.inode(self.inode)?.cache().get(..len).ok_or(io::ErrorKind::UnexpectedEof)?;
            Ok(Mapped::from(mapped.to_vec()))
        })
    }
}
