//! Reading queries: jj's revset grammar restricted to what an index answers.
//!
//! ```text
//! union        = intersection ("|" intersection)*
//! intersection = primary ("&" primary)*
//! primary      = "(" union ")" | "system" "(" union ")" | ("all" | "none") "(" ")" | field "(" pattern ")"
//! field        = "kind" | "scope" | "entity" | "tag" | "correlation"
//! pattern      = ("exact:" | "prefix:" | "glob:")? (word | string)
//! ```

use smol_str::SmolStr;

use super::cursor::Cursor;
use super::suggest::unknown_function;
use super::{Field, Pattern, Query, QueryItem, Term, intersect};
use crate::error::{ParseError, shortened};
use crate::limits::QUERY_ITEMS_MAX;

pub(super) const EXACT: &str = "exact:";
pub(super) const PREFIX: &str = "prefix:";
pub(super) const GLOB: &str = "glob:";

/// Parentheses within parentheses.
const DEPTH_MAX: usize = 64;

/// Whether a character may stand in a word without quotes.
pub(super) fn is_bare(character: char) -> bool {
    character.is_alphanumeric() || "_-.:/@+#=%$".contains(character)
}

pub(super) fn parse(text: &str) -> Result<Query, ParseError> {
    let mut parser = Parser { cursor: Cursor::new(text), depth: 0 };
    let query = parser.union()?;
    match parser.cursor.peek() {
        None => Ok(query),
        Some(found) => Err(parser.cursor.unexpected(found, "`&`, `|` or the end")),
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn union(&mut self) -> Result<Query, ParseError> {
        let mut query = self.intersection()?;
        loop {
            let at = self.cursor.offset();
            if !self.cursor.eat('|') {
                return Ok(query);
            }
            query.items.extend(self.intersection()?.items);
            let count = query.items.len();
            if count > QUERY_ITEMS_MAX {
                let message = format!("{count} alternatives are more than {QUERY_ITEMS_MAX}");
                return Err(ParseError::new(at, message));
            }
        }
    }

    fn intersection(&mut self) -> Result<Query, ParseError> {
        let mut query = self.primary()?;
        loop {
            let at = self.cursor.offset();
            if !self.cursor.eat('&') {
                return Ok(query);
            }
            let right = self.primary()?;
            query = intersect(query, &right).map_err(|message| ParseError::new(at, message))?;
        }
    }

    fn primary(&mut self) -> Result<Query, ParseError> {
        let at = match self.cursor.peek() {
            Some('(') => return self.parenthesised(),
            Some(first) if first.is_ascii_alphabetic() => self.cursor.offset(),
            Some(found) => return Err(self.cursor.unexpected(found, "a function or `(`")),
            None if self.cursor.is_blank() => {
                return Err(self.cursor.fault("empty query").hint("`all()` is every event"));
            }
            None => {
                return Err(self.cursor.fault("expected a function or `(`, found the end"));
            }
        };
        let name = self.cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        match name {
            "all" => self.no_arguments(name).map(|()| Query::all()),
            "none" => self.no_arguments(name).map(|()| Query::none()),
            "kind" => self.term(Field::Kind),
            "scope" => self.term(Field::Scope),
            "entity" => self.term(Field::Entity),
            "tag" => self.term(Field::Tag),
            "correlation" => self.term(Field::Correlation),
            "system" => {
                self.open(name)?;
                self.rest_of_parenthesised().map(|query| query.system(true))
            }
            _ => Err(unknown_function(at, name)),
        }
    }

    fn parenthesised(&mut self) -> Result<Query, ParseError> {
        self.cursor.eat('(');
        self.rest_of_parenthesised()
    }

    fn rest_of_parenthesised(&mut self) -> Result<Query, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.cursor.fault(format!("nested deeper than {DEPTH_MAX}")));
        }
        let query = self.union()?;
        self.close()?;
        self.depth -= 1;
        Ok(query)
    }

    fn no_arguments(&mut self, function: &str) -> Result<(), ParseError> {
        self.open(function)?;
        self.close()
    }

    fn term(&mut self, field: Field) -> Result<Query, ParseError> {
        self.open(field.name())?;
        let pattern = self.pattern()?;
        self.close()?;
        let terms = vec![Term { field, pattern }];
        Ok(Query::from(QueryItem { terms, system: false }))
    }

    fn pattern(&mut self) -> Result<Pattern, ParseError> {
        self.cursor.skip_space();
        let mut shaped = false;
        let make: fn(SmolStr) -> Pattern = if self.cursor.eat_text(GLOB) {
            shaped = true;
            Pattern::Glob
        } else if self.cursor.eat_text(PREFIX) {
            Pattern::Prefix
        } else {
            self.cursor.eat_text(EXACT);
            Pattern::Exact
        };
        if self.cursor.next() == Some('"') {
            return self.cursor.quoted().map(|text| make(text.into()));
        }
        let at = self.cursor.offset();
        let word = self.cursor.take_while(|c| is_bare(c) || (shaped && matches!(c, '*' | '?')));
        match self.cursor.next() {
            Some('"') if !word.is_empty() => {
                let kind = shortened(word);
                Err(ParseError::new(at, format!("unknown kind of pattern `{kind}`"))
                    .hint("the kinds are `exact:`, `prefix:` and `glob:`"))
            }
            Some('*' | '?') => Err(self
                .cursor
                .fault("wildcards need `glob:`")
                .hint("`glob:\"A_*\"` matches a shape, a quoted \"A_*\" itself")),
            Some(found) if word.is_empty() => Err(self.cursor.unexpected(found, "a pattern")),
            None if word.is_empty() => Err(self.cursor.fault("expected a pattern, found the end")),
            _ => Ok(make(word.into())),
        }
    }

    fn open(&mut self, function: &str) -> Result<(), ParseError> {
        if self.cursor.eat('(') {
            return Ok(());
        }
        Err(self.cursor.fault(format!("expected `(` after `{function}`")))
    }

    fn close(&mut self) -> Result<(), ParseError> {
        match self.cursor.peek() {
            Some(')') => {
                self.cursor.eat(')');
                Ok(())
            }
            Some(found) => Err(self.cursor.unexpected(found, "`)`")),
            None => Err(self.cursor.fault("expected `)`, found the end")),
        }
    }
}
