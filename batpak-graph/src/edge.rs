//! Edges in columns: the kind of a cause in two bytes.

use batpak_core::Edge;

/// A kind and a group.
pub(crate) type PackedEdge = [u8; 2];

/// What a column without entries means.
pub(crate) const REQUIRED: PackedEdge = [0, 0];
const ALTERNATIVE: u8 = 1;
const CONTEXT: u8 = 2;

pub(crate) const fn pack(edge: Edge) -> PackedEdge {
    match edge {
        Edge::Required => REQUIRED,
        Edge::Alternative { group } => [ALTERNATIVE, group],
        Edge::Context => [CONTEXT, 0],
    }
}

/// The kind that two bytes stand for; `None` if no edge packs to them.
pub(crate) const fn unpack(packed: PackedEdge) -> Option<Edge> {
    match packed {
        REQUIRED => Some(Edge::Required),
        [ALTERNATIVE, group] => Some(Edge::Alternative { group }),
        [CONTEXT, 0] => Some(Edge::Context),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_packs_to_its_own_bytes() {
        let edges = (0..=255).map(|group| Edge::Alternative { group }).chain([Edge::Required, Edge::Context]);
        for edge in edges {
            assert_eq!(unpack(pack(edge)), Some(edge));
        }
        assert_eq!([unpack([0, 1]), unpack([2, 1]), unpack([3, 0])], [None; 3]);
    }
}
