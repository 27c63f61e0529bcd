//! A simulated disk as the store sees it: a folder of files.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::{Access, Disk, DiskFile, DiskLock, FileName, Listed, LockError};
use crate::sync::{Mutex, lock};

use super::SimulatedDisk;
use super::handle::SimulatedFile;
use super::state::{State, device_error};
use super::trace::{Call, number};

/// A held lock. The death of the process frees it before it is dropped.
struct SimulatedLock {
    shared: Arc<Mutex<State>>,
    lock: u64,
}

impl DiskLock for SimulatedLock {}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        let mut state = lock(&self.shared);
        if state.locked == Some(self.lock) {
            state.locked = None;
        }
    }
}

impl SimulatedDisk {
    /// Runs a call that does all of its work or none.
    fn run<T>(&self, call: Call, what: u64, to: u64, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = lock(&self.shared);
        let dies = state.enter(self.life, call, what, to, 0)?;
        state.run(dies, work)
    }

    fn handle(&self, inode: u64, writable: bool) -> Box<dyn DiskFile> {
        Box::new(SimulatedFile { shared: Arc::clone(&self.shared), life: self.life, inode, writable })
    }
}

impl Disk for SimulatedDisk {
    fn open(&self, name: &FileName, access: Access) -> io::Result<Box<dyn DiskFile>> {
        let inode = self.run(Call::Open, number(name), 0, |state| state.find(name))?;
        Ok(self.handle(inode, access == Access::Write))
    }

    fn create(&self, name: &FileName) -> io::Result<Box<dyn DiskFile>> {
        let inode = self.run(Call::Create, number(name), 0, |state| {
            if state.find(name).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            if state.fault(state.faults.full_creates, |stats| &mut stats.full) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(state.create(*name))
        })?;
        Ok(self.handle(inode, true))
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        self.run(Call::List, 0, 0, |state| {
            let mut listed: Vec<Listed> = state.directory.seen().keys().copied().map(Listed::Known).collect();
            if state.random.per_mille(state.faults.shuffled_lists) {
                state.random.shuffle(&mut listed);
            }
            Ok(listed)
        })
    }

    fn rename(&self, from: &FileName, to: &FileName) -> io::Result<()> {
        self.run(Call::Rename, number(from), number(to), |state| {
            let inode = state.find(from)?;
            if state.fault(state.faults.failed_renames, |stats| &mut stats.failed_renames) {
                return Err(device_error());
            }
            if from != to {
                state.directory.put(Some(*from), *to, inode);
                state.stats.mutations += 1;
            }
            Ok(())
        })
    }

    fn remove(&self, name: &FileName) -> io::Result<()> {
        self.run(Call::Remove, number(name), 0, |state| {
            if !state.directory.remove(*name) {
                return Err(io::ErrorKind::NotFound.into());
            }
            state.stats.mutations += 1;
            Ok(())
        })
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.run(Call::SyncDirectory, 0, 0, |state| {
            state.stats.syncs += 1;
            let pending = state.directory.unsynced();
            if state.fault(state.faults.failed_directory_syncs, |stats| &mut stats.failed_directory_syncs) {
                let landed = state.random.index(pending + 1);
                state.directory.sync(landed);
                return Err(device_error());
            }
            state.directory.sync(pending);
            Ok(())
        })
    }

    fn lock(&self) -> Result<Box<dyn DiskLock>, LockError> {
        let taken = self.run(Call::Lock, 0, 0, |state| Ok(state.take_lock()))?;
        let lock = taken.ok_or_else(|| LockError::Held { holder: "another handle".to_owned() })?;
        Ok(Box::new(SimulatedLock { shared: Arc::clone(&self.shared), lock }))
    }

    fn is_locked(&self) -> io::Result<bool> {
        Ok(lock(&self.shared).locked.is_some())
    }

    fn location(&self) -> &Path {
        Path::new("simulated")
    }
}
