//! What all handles of a simulated disk share: its files, its life, its luck.

use std::collections::BTreeMap;
use std::io;

use crate::disk::FileName;

use super::cut::Cut;
use super::directory::Directory;
use super::inode::Inode;
use super::trace::{Call, Trace};
use super::{Faults, Garbage, NameLoss, Random, Stats};

/// Longest file: an offset gone wrong must not eat the machine.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// The error of a device that does not answer.
pub(super) fn device_error() -> io::Error {
    rustix::io::Errno::IO.into()
}

fn died() -> io::Error {
    io::Error::other("the process died")
}

/// Frees the files that no name leads to, or may lead to again.
fn drop_nameless(inodes: &mut BTreeMap<u64, Inode>, directory: &Directory, garbage: &mut Garbage) {
    inodes.retain(|id, inode| {
        let held = directory.holds(*id);
        if !held {
            garbage.add(inode.disk(), 0);
        }
        held
    });
}

/// A disk, and the process that uses it.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) random: Random,
    pub(super) stats: Stats,
    pub(super) trace: Trace,
    pub(super) directory: Directory,
    inodes: BTreeMap<u64, Inode>,
    inodes_made: u64,
    garbage: Garbage,
    /// Which life of the process this is; handles of other lives are dead.
    pub(super) life: u64,
    pub(super) dead: bool,
    /// Calls until one dies; 0 if none is to die.
    pub(super) armed: u64,
    /// Which lock holds the folder.
    pub(super) locked: Option<u64>,
    locks_made: u64,
}

impl State {
    pub(super) fn new(seed: u64, faults: Faults) -> Self {
        Self {
            faults,
            random: Random::new(seed),
            stats: Stats::default(),
            trace: Trace::default(),
            directory: Directory::default(),
            inodes: BTreeMap::new(),
            inodes_made: 0,
            garbage: Garbage::default(),
            life: 0,
            dead: false,
            armed: 0,
            locked: None,
            locks_made: 0,
        }
    }

    /// Begins a call of life `life`. Returns whether the process dies in it.
    pub(super) fn enter(&mut self, life: u64, call: Call, what: u64, from: u64, extent: u64) -> io::Result<bool> {
        if self.dead || life != self.life {
            return Err(died());
        }
        self.stats.calls += 1;
        self.trace.call(call, what, from, extent);
        let dies = self.armed == 1;
        self.armed = self.armed.saturating_sub(1);
        Ok(dies)
    }

    /// Runs a call that does all of its work or none. If the process dies in it, either may be the case.
    pub(super) fn run<T>(&mut self, dies: bool, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        if dies && self.random.coin() {
            return Err(self.die_in_call());
        }
        let result = work(self);
        self.trace.note(u64::from(result.is_ok()));
        if dies { Err(self.die_in_call()) } else { result }
    }

    /// The process dies in a call.
    pub(super) fn die_in_call(&mut self) -> io::Error {
        self.stats.deaths_in_calls += 1;
        self.die();
        died()
    }

    /// The process dies: the system frees its lock and the files without a name; the cache survives.
    pub(super) fn die(&mut self) {
        if self.dead {
            return;
        }
        self.dead = true;
        self.stats.deaths += 1;
        self.locked = None;
        self.armed = 0;
        drop_nameless(&mut self.inodes, &self.directory, &mut self.garbage);
    }

    /// The process dies and the power fails, by chance or, with `bits`, as asked for.
    pub(super) fn power_cut(&mut self, bits: Option<u64>) {
        self.die();
        self.stats.power_cuts += 1;
        let Self { faults, random, garbage, stats, .. } = self;
        let mut cut = Cut::new(*faults, random, garbage, stats, bits);
        self.directory.power_cut(&mut cut);
        drop_nameless(&mut self.inodes, &self.directory, cut.garbage);
        for (id, inode) in &mut self.inodes {
            inode.power_cut(&mut cut);
            self.trace.call(Call::PowerCut, *id, inode.cache().len() as u64, 0);
        }
    }

    /// How many decisions a power cut takes now.
    pub(super) fn unsynced(&self) -> usize {
        self.directory.unsynced() + self.inodes.values().map(Inode::unsynced).sum::<usize>()
    }

    /// Fails if a sector between the bytes `from` and `to` is spoilt.
    pub(super) fn check_readable(&mut self, inode: u64, from: usize, to: usize) -> io::Result<()> {
        if self.inode(inode)?.is_readable(from, to) {
            return Ok(());
        }
        self.stats.failed_reads += 1;
        Err(device_error())
    }

    /// Counts a fault if it is due.
    pub(super) fn fault(&mut self, rate: u16, count: impl FnOnce(&mut Stats) -> &mut u64) -> bool {
        let due = self.random.per_mille(rate);
        if due {
            *count(&mut self.stats) += 1;
        }
        due
    }

    pub(super) fn inode(&self, inode: u64) -> io::Result<&Inode> {
        self.inodes.get(&inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn inode_mut(&mut self, inode: u64) -> io::Result<&mut Inode> {
        self.inodes.get_mut(&inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn find(&self, name: &FileName) -> io::Result<u64> {
        self.directory.seen().get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn create(&mut self, name: FileName) -> u64 {
        self.stats.mutations += 1;
        self.inodes_made += 1;
        self.inodes.insert(self.inodes_made, Inode::default());
        self.directory.put(None, name, self.inodes_made);
        self.inodes_made
    }

    pub(super) fn take_lock(&mut self) -> Option<u64> {
        if self.locked.is_some() {
            return None;
        }
        self.locks_made += 1;
        self.locked = Some(self.locks_made);
        self.locked
    }

    /// Puts `bytes` into the cache.
    pub(super) fn write(&mut self, inode: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        let offset =
            usize::try_from(offset).ok().filter(|_| end <= FILE_BYTES_MAX).ok_or(io::ErrorKind::FileTooLarge)?;
        self.inode_mut(inode)?.write(offset, bytes);
        self.stats.mutations += u64::from(!bytes.is_empty());
        Ok(())
    }

    pub(super) fn set_len(&mut self, inode: u64, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).ok().filter(|_| len <= FILE_BYTES_MAX).ok_or(io::ErrorKind::FileTooLarge)?;
        self.inode_mut(inode)?.set_len(len);
        self.stats.mutations += 1;
        Ok(())
    }

    pub(super) fn sync(&mut self, inode: u64) -> io::Result<()> {
        self.stats.syncs += 1;
        let fails = self.fault(self.faults.failed_syncs, |stats| &mut stats.failed_syncs);
        let revert = fails && self.fault(self.faults.reverting_syncs, |stats| &mut stats.reverting_syncs);
        let Self { inodes, garbage, random, stats, .. } = self;
        let file = inodes.get_mut(&inode).ok_or(io::ErrorKind::NotFound)?;
        if fails {
            file.fail_sync(revert, garbage, random, stats);
            return Err(device_error());
        }
        file.sync(garbage);
        if self.faults.names == NameLoss::Ext4 {
            self.directory.sync_file(inode);
        }
        Ok(())
    }

    pub(super) fn drop_cache(&mut self, inode: u64) -> io::Result<()> {
        self.stats.sectors_found_lost += self.inode_mut(inode)?.drop_cache();
        Ok(())
    }

    pub(super) fn write_back(&mut self, inode: u64) {
        let Self { inodes, random, stats, .. } = self;
        if let Some(file) = inodes.get_mut(&inode) {
            stats.writebacks += file.write_back(random);
        }
    }
}
