//! How wide text gets at most, without a font at hand.

use unicode_width::UnicodeWidthChar;

use super::super::plain::{plain, shortened};

/// The fonts of the picture. Of the usual ones, DejaVu Sans is the widest: what fits with it fits with any.
pub(crate) const FONTS: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif";

/// Text cut so that it takes at most this room at this font size.
pub(crate) fn fit(text: &str, room: f64, size: f64) -> String {
    shortened(text, room / size, ems)
}

/// Text cut in the middle: names that begin alike often end differently.
pub(crate) fn fit_ends(text: &str, room: f64, size: f64) -> String {
    let text = plain(text);
    if width(&text, size) <= room {
        return text.into_owned();
    }
    let backwards = |text: &str| text.chars().rev().collect::<String>();
    // An accent must stay behind its letter.
    let tail = if text.chars().any(|character| ems(character) == 0.0) {
        String::new()
    } else {
        backwards(&fit(&backwards(&text), room * 0.5, size))
    };
    let head = fit(&text, room - width(&tail, size) + ems('…') * size, size);
    match tail.strip_prefix('…') {
        Some(tail) if head.ends_with('…') => format!("{head}{tail}"),
        _ => fit(&text, room, size),
    }
}

/// An upper bound of the width of ASCII text at a font size, not in bold, and a good guess for any other.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(ems).sum::<f64>() * size
}

/// How much wider bold text is.
pub(crate) const BOLD: f64 = 1.14;

/// The width of a character in units of the font size.
fn ems(character: char) -> f64 {
    match character {
        ' ' | 'i' | 'j' | 'l' | 'I' | 'J' | '\'' | '/' | '|' | '\\' | '.' | ',' | ':' | ';' => 0.34,
        '(' | ')' | '[' | ']' | '-' | 'f' | 't' | '!' | 'r' => 0.42,
        '_' | '"' | '*' | '`' | 's' | 'z' | '?' => 0.54,
        'c' | 'k' | 'v' | 'x' | 'y' | 'L' | 'F' => 0.6,
        'm' | 'M' | 'W' | '@' | '%' | '…' => 1.01,
        'w' | '+' | '=' | '<' | '>' | '#' | '~' | '^' | '&' => 0.84,
        'D' | 'G' | 'H' | 'N' | 'O' | 'Q' | 'U' => 0.79,
        'A'..='Z' => 0.7,
        _ if character.is_ascii() => 0.64,
        _ => match character.width() {
            Some(0) => 0.0,
            Some(2) => 1.3,
            _ => 1.0,
        },
    }
}
