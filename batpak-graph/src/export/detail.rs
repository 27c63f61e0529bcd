//! Everything that is known about one event, as lines for tooltips.

use super::drawing::{Dot, grouped};
use super::plain::plain;
use super::when;

/// What is known about an event, as plain lines `name: value`; the first is the kind alone.
pub(crate) fn details(dot: &Dot) -> Vec<String> {
    let mut lines = vec![dot.name()];
    if dot.is_fold() {
        lines.push(format!("stream: {}", dot.stream()));
        lines.push(format!("events: {}, the first at {}", grouped(dot.count), dot.position));
    } else {
        lines.push(format!("stream: {}@{}", dot.stream(), dot.revision));
        lines.push(format!("position: {}", dot.position));
        lines.push(format!("id: {}", dot.id));
    }
    lines.push(format!("time: {}", when::second(dot.time_us)));
    if dot.recorded_us != dot.time_us {
        lines.push(format!("recorded: {}", when::second(dot.recorded_us)));
    }
    if let Some(correlation) = &dot.correlation {
        lines.push(format!("correlation: {correlation}"));
    }
    if !dot.tags.is_empty() {
        lines.push(format!("tags: {}", dot.tags.join(", ")));
    }
    if !dot.payload_head.is_empty() {
        lines.push(format!("payload: {}", dot.payload_head));
    }
    lines.iter().map(|line| plain(line).into_owned()).collect()
}
