//! Node-link JSON: what NetworkX reads and D3 draws.

use serde_json::{Value, json};

use super::drawing::{Dot, Drawing};
use super::json::written;
use super::when;

/// The drawing as the node-link JSON of NetworkX 3: `networkx.node_link_graph(data, edges="edges")` is a directed
/// multigraph whose nodes are event ids.
#[must_use]
pub fn node_link(drawing: &Drawing) -> String {
    let nodes: Vec<Value> = drawing.dots().iter().map(node).collect();
    let edges = drawing.links().iter().enumerate().filter_map(|(key, link)| {
        let (cause, effect) = drawing.ends(link)?;
        Some(json!({
            "source": cause.id,
            "target": effect.id,
            "key": key,
            "link": link.kind.name(),
            "group": link.kind.group(),
            "count": link.count,
        }))
    });
    written(&json!({
        "directed": true,
        "multigraph": true,
        "graph": { "title": drawing.title() },
        "nodes": nodes,
        "edges": edges.collect::<Vec<_>>(),
    }))
}

fn node(dot: &Dot) -> Value {
    json!({
        "id": dot.id,
        "position": dot.position,
        "kind": dot.kind,
        "scope": dot.scope,
        "entity": dot.entity,
        "revision": dot.revision,
        "correlation": dot.correlation,
        "tags": dot.tags,
        "time": when::rfc3339(dot.time_us),
        "time_us": dot.time_us,
        "recorded_us": dot.recorded_us,
        "payload": dot.payload_head,
        "marked": dot.marked,
        "count": dot.count,
    })
}
