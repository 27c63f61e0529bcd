//! Mermaid: a flowchart that renders where Markdown does.

use std::fmt::Write;

use super::colour::{COLOURS, Palette};
use super::drawing::{Drawing, LinkKind, grouped};
use super::plain::plain;

/// The drawing as a Mermaid `flowchart LR`, a subgraph a stream.
///
/// Mermaid itself refuses more than 500 links or 50,000 characters unless its page is configured otherwise: fold first.
#[must_use]
pub fn mermaid(drawing: &Drawing) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(drawing, &mut out);
    out
}

fn write(drawing: &Drawing, out: &mut impl Write) -> std::fmt::Result {
    let palette = Palette::of(drawing);
    writeln!(out, "---\ntitle: \"{}\"\n---", yaml(drawing.title()))?;
    writeln!(out, "flowchart LR")?;
    for (stream, ((scope, entity), members)) in drawing.members().into_iter().enumerate() {
        writeln!(out, "  subgraph s{stream}[\"{}\"]", escaped(&format!("{scope}/{entity}")))?;
        for number in members {
            let Some(dot) = drawing.dots().get(number) else { continue };
            let revision = if dot.is_fold() { String::new() } else { format!(" @{}", dot.revision) };
            write!(out, "    n{number}[\"{}<br/>{}{}\"]", escaped(&dot.name()), dot.position, revision)?;
            match palette.slot(&dot.kind) {
                Some(slot) => writeln!(out, ":::k{slot}")?,
                None => writeln!(out)?,
            }
        }
        writeln!(out, "  end")?;
    }
    for link in drawing.links() {
        let line = match link.kind {
            LinkKind::Required => "-->",
            LinkKind::StreamOrder => "---",
            LinkKind::Alternative { .. } | LinkKind::Context | LinkKind::Observed | LinkKind::Indirect => "-.->",
        };
        let mut label = link.kind.note();
        if link.count > 1 {
            label = format!("{label} {}", grouped(link.count)).trim().to_owned();
        }
        let label = if label.is_empty() { label } else { format!("|\"{label}\"|") };
        writeln!(out, "  n{} {line}{label} n{}", link.from, link.to)?;
    }
    for (_, slot) in palette.kinds() {
        if let Some(colour) = COLOURS.get(slot) {
            writeln!(out, "  classDef k{slot} stroke:{colour},stroke-width:2px")?;
        }
    }
    for (number, _) in drawing.dots().iter().enumerate().filter(|(_, dot)| dot.marked) {
        writeln!(out, "  style n{number} stroke-width:5px")?;
    }
    Ok(())
}

/// Every sign that Mermaid, Markdown or HTML could read as something else is written as its entity.
fn escaped(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        // Within a word these begin no list.
        let within = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        let harmless = match character {
            ' ' | '_' | '/' | ':' | ',' | '@' => true,
            '.' | '-' => within,
            _ => character.is_alphanumeric() || !character.is_ascii(),
        };
        if harmless {
            out.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "#{};", u32::from(character));
        }
        before = character;
    }
    out
}

/// The inside of a text in double quotes in the YAML before the chart, in which Mermaid still looks for directives.
fn yaml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in plain(text).chars() {
        if matches!(character, '\\' | '"' | '`' | '%' | '<' | '>' | '&') {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    out
}
