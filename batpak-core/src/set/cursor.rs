//! The cursor of the parser: characters, words and quoted strings, with their place in the text.

use super::fault::Fault;
use super::suggest;

/// Whether a character may stand in a name or a time without quotes.
pub(crate) fn is_bare(character: char) -> bool {
    character.is_alphanumeric() || "_-.:/@+#=%$".contains(character)
}

/// Whether a character may begin a word of an expression.
pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Bytes of the word that a text begins with: letters, digits and `_`, and between them a `.`, a `+` or some `-`.
///
/// This is jj's rule: `1..2`, `a-` and `a+` are a word and an operator, `order-1` and `v1.2` are words.
pub(super) fn word_len(text: &str) -> usize {
    let part = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        from + rest.find(|c| !is_word(c)).unwrap_or(rest.len())
    };
    let mut end = part(0);
    if end == 0 {
        return 0;
    }
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let between = match rest.as_bytes().first() {
            Some(b'.' | b'+') => 1,
            Some(b'-') => rest.len() - rest.trim_start_matches('-').len(),
            _ => return end,
        };
        let next = part(end + between);
        if next == end + between {
            return end;
        }
        end = next;
    }
}

#[derive(Clone)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    rest: &'t str,
    level: usize,
}

impl<'t> Cursor<'t> {
    /// At a byte of a text, which is in `level` aliases.
    pub(super) fn new(text: &'t str, at: usize, level: usize) -> Self {
        Self { text, rest: text.get(at..).unwrap_or_default(), level }
    }

    /// Whether the whole text is spaces.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The text up to byte `end`.
    pub(super) fn text_to(&self, end: usize) -> &'t str {
        self.text.get(..end).unwrap_or(self.text)
    }

    /// The text that is left.
    pub(super) const fn rest(&self) -> &'t str {
        self.rest
    }

    /// The next character.
    pub(super) fn next(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The next character, spaces skipped.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.next()
    }

    /// Skips spaces, and the wanted character if it comes then.
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

    /// Skips the wanted text if it comes next.
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
        self.take(end)
    }

    pub(super) fn take_word(&mut self) -> &'t str {
        self.take(word_len(self.rest))
    }

    fn take(&mut self, end: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    pub(super) fn skip_space(&mut self) {
        // Usually there is none, which a look at one byte shows.
        if !matches!(self.rest.as_bytes(), [b'!'..=b'~', ..]) {
            self.rest = self.rest.trim_start();
        }
    }

    pub(super) const fn offset(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        self.fault_at(self.offset(), message)
    }

    pub(super) fn fault_at(&self, at: usize, message: impl Into<String>) -> Fault {
        Fault::new(self.level, at, message)
    }

    /// The next thing is not what is wanted there.
    pub(super) fn unexpected(&self, wanted: &str) -> Fault {
        let found = match self.next() {
            None => "the end".to_owned(),
            Some(_) => format!("`{}`", suggest::token(self.rest).escape_debug()),
        };
        let before = self.text_to(self.offset());
        self.fault(format!("expected {wanted}, found {found}")).hint_if(suggest::instead_of(before, self.rest))
    }

    /// The text of a string, if a quote comes next: `"with \"escapes\""` or `'without'`.
    pub(super) fn string(&mut self) -> Result<Option<String>, Fault> {
        let start = self.offset();
        let unended = |cursor: &Self| Err(cursor.fault_at(start, "string without an end"));
        if self.eat_text("'") {
            let text = self.take_while(|c| c != '\'').to_owned();
            return if self.eat_text("'") { Ok(Some(text)) } else { unended(self) };
        }
        if !self.eat_text("\"") {
            return Ok(None);
        }
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != '"' && c != '\\'));
            if self.eat_text("\"") {
                return Ok(Some(text));
            }
            if !self.eat_text("\\") {
                return unended(self);
            }
            text.push(self.escape()?);
        }
    }

    /// The character of an escape, whose backslash is behind.
    fn escape(&mut self) -> Result<char, Fault> {
        let bad = || {
            let hint = "`\\\"`, `\\\\`, `\\n`, `\\r`, `\\t` and `\\u{1f4a1}` are known; in '..' a backslash is itself";
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
