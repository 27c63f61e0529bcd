//! The Merkle tree head that grows by one leaf, or one subtree, at a time.

use crate::error::CoreError;
use crate::hash::{Hash, node_hash};

/// The most leaves a tree is given by [`Tree::from_frontier`] or [`Tree::push_subtree`]: far more than there can be events.
const LEAVES_MAX: u64 = 1 << 62;

/// The root of no leaves: SHA-256 of nothing (RFC 6962, section 2.1).
const EMPTY_ROOT: Hash = Hash::from_bytes([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// A Merkle tree as of RFC 6962, section 2.1, of which only the frontier is kept: the roots of the complete subtrees
/// that the leaves fall into, at most 64 hashes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// One root for each bit that is set in `size`, the largest subtree first.
    frontier: Vec<Hash>,
}

impl Tree {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, frontier: Vec::new() }
    }

    /// The tree of `size` leaves whose complete subtrees have these roots, the largest first.
    ///
    /// # Errors
    /// [`CoreError::BadFrontier`] unless there is one hash for each bit set in `size`, and `size` is at most 2^62.
    pub fn from_frontier(size: u64, frontier: Vec<Hash>) -> Result<Self, CoreError> {
        if size > LEAVES_MAX || u32::try_from(frontier.len()) != Ok(size.count_ones()) {
            return Err(CoreError::BadFrontier { size, found: frontier.len() });
        }
        Ok(Self { size, frontier })
    }

    /// Adds the hash of the next leaf. Cost: one hash of a node on average, at most 64.
    pub fn push(&mut self, leaf: Hash) {
        self.carry(0, leaf);
    }

    /// Adds 2^`level` leaves at once, given the root of the subtree that they make.
    ///
    /// # Errors
    /// [`CoreError::Unaligned`] if the leaves before are not a multiple of 2^`level`, or the tree would be larger than
    /// 2^62 leaves. The tree is as it was.
    pub fn push_subtree(&mut self, level: u8, root: Hash) -> Result<(), CoreError> {
        let unaligned = CoreError::Unaligned { size: self.size, level };
        let Some(leaves) = 1u64.checked_shl(u32::from(level)) else {
            return Err(unaligned);
        };
        let fits = self.size.checked_add(leaves).is_some_and(|size| size <= LEAVES_MAX);
        if !fits || self.size & (leaves - 1) != 0 {
            return Err(unaligned);
        }
        self.carry(u32::from(level), root);
        Ok(())
    }

    /// Binary addition: while the tree has a subtree of this level, the two become one of the next.
    fn carry(&mut self, level: u32, root: Hash) {
        let leaves = 1u64 << level;
        let mut rest = self.size >> level;
        let mut root = root;
        while rest & 1 == 1 {
            if let Some(left) = self.frontier.pop() {
                root = node_hash(&left, &root);
            }
            rest >>= 1;
        }
        self.frontier.push(root);
        self.size += leaves;
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves. Cost: at most 63 hashes of nodes.
    pub fn root(&self) -> Hash {
        let smallest_first = self.frontier.iter().rev().copied();
        smallest_first.reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT)
    }

    /// The roots of the complete subtrees, the largest first: with the size, all that is needed to go on.
    pub fn frontier(&self) -> &[Hash] {
        &self.frontier
    }
}
