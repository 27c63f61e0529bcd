//! The cursor of the query parser: characters, words and quoted strings, with their place in the text.

use crate::error::ParseError;

pub(super) struct Cursor<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, rest: text }
    }

    /// Whether the whole text is spaces.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The next character.
    pub(super) fn next(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The next character, spaces skipped.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.rest.chars().next()
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn eat_text(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    pub(super) const fn offset(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(self.offset(), message)
    }

    pub(super) fn unexpected(&self, found: char, wanted: &str) -> ParseError {
        let found = found.escape_debug();
        let error = self.fault(format!("expected {wanted}, found `{found}`"));
        match self.next() {
            Some('~') => error.hint("a query knows `&`, `|` and parentheses, not `~`"),
            Some(',') => error.hint("join alternatives with `|`, as in `kind(a) | kind(b)`"),
            _ => error,
        }
    }

    /// The text of a string, whose opening quote is next.
    pub(super) fn quoted(&mut self) -> Result<String, ParseError> {
        let start = self.offset();
        let mut text = String::new();
        let mut characters = self.rest.chars();
        characters.next();
        loop {
            self.rest = characters.as_str();
            match characters.next() {
                None => return Err(ParseError::new(start, "string without an end")),
                Some('"') => break,
                Some('\\') => {
                    self.rest = characters.as_str();
                    text.push(self.escape()?);
                    characters = self.rest.chars();
                }
                Some(character) => text.push(character),
            }
        }
        self.rest = characters.as_str();
        Ok(text)
    }

    /// The character of an escape, whose backslash is behind.
    fn escape(&mut self) -> Result<char, ParseError> {
        let bad = || {
            let hint = "`\\\"`, `\\\\`, `\\n`, `\\r`, `\\t` and `\\u{1f4a1}` are known";
            Err(self.fault("unknown escape").hint(hint))
        };
        let mut characters = self.rest.chars();
        let escaped = match characters.next() {
            Some('"') => '"',
            Some('\\') => '\\',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let digits = characters.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}'));
                let Some((digits, rest)) = digits else {
                    return bad();
                };
                characters = rest.chars();
                match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                    Some(character) if !digits.starts_with('+') => character,
                    _ => return bad(),
                }
            }
            _ => return bad(),
        };
        self.rest = characters.as_str();
        Ok(escaped)
    }
}
