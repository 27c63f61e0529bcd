//! The Merkle tree against published roots, and against the recursive definition.

use batpak_core::{CoreError, Hash, Tree, leaf_hash, node_hash};
use proptest::prelude::*;

/// The leaves of the test vectors of Certificate Transparency, which follow RFC 6962.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots over the first 0 to 8 of them.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// The tree hash as RFC 6962, section 2.1, defines it, over the hashes of leaves.
fn root_by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => ROOTS[0].parse().unwrap(),
        [leaf] => *leaf,
        _ => {
            let left = leaves.len().next_power_of_two() / 2;
            node_hash(&root_by_definition(&leaves[..left]), &root_by_definition(&leaves[left..]))
        }
    }
}

fn tree_of(leaves: &[Hash]) -> Tree {
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree
}

fn distinct_leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_le_bytes())).collect()
}

#[test]
fn roots_are_those_of_the_published_vectors() {
    let mut tree = Tree::new();
    assert_eq!(tree.root().to_string(), ROOTS[0]);
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        tree.push(leaf_hash(leaf));
        assert_eq!(tree.root().to_string(), *root, "at {} leaves", tree.size());
    }
}

#[test]
fn a_subtree_that_does_not_fit_is_refused_and_changes_nothing() {
    let hash = leaf_hash(b"");
    let mut tree = tree_of(&distinct_leaves(6));
    let before = tree.clone();
    for level in [2, 3, 62, 63, 64, 255] {
        assert_eq!(tree.push_subtree(level, hash), Err(CoreError::Unaligned { size: 6, level }));
    }
    assert_eq!(tree, before);
    assert!(tree.push_subtree(1, hash).is_ok());
    assert_eq!(tree.size(), 8);
    // The largest tree there is takes no more subtrees, and does not overflow.
    let mut full = Tree::from_frontier(1 << 62, vec![hash]).unwrap();
    for level in [0, 1, 61, 62, 63] {
        assert!(full.push_subtree(level, hash).is_err());
    }
}

#[test]
fn a_frontier_that_does_not_belong_to_the_size_is_refused() {
    let hash = leaf_hash(b"");
    for (size, found) in [(0, 1), (1, 0), (1, 2), (7, 2), (8, 2), (u64::MAX, 64), ((1 << 62) + 1, 2)] {
        assert_eq!(Tree::from_frontier(size, vec![hash; found]), Err(CoreError::BadFrontier { size, found }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_tree_is_that_of_the_definition(count in 0usize..700) {
        let leaves = distinct_leaves(count);
        let tree = tree_of(&leaves);
        prop_assert_eq!(tree.size(), count as u64);
        prop_assert_eq!(tree.root(), root_by_definition(&leaves));
    }

    #[test]
    fn a_frontier_goes_on_where_the_tree_was(count in 0usize..300, more in 0usize..300) {
        let leaves = distinct_leaves(count + more);
        let before = tree_of(&leaves[..count]);
        let mut tree = Tree::from_frontier(before.size(), before.frontier().to_vec()).unwrap();
        leaves[count..].iter().for_each(|leaf| tree.push(*leaf));
        prop_assert_eq!(tree, tree_of(&leaves));
    }

    #[test]
    fn a_subtree_counts_as_its_leaves(levels in prop::collection::vec(0u8..9, 0..12), count in 0usize..40) {
        let mut leaves = distinct_leaves(count);
        let mut tree = tree_of(&leaves);
        for level in levels {
            let added: Vec<Hash> =
                (0..1usize << level).map(|number| leaf_hash(&(leaves.len() + number).to_be_bytes())).collect();
            let aligned = leaves.len().is_multiple_of(added.len());
            prop_assert_eq!(tree.push_subtree(level, root_by_definition(&added)).is_ok(), aligned);
            if aligned {
                leaves.extend(added);
            }
        }
        prop_assert_eq!(tree.root(), root_by_definition(&leaves));
        prop_assert_eq!(tree, tree_of(&leaves));
    }

    #[test]
    fn every_leaf_and_its_place_count(count in 2usize..100, one in 0usize..100, other in 0usize..100) {
        prop_assume!(one < count && other < count && one != other);
        let leaves = distinct_leaves(count);
        let mut swapped = leaves.clone();
        swapped.swap(one, other);
        prop_assert_ne!(tree_of(&swapped).root(), tree_of(&leaves).root());
    }
}
