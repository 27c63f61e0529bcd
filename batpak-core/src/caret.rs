//! Showing where in a text a fault is.

use std::fmt::{self, Write};

use crate::error::ParseError;

/// Characters of the line that are shown before the place, and from it on.
const SHOWN: usize = 60;

pub(crate) struct Pointing<'a> {
    pub(crate) error: &'a ParseError,
    pub(crate) text: &'a str,
}

impl fmt::Display for Pointing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, text } = self;
        f.write_str(&error.message)?;
        let at = (0..=error.at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let before = before.rsplit(is_line_end).next().unwrap_or_default();
        let after = after.split(is_line_end).next().unwrap_or_default();

        f.write_str("\n  ")?;
        let mut column = 0;
        let skipped = before.chars().count().saturating_sub(SHOWN);
        if skipped > 0 {
            f.write_char('…')?;
            column += 1;
        }
        for character in before.chars().skip(skipped) {
            f.write_char(visible(character))?;
            column += 1;
        }
        for character in after.chars().take(SHOWN) {
            f.write_char(visible(character))?;
        }
        if after.chars().nth(SHOWN).is_some() {
            f.write_char('…')?;
        }
        write!(f, "\n  {:column$}^", "")?;
        match &error.hint {
            Some(hint) => write!(f, "\n{hint}"),
            None => Ok(()),
        }
    }
}

const fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r')
}

/// A character that leaves the terminal as it is.
fn visible(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, at: usize, expected: &str) {
        let error = ParseError::new(at, "no");
        assert_eq!(Pointing { error: &error, text }.to_string(), expected);
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        check("a bc", 2, "no\n  a bc\n    ^");
        check("", 0, "no\n  \n  ^");
        check("abc", 3, "no\n  abc\n     ^");
        check("é|é", 3, "no\n  é|é\n    ^");
        check("one\ntwo\r\n", 5, "no\n  two\n   ^");
        check("a\tb\u{1b}[1m", 2, "no\n  a b [1m\n    ^");
    }

    #[test]
    fn a_place_that_is_none_is_moved_to_one() {
        check("é", 1, "no\n  é\n  ^");
        check("é", 99, "no\n  é\n   ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}x{}", "a".repeat(100), "b".repeat(100));
        let expected = format!("no\n  …{}x{}…\n  {}^", "a".repeat(60), "b".repeat(59), " ".repeat(61));
        check(&text, 100, &expected);
    }

    #[test]
    fn the_hint_comes_last() {
        let error = ParseError::new(0, "no").hint("try `y`");
        assert_eq!(Pointing { error: &error, text: "x" }.to_string(), "no\n  x\n  ^\ntry `y`");
    }
}
