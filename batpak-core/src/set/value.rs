//! Reading what functions take beside sets: patterns, names, times and numbers.

use std::str::FromStr;

use smol_str::SmolStr;

use super::cursor::{Cursor, is_bare};
use super::fault::Fault;
use super::parse::{Argument, Parser};
use crate::error::shortened;
use crate::query::{EXACT, GLOB, PREFIX, Pattern, REGEX};

/// What a parameter stands for while a definition is only looked over. It is a number, a name and a beginning of an id.
const PLACEHOLDER: &str = "0";

/// Nodes that a regular expression counts as: it takes more room and time than a name.
const REGEX_NODES: usize = 16;

/// Bytes of an alias's text that count as one node, so that long texts cannot be read very often.
const NODE_BYTES: usize = 64;

/// Whether a character may stand in a glob or a regular expression without quotes.
fn is_shape(character: char) -> bool {
    is_bare(character) || matches!(character, '*' | '?')
}

impl<'p> Parser<'p> {
    /// Whether a definition is only looked over, before its parameters and other aliases are known.
    pub(super) const fn is_looked_over(&self) -> bool {
        self.scope.arguments.is_none()
    }

    /// What a parameter of the alias whose definition this is stands for. The outer `None`: the word is no parameter; the
    /// inner one: nobody knows yet.
    pub(super) fn parameter<R>(
        &mut self,
        word: &str,
        read: impl FnOnce(&mut Parser<'_>) -> Result<R, Fault>,
    ) -> Result<Option<Option<R>>, Fault> {
        let scope = self.scope;
        let Some(place) = scope.alias.and_then(|(_, alias)| alias.parameter(word)) else { return Ok(None) };
        let Some(argument) = scope.arguments.as_ref().and_then(|arguments| arguments.get(place)) else {
            return Ok(Some(None));
        };
        self.argument(argument, read).map(|result| Some(Some(result)))
    }

    fn argument<R>(
        &mut self,
        argument: &Argument<'p>,
        read: impl FnOnce(&mut Parser<'_>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        self.charge_text(argument.text.len().saturating_sub(argument.at))?;
        self.deeper(|parser| {
            let cursor = Cursor::new(argument.text, argument.at, argument.scope.level);
            let mut inner = Parser { cursor, scope: argument.scope, budget: &mut *parser.budget };
            let result = read(&mut inner)?;
            match inner.cursor.peek() {
                None => Ok(result),
                Some(_) => Err(inner.cursor.unexpected("the end of the argument")),
            }
        })
    }

    /// Takes from the budget for a text that is read once more.
    pub(super) fn charge_text(&mut self, bytes: usize) -> Result<(), Fault> {
        self.charge(1 + bytes / NODE_BYTES)
    }

    /// `exact:`, `prefix:`, `glob:` or `regex:`, or none, and a word or a string.
    pub(super) fn pattern(&mut self) -> Result<Pattern, Fault> {
        self.cursor.skip_space();
        if self.cursor.eat_text(REGEX) {
            let at = self.cursor.offset();
            let text = self.text_of("a regular expression", is_shape)?;
            self.charge(REGEX_NODES)?;
            return Pattern::regex(text).map_err(|error| self.cursor.fault_at(at, error.message));
        }
        if self.cursor.eat_text(GLOB) {
            return self.text_of("a pattern", is_shape).map(Pattern::Glob);
        }
        let make = if self.cursor.eat_text(PREFIX) {
            Pattern::Prefix
        } else if self.cursor.eat_text(EXACT) {
            Pattern::Exact
        } else {
            return self.plain_pattern();
        };
        let text = self.text_of("a pattern", is_bare)?;
        self.no_wildcard()?;
        Ok(make(text))
    }

    /// A pattern that does not say its kind: a name, or a parameter that may.
    fn plain_pattern(&mut self) -> Result<Pattern, Fault> {
        let at = self.cursor.offset();
        if let Some(text) = self.cursor.string()? {
            return Ok(Pattern::Exact(text.into()));
        }
        let word = self.cursor.take_while(is_bare);
        self.no_wildcard()?;
        match self.cursor.next() {
            Some('"' | '\'') if !word.is_empty() => {
                let error = self.cursor.fault_at(at, format!("unknown kind of pattern `{}`", shortened(word)));
                Err(error.hint("the kinds are `exact:`, `prefix:`, `glob:` and `regex:`"))
            }
            _ if word.is_empty() => Err(self.cursor.unexpected("a pattern")),
            _ => match self.parameter(word, |argument| argument.pattern())? {
                Some(pattern) => Ok(pattern.unwrap_or_else(|| Pattern::exact(PLACEHOLDER))),
                None => Ok(Pattern::Exact(word.into())),
            },
        }
    }

    fn no_wildcard(&self) -> Result<(), Fault> {
        if !matches!(self.cursor.next(), Some('*' | '?')) {
            return Ok(());
        }
        let error = self.cursor.fault("wildcards need `glob:`");
        Err(error.hint("`glob:\"A_*\"` matches a shape, a quoted \"A_*\" itself"))
    }

    /// A word or a string.
    pub(super) fn text(&mut self, what: &str) -> Result<SmolStr, Fault> {
        self.cursor.skip_space();
        self.text_of(what, is_bare)
    }

    fn text_of(&mut self, what: &str, belongs: fn(char) -> bool) -> Result<SmolStr, Fault> {
        if let Some(text) = self.cursor.string()? {
            return Ok(text.into());
        }
        let word = self.cursor.take_while(belongs);
        if word.is_empty() {
            return Err(self.cursor.unexpected(what));
        }
        match self.parameter(word, |argument| argument.text(what))? {
            Some(text) => Ok(text.unwrap_or_else(|| PLACEHOLDER.into())),
            None => Ok(word.into()),
        }
    }

    /// A number that is not too large for where it is wanted.
    pub(super) fn number<N: FromStr>(&mut self) -> Result<N, Fault> {
        self.cursor.skip_space();
        let at = self.cursor.offset();
        let text = self.text("a number")?;
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(self.cursor.fault_at(at, format!("`{}` is not a number", shortened(&text).escape_debug())));
        }
        text.parse().map_err(|_| self.cursor.fault_at(at, "the number is too large"))
    }

    /// The beginning of an id, in lower case and without hyphens.
    pub(super) fn id(&mut self) -> Result<SmolStr, Fault> {
        self.cursor.skip_space();
        let at = self.cursor.offset();
        let text = self.text("the beginning of an id")?;
        let digits: SmolStr = text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
        if (1..=32).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(digits);
        }
        let message = format!("`{}` is not the beginning of an id", shortened(&text).escape_debug());
        Err(self.cursor.fault_at(at, message).hint("an id is 32 hexadecimal digits; hyphens do not count"))
    }

    /// The text of a time; whether it is one, whoever evaluates says.
    pub(super) fn time(&mut self) -> Result<SmolStr, Fault> {
        self.cursor.skip_space();
        let at = self.cursor.offset();
        let text = self.text("a time")?;
        if text.trim().is_empty() {
            return Err(self.cursor.fault_at(at, "the time is empty"));
        }
        Ok(text)
    }
}
