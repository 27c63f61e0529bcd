//! The names of a simulated folder: those that a process sees, those on the disk, and what lies between.

use std::collections::BTreeMap;

use crate::disk::FileName;

use super::NameLoss;
use super::cut::Cut;

/// Files by name.
pub(super) type Names = BTreeMap<FileName, u64>;

/// A change of names that the disk does not have yet.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// `name` leads to `inode`: a creation, or, with `from`, a rename.
    Put { from: Option<FileName>, name: FileName, inode: u64 },
    /// `name`, which led to `inode`, is gone.
    Remove { name: FileName, inode: u64 },
}

impl Change {
    fn inode(self) -> u64 {
        match self {
            Self::Put { inode, .. } | Self::Remove { inode, .. } => inode,
        }
    }

    fn apply(self, names: &mut Names) {
        match self {
            Self::Put { from, name, inode } => {
                if from.is_some() {
                    // Also when an earlier rename of the same file was lost: a file never has two names.
                    names.retain(|_, other| *other != inode);
                }
                names.insert(name, inode);
            }
            Self::Remove { name, .. } => {
                names.remove(&name);
            }
        }
    }
}

/// A folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    seen: Names,
    durable: Names,
    pending: Vec<Change>,
}

impl Directory {
    /// The names that a process sees.
    pub(super) fn seen(&self) -> &Names {
        &self.seen
    }

    /// The names on the disk.
    pub(super) fn durable(&self) -> &Names {
        &self.durable
    }

    /// How many changes the disk does not have yet.
    pub(super) fn unsynced(&self) -> usize {
        self.pending.len()
    }

    /// Whether `inode` has a name, had one that may come back, or may yet get one.
    pub(super) fn holds(&self, inode: u64) -> bool {
        let mut named = self
            .seen
            .values()
            .chain(self.durable.values())
            .copied()
            .chain(self.pending.iter().map(|change| change.inode()));
        named.any(|other| other == inode)
    }

    /// Gives `inode` the name `name`, and takes `from` away.
    pub(super) fn put(&mut self, from: Option<FileName>, name: FileName, inode: u64) {
        if let Some(from) = &from {
            self.seen.remove(from);
        }
        self.seen.insert(name, inode);
        self.pending.push(Change::Put { from, name, inode });
    }

    /// Takes a name away; false if there is none.
    pub(super) fn remove(&mut self, name: FileName) -> bool {
        let Some(inode) = self.seen.remove(&name) else { return false };
        self.pending.push(Change::Remove { name, inode });
        true
    }

    /// Makes the first `count` pending changes durable.
    pub(super) fn sync(&mut self, count: usize) {
        for change in self.pending.drain(..count.min(self.pending.len())) {
            change.apply(&mut self.durable);
        }
    }

    /// Makes the name of `inode` durable, and whatever was done before.
    pub(super) fn sync_file(&mut self, inode: u64) {
        if let Some(last) = self.pending.iter().rposition(|change| change.inode() == inode) {
            self.sync(last + 1);
        }
    }

    /// The power fails: some pending changes are durable, the others never happened.
    pub(super) fn power_cut(&mut self, cut: &mut Cut<'_>) {
        match cut.faults.names {
            NameLoss::Strict => {
                for change in self.pending.drain(..) {
                    if cut.keeps_name() {
                        change.apply(&mut self.durable);
                    }
                }
            }
            NameLoss::Journal | NameLoss::Ext4 => {
                let kept = cut.journal(self.pending.len());
                self.sync(kept);
                self.pending.clear();
            }
        }
        self.seen.clone_from(&self.durable);
    }
}
