//! The few styles in use.

use std::fmt::Display;

/// A style of a terminal: the numbers of an ANSI "select graphic rendition" sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style(&'static str);

/// Heads and names.
pub const STRONG: Style = Style("1");
/// What is there to be skipped.
pub const DIM: Style = Style("2");
/// What is well.
pub const GREEN: Style = Style("32");
/// What deserves a look.
pub const YELLOW: Style = Style("33");
/// What is wrong.
pub const RED: Style = Style("1;31");

impl Style {
    /// The text between the sequences that switch the style on and off.
    pub fn paint(self, text: impl Display) -> String {
        format!("\x1b[{}m{text}\x1b[0m", self.0)
    }
}
