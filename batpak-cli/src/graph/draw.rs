//! From a set of events to a drawing of them.

use batpak_core::{Codec, Edge, EventRef};
use batpak_graph::export::{Dot, Drawing, Link, LinkKind};
use batpak_graph::{GraphError, Node, NodeSet, Paths, REDUCED_EVENTS_MAX};
use batpak_store::StoreError;

use super::CausalGraph;
use super::names::time_of;

/// Characters of a payload that a drawing shows.
const HEAD_CHARS: usize = 160;

/// Which links a drawing has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// The declared causes between events of the set, and nothing else: for other programs.
    Declared,
    /// As few as say the same: without those that longer paths imply, and with an indirect one where only events left out lead from one
    /// to the other. For people. Of a set of more than 16,384 events, the declared ones.
    Reduced,
}

impl CausalGraph {
    /// A drawing of the events of a set, for the formats in [`export`](batpak_graph::export); `marked` are those it is about.
    ///
    /// Cost: each event is read once, and kept with the first 160 characters of its payload.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn drawing(
        &self,
        title: impl Into<String>,
        set: &NodeSet,
        marked: &NodeSet,
        links: Links,
    ) -> Result<Drawing, StoreError> {
        let nodes: Vec<Node> = set.iter().filter(|node| node.number() < self.graph.len()).collect();
        let dots = nodes
            .iter()
            .map(|node| self.with_event(*node, |event| dot(event, marked.contains(*node))))
            .collect::<Result<Vec<Dot>, StoreError>>()?;
        let links = self.links(set, &nodes, links);
        Drawing::new(title, dots, links).map_err(|error| StoreError::Undecodable {
            position: self.graph.position(),
            detail: format!("the events make no drawing: {error}"),
        })
    }

    fn links(&self, set: &NodeSet, nodes: &[Node], links: Links) -> Vec<Link> {
        let place = |node: Node| nodes.binary_search(&node).ok();
        let link = |cause: Node, effect: Node, kind: LinkKind| {
            Some(Link { from: place(cause)?, to: place(effect)?, kind, count: 1 })
        };
        if links == Links::Reduced && nodes.len() <= REDUCED_EVENTS_MAX {
            match self.graph.reduced(set, Paths::Any) {
                Ok(reduced) => {
                    let kind = |edge: Option<Edge>| edge.map_or(LinkKind::Indirect, kind_of);
                    return reduced
                        .into_iter()
                        .filter_map(|found| link(found.cause, found.effect, kind(found.edge)))
                        .collect();
                }
                // Too entangled to be reduced: as declared.
                Err(GraphError::TooManySelected { .. }) => {}
                Err(_) => return Vec::new(),
            }
        }
        let declared = nodes
            .iter()
            .flat_map(|effect| self.graph.causes(*effect).map(move |(cause, edge)| (cause, *effect, kind_of(edge))));
        declared.filter_map(|(cause, effect, kind)| link(cause, effect, kind)).collect()
    }
}

const fn kind_of(edge: Edge) -> LinkKind {
    match edge {
        Edge::Required => LinkKind::Required,
        Edge::Alternative { group } => LinkKind::Alternative { group },
        Edge::Context => LinkKind::Context,
    }
}

fn dot(event: &EventRef<'_>, marked: bool) -> Dot {
    Dot {
        position: event.position(),
        id: event.id(),
        kind: event.kind().to_owned(),
        scope: event.scope().to_owned(),
        entity: event.entity().to_owned(),
        revision: event.revision().get(),
        correlation: event.correlation().map(str::to_owned),
        tags: event.tags().map(str::to_owned).collect(),
        time_us: time_of(event),
        recorded_us: i64::try_from(event.recorded_at().wall_us).unwrap_or(i64::MAX),
        payload_head: payload_head(event),
        marked,
        count: 1,
    }
}

/// The beginning of a payload as text; of bytes that are no text, how many there are.
fn payload_head(event: &EventRef<'_>) -> String {
    let bytes = event.payload();
    if !matches!(event.codec(), Codec::JSON | Codec::RAW) {
        return format!("{} bytes of {}", bytes.len(), event.codec().name());
    }
    // A character has at most four bytes.
    let start = bytes.get(..HEAD_CHARS * 4).unwrap_or(bytes);
    let text = String::from_utf8_lossy(start);
    let mut head: String = text.chars().take(HEAD_CHARS).collect();
    if start.len() < bytes.len() || text.chars().nth(HEAD_CHARS).is_some() {
        head.push('…');
    }
    head
}
