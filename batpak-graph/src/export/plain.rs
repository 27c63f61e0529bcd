//! Text that does no harm where it is shown: nothing in it hides, breaks the line or turns the direction.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Whether a character is not shown as itself: controls, line separators, marks of direction, what has no width and is
/// no accent, and what XML forbids.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// The text with hidden characters written as escapes, such as `\n` and `\u{202e}`.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    Cow::Owned(shown)
}

/// Plain text cut to a width, with an ellipsis if something is missing. `width` measures a character.
///
/// Accents have no width of their own; more than a few for each unit of width are cut as well.
pub(crate) fn shortened(text: &str, room: f64, width: impl Fn(char) -> f64) -> String {
    let text = plain(text);
    let ellipsis = width('…');
    let (mut used, mut fits) = (0.0, 0);
    let mut accents = 0_u32;
    for (at, character) in text.char_indices() {
        let wide = width(character);
        accents = if wide == 0.0 { accents + 1 } else { 0 };
        if used + wide > room || accents > 4 {
            return if ellipsis > room {
                String::new()
            } else {
                format!("{}…", text.get(..fits).unwrap_or_default().trim_end())
            };
        }
        used += wide;
        if used + ellipsis <= room {
            fits = at + character.len_utf8();
        }
    }
    text.into_owned()
}

/// Columns that a character takes in a terminal.
pub(crate) fn cells(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Plain text cut to columns of a terminal.
pub(crate) fn fitted(text: &str, columns: usize) -> String {
    // Columns are few and cells at most two.
    let columns = f64::from(u16::try_from(columns).unwrap_or(u16::MAX));
    shortened(text, columns, |character| f64::from(u8::try_from(cells(character)).unwrap_or(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_become_escapes() {
        assert_eq!(plain("a\nb\u{202e}c\u{200b}é"), "a\\nb\\u{202e}c\\u{200b}é");
    }

    #[test]
    fn text_is_cut_to_its_room() {
        assert_eq!(fitted("approved", 8), "approved");
        assert_eq!(fitted("approved", 7), "approv…");
        assert_eq!(fitted("漢字漢字", 7), "漢字漢…");
        assert_eq!(fitted("漢字漢字", 6), "漢字…");
        assert_eq!(fitted("approved", 0), "");
        assert!(fitted(&format!("a{}", "\u{301}".repeat(1000)), 10).len() < 40);
    }
}
