//! Regular expressions over names.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smol_str::SmolStr;

use crate::error::ParseError;
use crate::limits::QUERY_BYTES_MAX;

/// Bytes that a compiled expression may take (64 KiB).
const COMPILED_BYTES_MAX: usize = 64 << 10;

/// Groups within one another in an expression.
const NESTING_MAX: u32 = 32;

/// A regular expression in the syntax of the crate `regex-lite`, compiled once; copies share it.
///
/// It is found anywhere in a name unless it says `^` or `$`. Time to match is the length of the expression times that of
/// the name, whatever they are. Two are equal if their texts are.
#[derive(Clone)]
pub struct Regex(Arc<Compiled>);

struct Compiled {
    text: SmolStr,
    regex: regex_lite::Regex,
    prefix: String,
}

impl Regex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// [`ParseError`] at byte 0 if the expression has a fault, or comes to more than 64 KiB when compiled.
    pub fn new(text: impl AsRef<str>) -> Result<Self, ParseError> {
        let text = text.as_ref();
        if text.len() > QUERY_BYTES_MAX {
            let message = format!("a regular expression of {} bytes is longer than {QUERY_BYTES_MAX}", text.len());
            return Err(ParseError::new(0, message));
        }
        let mut builder = regex_lite::RegexBuilder::new(text);
        let regex = builder.size_limit(COMPILED_BYTES_MAX).nest_limit(NESTING_MAX).build();
        let regex = regex.map_err(|error| ParseError::new(0, format!("bad regular expression: {error}")))?;
        Ok(Self(Arc::new(Compiled { text: text.into(), regex, prefix: literal_prefix(text) })))
    }

    /// The text of the expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Whether the expression is found in the name.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.0.regex.is_match(name)
    }

    /// What every name that matches starts with, as far as the expression says so plainly: `order.` of `^order\.`.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        &self.0.prefix
    }
}

/// The plain characters after a `^` that holds for the whole expression.
fn literal_prefix(text: &str) -> String {
    let mut prefix = String::new();
    let Some(rest) = text.strip_prefix('^') else { return prefix };
    if rest.contains('|') {
        return prefix;
    }
    let mut characters = rest.chars();
    loop {
        let literal = match characters.next() {
            Some('\\') => characters.next().filter(|c| c.is_ascii_punctuation() && !"<>".contains(*c)),
            Some(character) if !".+*?()[]{}^$".contains(character) => Some(character),
            _ => None,
        };
        let Some(literal) = literal else { return prefix };
        // What may be repeated need not be there.
        if characters.as_str().starts_with(['*', '?', '{']) {
            return prefix;
        }
        prefix.push(literal);
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Regex {}

impl Hash for Regex {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regex({:?})", self.as_str())
    }
}

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_only_what_every_match_starts_with() {
        for (text, prefix) in [
            ("", ""),
            ("order", ""),
            ("^order", "order"),
            ("^order$", "order"),
            (r"^batpak\.decision", "batpak.decision"),
            ("^ab*", "a"),
            ("^ab?c", "a"),
            ("^ab{0}c", "a"),
            ("^ab+c", "ab"),
            ("^a|b", ""),
            ("^(a|b)", ""),
            ("^(?i)a", ""),
            ("(?i)^a", ""),
            ("^a[bc]", "a"),
            (r"^a\d", "a"),
            (r"^a\b", "a"),
            (r"^a\<b", "a"),
            ("^é.", "é"),
        ] {
            assert_eq!(Regex::new(text).unwrap().literal_prefix(), prefix, "{text}");
        }
    }

    #[test]
    fn too_much_is_refused() {
        assert!(Regex::new("x{1000}{1000}").is_err());
        assert!(Regex::new("(".repeat(10_000)).is_err());
        assert!(Regex::new("(").unwrap_err().message.contains("bad regular expression"));
        assert!(Regex::new("a".repeat(QUERY_BYTES_MAX + 1)).is_err());
        Regex::new(r"^order\.(paid|refused|[a-z]{1,40})$").unwrap();
    }
}
