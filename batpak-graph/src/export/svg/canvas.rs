//! Elements of an SVG, escaped by the XML writer.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::super::plain::plain;
use super::scene::Rect;

/// Writes elements one after another.
pub(crate) struct Canvas(Writer<Vec<u8>>);

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How thick a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Normal,
    Medium,
    Bold,
}

/// A line of text in a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    pub(crate) x: f64,
    /// The base line.
    pub(crate) y: f64,
    pub(crate) size: f64,
    /// The room that the text was fitted to, from which nothing may stick out.
    pub(crate) room: f64,
    pub(crate) weight: Weight,
    pub(crate) anchor: Anchor,
    pub(crate) class: &'a str,
}

impl Canvas {
    pub(crate) fn new() -> Self {
        Self(Writer::new(Vec::new()))
    }

    /// Puts all that another one holds after this one's elements.
    pub(crate) fn append(&mut self, other: Self) -> io::Result<()> {
        io::Write::write_all(self.0.get_mut(), &other.0.into_inner())
    }

    /// The elements as text.
    pub(crate) fn finish(self) -> String {
        String::from_utf8_lossy(&self.0.into_inner()).into_owned()
    }

    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    pub(crate) fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())))
    }

    /// An element with text in it, for instance a tooltip.
    pub(crate) fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.0.write_event(Event::Text(BytesText::new(text)))?;
        self.close(name)
    }

    /// A line break, so that the file can be read and compared.
    pub(crate) fn line_break(&mut self) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new("\n")))
    }

    /// A rectangle with round corners.
    pub(crate) fn rect(&mut self, class: &str, rect: Rect, radius: f64) -> io::Result<()> {
        let [x, y, width, height, radius] = [rect.x, rect.y, rect.width, rect.height, radius].map(number);
        let attributes =
            [("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", radius.as_str())];
        self.empty("rect", &attributes)
    }

    /// A line of text. Where its width is only guessed, since it is not ASCII, it is clipped to its room.
    pub(crate) fn line(&mut self, line: Line) -> io::Result<()> {
        if line.text.is_empty() {
            return Ok(());
        }
        let text = plain(line.text);
        let clipped = !text.is_ascii();
        let left = match line.anchor {
            Anchor::Start => line.x,
            Anchor::Middle => line.x - line.room / 2.0,
            Anchor::End => line.x - line.room,
        };
        let top = line.y - line.size * 1.2;
        if clipped {
            let [x, y, width, height] = [left, top, line.room, line.size * 1.6].map(number);
            self.open("svg", &[("x", &x), ("y", &y), ("width", &width), ("height", &height)])?;
        }
        let (x, y) = if clipped { (line.x - left, line.y - top) } else { (line.x, line.y) };
        let [x, y, size] = [x, y, line.size].map(number);
        let mut attributes = vec![("x", x.as_str()), ("y", &y), ("font-size", &size)];
        match line.weight {
            Weight::Normal => {}
            // Hardly wider than the normal weight, in fonts that are narrow anyway; others have none.
            Weight::Medium => attributes.push(("font-weight", "500")),
            Weight::Bold => attributes.push(("font-weight", "600")),
        }
        match line.anchor {
            Anchor::Start => {}
            Anchor::Middle => attributes.push(("text-anchor", "middle")),
            Anchor::End => attributes.push(("text-anchor", "end")),
        }
        if !line.class.is_empty() {
            attributes.push(("class", line.class));
        }
        self.text("text", &attributes, &text)?;
        if clipped { self.close("svg") } else { Ok(()) }
    }
}

/// A coordinate with at most one digit after the point.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
