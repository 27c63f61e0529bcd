//! GraphML: for Gephi, yEd, Cytoscape and NetworkX.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::drawing::{Dot, Drawing, Link};
use super::plain::plain;
use super::when;

/// A value of an event or a link: its name, its type in GraphML, and how to get it.
type Column<T> = (&'static str, &'static str, fn(&T) -> Option<String>);

const DOT_COLUMNS: &[Column<Dot>] = &[
    ("label", "string", |dot| Some(dot.name())),
    ("position", "long", |dot| Some(dot.position.to_string())),
    ("kind", "string", |dot| Some(dot.kind.clone())),
    ("scope", "string", |dot| Some(dot.scope.clone())),
    ("entity", "string", |dot| Some(dot.entity.clone())),
    ("revision", "long", |dot| Some(dot.revision.to_string())),
    ("correlation", "string", |dot| dot.correlation.clone()),
    ("tags", "string", |dot| (!dot.tags.is_empty()).then(|| dot.tags.join("\n"))),
    ("time", "string", |dot| when::rfc3339(dot.time_us)),
    ("time_us", "long", |dot| Some(dot.time_us.to_string())),
    ("recorded_us", "long", |dot| Some(dot.recorded_us.to_string())),
    ("payload", "string", |dot| (!dot.payload_head.is_empty()).then(|| dot.payload_head.clone())),
    ("marked", "boolean", |dot| Some(dot.marked.to_string())),
    ("count", "long", |dot| Some(dot.count.to_string())),
];

const LINK_COLUMNS: &[Column<Link>] = &[
    ("link", "string", |link| Some(link.kind.name().to_owned())),
    ("group", "int", |link| link.kind.group().map(|group| group.to_string())),
    ("links", "long", |link| Some(link.count.to_string())),
];

/// The drawing as GraphML 1.0, nodes by event id.
///
/// XML has no way to write control characters, so they come out as escapes such as `\n`; tags stand on lines of their
/// own.
#[must_use]
pub fn graphml(drawing: &Drawing) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    // Writing to memory cannot fail.
    let _ = write(drawing, &mut writer);
    let text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n")
}

type Out = Writer<Vec<u8>>;

fn write(drawing: &Drawing, out: &mut Out) -> io::Result<()> {
    let root = out.create_element("graphml").with_attributes([
        ("xmlns", "http://graphml.graphdrawing.org/xmlns"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        (
            "xsi:schemaLocation",
            "http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd",
        ),
    ]);
    root.write_inner_content(|out| {
        keys(out, "node", DOT_COLUMNS)?;
        keys(out, "edge", LINK_COLUMNS)?;
        let key = [("id", "title"), ("for", "graph"), ("attr.name", "title"), ("attr.type", "string")];
        out.create_element("key").with_attributes(key).write_empty()?;
        let graph = out.create_element("graph").with_attributes([("id", "batpak"), ("edgedefault", "directed")]);
        graph.write_inner_content(|out| graph_content(drawing, out)).map(drop)
    })?;
    Ok(())
}

fn graph_content(drawing: &Drawing, out: &mut Out) -> io::Result<()> {
    data(out, "title", drawing.title())?;
    for dot in drawing.dots() {
        let node = out.create_element("node").with_attribute(("id", dot.id.to_string().as_str()));
        node.write_inner_content(|out| values(out, dot, DOT_COLUMNS))?;
    }
    for (number, link) in drawing.links().iter().enumerate() {
        let Some((cause, effect)) = drawing.ends(link) else { continue };
        let edge = out.create_element("edge").with_attributes([
            ("id", format!("e{number}").as_str()),
            ("source", cause.id.to_string().as_str()),
            ("target", effect.id.to_string().as_str()),
        ]);
        edge.write_inner_content(|out| values(out, link, LINK_COLUMNS))?;
    }
    Ok(())
}

fn keys<T>(out: &mut Out, whose: &str, columns: &[Column<T>]) -> io::Result<()> {
    for (name, kind, _) in columns {
        let key = out.create_element("key").with_attributes([
            ("id", *name),
            ("for", whose),
            ("attr.name", *name),
            ("attr.type", *kind),
        ]);
        key.write_empty()?;
    }
    Ok(())
}

fn values<T>(out: &mut Out, of: &T, columns: &[Column<T>]) -> io::Result<()> {
    columns.iter().try_for_each(|(name, _, value)| match value(of) {
        Some(value) => data(out, name, &value),
        None => Ok(()),
    })
}

fn data(out: &mut Out, key: &str, value: &str) -> io::Result<()> {
    let value = value.split('\n').map(plain).collect::<Vec<_>>().join("\n");
    out.create_element("data").with_attribute(("key", key)).write_text_content(BytesText::new(&value)).map(drop)
}
