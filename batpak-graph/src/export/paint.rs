//! Where colour goes into text for terminals; which colour, the caller decides.

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The sign of an event.
    Glyph,
    /// The sign of an event that was asked about.
    MarkedGlyph,
    /// The position, which is the short name of an event.
    Position,
    /// What happened.
    Kind,
    /// The stream.
    Stream,
    /// The time.
    Time,
    /// The beginning of the payload, or a remark.
    Payload,
    /// A mention of an event that stands elsewhere.
    Reference,
}

/// Turns parts of a line into what is printed, for instance by escape codes around them.
///
/// What it adds must not take any width. Text comes without control characters.
pub trait Paint {
    /// Appends a part.
    fn paint(&self, part: Part, text: &str, out: &mut String);
}

/// No colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plain;

impl Paint for Plain {
    fn paint(&self, _: Part, text: &str, out: &mut String) {
        out.push_str(text);
    }
}

/// A line that is filled up to a width.
pub(crate) struct Row<'a, P: ?Sized> {
    text: String,
    room: usize,
    paint: &'a P,
}

impl<'a, P: Paint + ?Sized> Row<'a, P> {
    /// A line with room for this many columns.
    pub(crate) fn new(room: usize, paint: &'a P) -> Self {
        Self { text: String::new(), room, paint }
    }

    /// Appends a part and a space before it, as far as there is room.
    pub(crate) fn push(&mut self, part: Part, text: &str) {
        let space = usize::from(!self.text.is_empty());
        // What would be less than an ellipsis and a letter is left out.
        if text.is_empty() || self.room < space + 2 {
            return;
        }
        let text = super::plain::fitted(text, self.room - space);
        if space == 1 {
            self.text.push(' ');
        }
        self.room = self.room.saturating_sub(space + columns(&text));
        self.paint.paint(part, &text, &mut self.text);
    }

    /// The painted line.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// Columns that plain text takes in a terminal.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(super::plain::cells).sum()
}
