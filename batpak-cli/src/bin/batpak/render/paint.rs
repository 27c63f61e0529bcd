//! The colours of lane graphs and trees.

use batpak::causality::export::{Paint, Part};

use crate::render::Out;
use crate::render::style::{DIM, STRONG, Style, YELLOW};

/// Paints as standard output is painted, or not at all.
pub struct Painter<'a> {
    out: &'a Out,
    plain: bool,
}

impl<'a> Painter<'a> {
    /// For standard output, or, `plain`, for a file.
    pub const fn new(out: &'a Out, plain: bool) -> Self {
        Self { out, plain }
    }
}

impl Paint for Painter<'_> {
    fn paint(&self, part: Part, text: &str, into: &mut String) {
        match style(part) {
            Some(style) if !self.plain => into.push_str(&self.out.styled(style, text)),
            _ => into.push_str(text),
        }
    }
}

const fn style(part: Part) -> Option<Style> {
    match part {
        Part::Kind => Some(STRONG),
        Part::MarkedGlyph => Some(YELLOW),
        Part::Position | Part::Time | Part::Payload | Part::Reference => Some(DIM),
        Part::Glyph | Part::Stream => None,
    }
}
