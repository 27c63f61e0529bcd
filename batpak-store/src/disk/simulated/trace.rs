//! A digest of everything a disk was asked and answered, to compare two runs of a seed.

use crate::disk::FileName;

/// What a call was.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    Open = 1,
    Create,
    List,
    Rename,
    Remove,
    SyncDirectory,
    Lock,
    Read,
    Write,
    Len,
    SetLen,
    Sync,
    DropCache,
    Map,
    PowerCut,
}

/// The digest so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trace(u64);

impl Trace {
    /// Takes one number in.
    pub(super) fn note(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(29) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// Takes a call in.
    pub(super) fn call(&mut self, call: Call, what: u64, from: u64, extent: u64) {
        self.note(call as u64);
        self.note(what);
        self.note(from);
        self.note(extent);
    }

    /// The digest.
    pub(super) fn digest(self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// A name as a number.
pub(super) fn number(name: &FileName) -> u64 {
    let (kind, number) = match name {
        FileName::Segment(number) => (1_u64, *number),
        FileName::Index(number) => (2, *number),
        FileName::Partial(number) => (3, *number),
        FileName::Side(number) => (4, *number),
        FileName::Spare => (5, 0),
        FileName::Lock => (6, 0),
        FileName::Derived(number) => (7, *number),
        FileName::DerivedPartial(number) => (8, *number),
    };
    kind.rotate_right(4) ^ number
}
