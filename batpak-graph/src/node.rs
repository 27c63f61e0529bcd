//! Nodes: events by their place in the graph.

use std::fmt;

use batpak_core::Position;

/// Events that a graph can hold: nodes are 32-bit numbers.
pub const EVENTS_MAX: u64 = u32::MAX as u64;

/// An event in the graph: its position minus one, so that nodes count from 0 without gaps.
///
/// Causes are earlier than their effects, so the order of nodes is a topological order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

impl Node {
    /// The node with this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The node of the event at a position; `None` for position 0 and beyond [`EVENTS_MAX`].
    #[must_use]
    pub fn at(position: Position) -> Option<Self> {
        let number = position.get().checked_sub(1)?;
        (number < EVENTS_MAX).then(|| u32::try_from(number).ok().map(Self))?
    }

    /// The number of the node.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The position of the event.
    #[must_use]
    pub fn position(self) -> Position {
        Position::new(u64::from(self.0) + 1)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({} @ {})", self.0, self.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_nodes_agree() {
        assert_eq!(Node::at(Position::START), None);
        assert_eq!(Node::at(Position::new(1)), Some(Node::new(0)));
        assert_eq!(Node::at(Position::new(EVENTS_MAX)).map(Node::position), Some(Position::new(EVENTS_MAX)));
        assert_eq!(Node::at(Position::new(EVENTS_MAX + 1)), None);
    }
}
