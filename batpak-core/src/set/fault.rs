//! A fault in the text of a set, and in which alias it is.

use crate::error::{ParseError, shortened};

/// An error and the level of the text it is in: 0 is the caller's, each alias is one more.
pub(super) struct Fault {
    error: Box<ParseError>,
    level: usize,
    quoted: bool,
}

impl Fault {
    pub(super) fn new(level: usize, at: usize, message: impl Into<String>) -> Self {
        Self { error: Box::new(ParseError::new(at, message)), level, quoted: false }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.error.hint = Some(hint.into());
        self
    }

    pub(super) fn hint_if(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// The fault with what it is about in front.
    pub(super) fn about(mut self, what: &str) -> Self {
        self.error.message = format!("{what}: {}", self.error.message);
        self
    }

    /// The fault as seen by whoever uses an alias at byte `at` of the text of `level`: what is wrong in the definition
    /// is shown there, with the definition. What is wrong in an argument keeps its own place.
    pub(super) fn within(mut self, name: &str, definition: &str, level: usize, at: usize) -> Self {
        if self.level <= level {
            return self;
        }
        (self.level, self.error.at) = (level, at);
        self.error.message = format!("in alias `{name}`: {}", self.error.message);
        if !self.quoted {
            let quote = format!("`{name}` is `{}`", shortened(definition));
            self.error.hint = Some(match self.error.hint.take() {
                Some(hint) => format!("{hint}; {quote}"),
                None => quote,
            });
            self.quoted = true;
        }
        self
    }

    pub(super) fn into_error(self) -> ParseError {
        *self.error
    }
}
