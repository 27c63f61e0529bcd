//! A disk that fails: processes die, the power is cut, syncs lie, all by chance and all again from the same seed.

mod cut;
mod directory;
mod faults;
mod folder;
mod garbage;
mod handle;
mod inode;
mod random;
mod sectors;
mod state;
mod stats;
#[cfg(test)]
#[cfg(not(loom))]
mod tests;
mod trace;

use std::sync::Arc;

use crate::sync::{Mutex, lock};

use super::FileName;

pub use faults::{Faults, NameLoss};
use garbage::Garbage;
pub use random::Random;
use state::State;
pub use stats::Stats;

/// A folder with faults, seen by one life of a process. Clones share the folder and the life.
///
/// A life ends by [`SimulatedDisk::kill`], by [`SimulatedDisk::power_cut`] or at a call chosen with [`SimulatedDisk::arm`]. From then on
/// every call through its handles fails, and [`SimulatedDisk::restart`] gives the handle of the next life. What is not a method of
/// [`Disk`](super::Disk) is for the test that drives it: it works through the handle of any life, is no disk call, and never fails.
///
/// One thread makes it deterministic: the same seed, faults and calls give the same answers. With several threads it stays sound.
#[derive(Clone, Debug)]
pub struct SimulatedDisk {
    shared: Arc<Mutex<State>>,
    life: u64,
}

impl SimulatedDisk {
    /// An empty folder in its first life.
    #[must_use]
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self { shared: Arc::new(Mutex::new(State::new(seed, faults))), life: 0 }
    }

    /// The process dies between two calls. Its lock is free; what it wrote stays in the cache, synced or not.
    pub fn kill(&self) {
        lock(&self.shared).die();
    }

    /// The process dies and the power fails: of what was not synced each sector, length and name is kept or lost by chance.
    /// Also right after a death, for a machine that went down with its process.
    pub fn power_cut(&self) {
        lock(&self.shared).power_cut(None);
    }

    /// A power cut that keeps just what `bits` say: for trying every outcome. The lowest bit decides first, a set bit keeps, bits
    /// past the 64th lose. Decided are, as [`SimulatedDisk::unsynced`] counts them, the changes of names in their order, then for each
    /// file in order of creation its length and its sectors. Nothing is torn, new bytes are zeros; a file that is left without a name
    /// takes no bits.
    pub fn power_cut_keeping(&self, bits: u64) {
        lock(&self.shared).power_cut(Some(bits));
    }

    /// How many things a power cut would decide about now, at most.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        lock(&self.shared).unsynced()
    }

    /// Lets the process die in the `calls`-th disk call from now: 1 is the next. A write then leaves a random prefix, any other call
    /// did its work or did not. 0 takes it back, and so does a restart.
    pub fn arm(&self, calls: u64) {
        lock(&self.shared).armed = calls;
    }

    /// Whether the life of this handle is over.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        let state = lock(&self.shared);
        state.dead || state.life != self.life
    }

    /// Starts the next life, and ends the present one if it has not ended yet.
    #[must_use]
    pub fn restart(&self) -> Self {
        let mut state = lock(&self.shared);
        state.die();
        state.life += 1;
        state.dead = false;
        state.armed = 0;
        Self { shared: Arc::clone(&self.shared), life: state.life }
    }

    /// A copy of the disk, and of its luck, on which the process is dead: restart it, or cut its power first.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut state = lock(&self.shared).clone();
        state.die();
        let life = state.life;
        Self { shared: Arc::new(Mutex::new(state)), life }
    }

    /// Changes the faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        lock(&self.shared).faults = faults;
    }

    /// The faults it has now.
    #[must_use]
    pub fn faults(&self) -> Faults {
        lock(&self.shared).faults
    }

    /// What happened so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        lock(&self.shared).stats
    }

    /// How many calls changed bytes, lengths or names so far. A sync is none.
    #[must_use]
    pub fn mutations(&self) -> u64 {
        lock(&self.shared).stats.mutations
    }

    /// A digest of all calls, the bytes written among them, and their outcomes so far.
    #[must_use]
    pub fn digest(&self) -> u64 {
        lock(&self.shared).trace.digest()
    }

    /// The files that a process sees now, by name.
    #[must_use]
    pub fn files(&self) -> Vec<FileName> {
        lock(&self.shared).directory.seen().keys().copied().collect()
    }

    /// What a process reads from a file now.
    #[must_use]
    pub fn bytes(&self, name: &FileName) -> Option<Vec<u8>> {
        let state = lock(&self.shared);
        let inode = *state.directory.seen().get(name)?;
        Some(state.inode(inode).ok()?.cache().to_vec())
    }

    /// What a power cut that keeps nothing leaves of a file now.
    #[must_use]
    pub fn durable_bytes(&self, name: &FileName) -> Option<Vec<u8>> {
        let state = lock(&self.shared);
        let inode = *state.directory.durable().get(name)?;
        Some(state.inode(inode).ok()?.disk().to_vec())
    }

    /// Flips bit `bit` modulo 8 of a byte, in the cache and on the disk. Returns whether there is such a byte.
    pub fn flip(&self, name: &FileName, byte: usize, bit: u8) -> bool {
        self.damage(name, |image| image.get_mut(byte).map(|byte| *byte ^= 1 << (bit % 8)).is_some())
    }

    /// Makes the sector of a byte unreadable until it is written again: reads and maps that touch it fail. Returns whether there is such
    /// a byte.
    pub fn spoil(&self, name: &FileName, byte: usize) -> bool {
        let mut state = lock(&self.shared);
        let Ok(inode) = state.find(name) else { return false };
        state.inode_mut(inode).is_ok_and(|inode| inode.spoil(byte))
    }

    /// Puts `bytes` over those at `offset`, in the cache and on the disk, as a misdirected or a forgotten write would. Returns whether
    /// the file is long enough.
    pub fn overwrite(&self, name: &FileName, offset: usize, bytes: &[u8]) -> bool {
        let end = offset.saturating_add(bytes.len());
        self.damage(name, |image| image.get_mut(offset..end).map(|target| target.copy_from_slice(bytes)).is_some())
    }

    /// Cuts a file to `len` bytes, in the cache and on the disk. Returns whether it was longer.
    pub fn truncate(&self, name: &FileName, len: usize) -> bool {
        self.damage(name, |image| {
            let longer = image.len() > len;
            image.truncate(len);
            longer
        })
    }

    fn damage(&self, name: &FileName, change: impl Fn(&mut Vec<u8>) -> bool) -> bool {
        let mut state = lock(&self.shared);
        let Ok(inode) = state.find(name) else { return false };
        state.inode_mut(inode).is_ok_and(|inode| inode.damage(change))
    }
}
