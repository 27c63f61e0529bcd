//! Graphviz: a box an event, a cluster a stream.

use std::fmt::Write;

use super::colour::Palette;
use super::detail::details;
use super::drawing::{Drawing, LinkKind, grouped};
use super::plain::plain;

/// The drawing as a `digraph` for Graphviz, laid out from left to right.
#[must_use]
pub fn dot(drawing: &Drawing) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(drawing, &mut out);
    out
}

fn write(drawing: &Drawing, out: &mut impl Write) -> std::fmt::Result {
    let palette = Palette::of(drawing);
    writeln!(out, "digraph batpak {{")?;
    writeln!(out, "  graph [rankdir=LR, fontname=\"sans-serif\", labelloc=t, label={}];", quoted(drawing.title()))?;
    writeln!(
        out,
        "  node [shape=box, style=\"rounded,filled\", fillcolor=white, penwidth=1.5, fontname=\"sans-serif\"];"
    )?;
    writeln!(out, "  edge [color=\"#555555\", fontname=\"sans-serif\", fontsize=10];")?;
    for (stream, ((scope, entity), members)) in drawing.members().into_iter().enumerate() {
        writeln!(out, "  subgraph cluster_{stream} {{")?;
        writeln!(out, "    graph [style=filled, color=\"#F2F2F2\", label={}];", quoted(&format!("{scope}/{entity}")))?;
        for number in members {
            let Some(dot) = drawing.dots().get(number) else { continue };
            let place = if dot.is_fold() { String::new() } else { format!(" @{}", dot.revision) };
            let label = format!("{}\\n{}{place}", escaped(&dot.name()), dot.position);
            let tooltip = details(dot).iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n");
            write!(
                out,
                "    n{number} [label=\"{label}\", tooltip=\"{tooltip}\", color=\"{}\"",
                palette.colour(&dot.kind)
            )?;
            writeln!(out, "{}];", if dot.marked { ", penwidth=4, fontname=\"sans-serif bold\"" } else { "" })?;
        }
        writeln!(out, "  }}")?;
    }
    for link in drawing.links() {
        let style = match link.kind {
            LinkKind::Required => "solid",
            LinkKind::Alternative { .. } => "dashed",
            LinkKind::Context | LinkKind::Observed | LinkKind::Indirect => "dotted",
            LinkKind::StreamOrder => "solid\", arrowhead=none, color=\"#CCCCCC",
        };
        let mut label = link.kind.note();
        if link.count > 1 {
            label = format!("{label} {}", grouped(link.count)).trim().to_owned();
        }
        write!(out, "  n{} -> n{} [style=\"{style}\"", link.from, link.to)?;
        writeln!(out, "{}];", if label.is_empty() { label } else { format!(", label=\"{label}\"") })?;
    }
    writeln!(out, "}}")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Graphviz reads escapes and character entities within quotes, so backslash, quote and ampersand are escaped.
fn escaped(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
