//! What a graph looks like, in numbers.

use batpak_core::Edge;

use crate::edge::unpack;
use crate::graph::Graph;
use crate::node::Node;
use crate::rows::Cursor;

/// Numbers about a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GraphStats {
    /// Events.
    pub events: u64,
    /// Events without causes.
    pub roots: u64,
    /// Events without effects.
    pub heads: u64,
    /// Events with two causes or more.
    pub joins: u64,
    /// Events with two effects or more.
    pub forks: u64,
    /// Parts that no cause connects.
    pub components: u64,
    /// Required causes.
    pub required: u64,
    /// Alternative causes.
    pub alternative: u64,
    /// Context.
    pub context: u64,
    /// Causes that are named and not in the log any more.
    pub dangling: u64,
    /// Causes on the longest path.
    pub depth: u32,
    /// The oldest event with the most causes, and how many; `None` without events.
    pub widest_fan_in: Option<(Node, u32)>,
    /// The oldest event with the most effects, and how many; `None` without events.
    pub widest_fan_out: Option<(Node, u32)>,
}

impl Graph {
    /// Numbers about the whole graph.
    ///
    /// Cost: a pass over the causes, about 15 ns an event; 4 bytes of memory each meanwhile.
    #[must_use]
    pub fn stats(&self) -> GraphStats {
        let mut stats = GraphStats {
            events: u64::from(self.len()),
            components: self.components() as u64,
            dangling: self.dangling().map(|node| self.missing(node).len() as u64).sum(),
            ..GraphStats::default()
        };
        let mut cursor = Cursor::new(self);
        let mut effects = vec![0_u32; self.len() as usize];
        for node in self.nodes() {
            let (causes, edges) = (cursor.causes(node.number()), cursor.edges(node.number()));
            for (at, cause) in causes.iter().enumerate() {
                if let Some(count) = effects.get_mut(u32::from_le_bytes(*cause) as usize) {
                    *count += 1;
                }
                *match edges.get(at).copied().and_then(unpack).unwrap_or(Edge::Required) {
                    Edge::Required => &mut stats.required,
                    Edge::Alternative { .. } => &mut stats.alternative,
                    Edge::Context => &mut stats.context,
                } += 1;
            }
            stats.roots += u64::from(causes.is_empty());
            stats.joins += u64::from(causes.len() >= 2);
            stats.depth = stats.depth.max(self.generation(node));
            widen(&mut stats.widest_fan_in, node, u32::try_from(causes.len()).unwrap_or(u32::MAX));
        }
        for (node, count) in self.nodes().zip(effects) {
            stats.heads += u64::from(count == 0);
            stats.forks += u64::from(count >= 2);
            widen(&mut stats.widest_fan_out, node, count);
        }
        stats
    }
}

fn widen(widest: &mut Option<(Node, u32)>, node: Node, count: u32) {
    if widest.is_none_or(|(_, most)| count > most) {
        *widest = Some((node, count));
    }
}
