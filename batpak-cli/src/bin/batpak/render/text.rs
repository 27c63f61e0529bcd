//! Text from outside, made harmless for a terminal.

use std::fmt::Write;

/// The bytes as text without control characters: what is no UTF-8 or would steer the terminal is shown as an escape.
pub fn plain(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push(&mut text, character);
        }
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").ok();
        }
    }
    text
}

/// The beginning of the bytes as text, of at most `width` characters, with an ellipsis if there is more.
pub fn head(bytes: &[u8], width: usize) -> String {
    // A character has at most four bytes.
    let start = bytes.get(..width.saturating_mul(4)).unwrap_or(bytes);
    let text = plain(start);
    if start.len() == bytes.len() && text.chars().nth(width).is_none() {
        return text;
    }
    let mut text: String = text.chars().take(width.saturating_sub(1)).collect();
    text.push('…');
    text
}

fn push(text: &mut String, character: char) {
    // The marks that change the direction of text could show a line as another one.
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turns {
        text.extend(character.escape_default());
    } else {
        text.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(plain(b"a\x1b[31mb\n\xff"), "a\\u{1b}[31mb\\n\\xff");
        assert_eq!(plain("\u{202e}x é".as_bytes()), "\\u{202e}x é");
    }

    #[test]
    fn a_head_says_that_there_is_more() {
        assert_eq!(head(b"abc", 3), "abc");
        assert_eq!(head(b"abcd", 3), "ab…");
        assert_eq!(head("éééé".as_bytes(), 3), "éé…");
        assert_eq!(head(b"", 3), "");
    }
}
