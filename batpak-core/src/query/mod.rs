//! Queries: which events are meant, as a union of items, each an intersection of terms.

mod display;
mod facts;
mod pattern;
mod regex;
mod term;

pub(crate) use display::{write_joined, write_text};
pub use facts::Facts;
pub use pattern::Pattern;
pub(crate) use pattern::{EXACT, GLOB, PREFIX, REGEX};
pub use regex::Regex;
pub use term::{Field, QueryItem, Term};

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::coordinate::Coordinate;
use crate::error::{CoreError, ParseError};
use crate::fixed::deserialize_text;
use crate::limits::{QUERY_BYTES_MAX, QUERY_ITEMS_MAX};
use crate::set::Set;

/// Terms of one item.
pub const QUERY_TERMS_MAX: usize = 64;

/// A set of events: those that match any of its items.
///
/// One type for reading, conditions and subscriptions. Its text form is that of a [`Set`] restricted to what
/// an index answers: `all() none() kind(p) scope(p) entity(p) tag(p) correlation(p)`, `&`, `|` and parentheses, where `&`
/// binds tighter; `system(x)` is `x` with the system's events let in. A pattern is a bare word or a quoted string, both
/// exact, or `prefix:word`, `glob:"A_*"` or `regex:"^A_"`. In serde it is that text.
///
/// Events of the system's kinds (`batpak.*`) match only an item that names them: see [`QueryItem`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query {
    /// Any of these; none is no event.
    pub items: Vec<QueryItem>,
}

impl Query {
    /// Every event.
    #[must_use]
    pub fn all() -> Self {
        Self::from(QueryItem::new())
    }

    /// No event.
    #[must_use]
    pub const fn none() -> Self {
        Self { items: Vec::new() }
    }

    /// Events that match any of the items.
    pub fn any(items: impl IntoIterator<Item = QueryItem>) -> Self {
        Self { items: items.into_iter().collect() }
    }

    /// The events of one stream.
    #[must_use]
    pub fn stream(coordinate: &Coordinate) -> Self {
        let item = QueryItem::new().scope(coordinate.scope.as_str()).entity(coordinate.entity.as_str());
        Self::from(item)
    }

    /// Lets the system's events into every item, or only into those that name them.
    #[must_use]
    pub fn system(mut self, include: bool) -> Self {
        for item in &mut self.items {
            item.system = include;
        }
        self
    }

    /// Events of either query. The limit on items is kept by [`Query::check`].
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.items.extend(other.items);
        self
    }

    /// Events of both queries: each item of one with each of the other.
    ///
    /// # Errors
    /// [`CoreError::Query`] if that is more than [`QUERY_ITEMS_MAX`] items, or more than [`QUERY_TERMS_MAX`] terms in one.
    pub fn and(self, other: &Self) -> Result<Self, CoreError> {
        Ok(intersect(self, other).map_err(|message| ParseError::new(0, message))?)
    }

    /// Whether the event is meant. Cost: one comparison a term until the answer is known, no allocation.
    pub fn matches(&self, event: &impl Facts) -> bool {
        self.items.iter().any(|item| item.matches(event))
    }

    /// Checks the limits of a query that was put together in code.
    ///
    /// # Errors
    /// [`CoreError::Query`] if it has more than [`QUERY_ITEMS_MAX`] items, more than [`QUERY_TERMS_MAX`] terms in one, or
    /// patterns of more than [`QUERY_BYTES_MAX`] bytes in all.
    pub fn check(&self) -> Result<(), CoreError> {
        self.check_counts().map_err(|message| ParseError::new(0, message))?;
        let terms = self.items.iter().flat_map(|item| &item.terms);
        let bytes: usize = terms.map(|term| term.pattern.text().len()).sum();
        if bytes > QUERY_BYTES_MAX {
            return Err(too_long(bytes).into());
        }
        Ok(())
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`CoreError::Query`] names the byte at which the text stops making sense, or asks for more than a query can, and
    /// what may have been meant. Text of more than [`QUERY_BYTES_MAX`] bytes, nesting deeper than 64, more than
    /// [`QUERY_ITEMS_MAX`] items and more than [`QUERY_TERMS_MAX`] terms in one are refused.
    pub fn parse(text: &str) -> Result<Self, CoreError> {
        Set::parse(text)?.to_query()
    }

    pub(crate) fn check_counts(&self) -> Result<(), String> {
        let count = self.items.len();
        if count > QUERY_ITEMS_MAX {
            return Err(format!("{count} alternatives are more than {QUERY_ITEMS_MAX}"));
        }
        let terms = self.items.iter().map(|item| item.terms.len()).max();
        match terms {
            Some(count) if count > QUERY_TERMS_MAX => {
                Err(format!("{count} terms joined by `&` are more than {QUERY_TERMS_MAX}"))
            }
            _ => Ok(()),
        }
    }
}

/// Each item of one with each of the other, if that keeps the limits; otherwise what is too many.
pub(crate) fn intersect(mut left: Query, right: &Query) -> Result<Query, String> {
    if let [item] = right.items.as_slice() {
        // The usual case, in place: a long chain of `&` costs its own terms only.
        left.items.iter_mut().for_each(|to| to.narrow(item));
    } else {
        let count = left.items.len().saturating_mul(right.items.len());
        if count > QUERY_ITEMS_MAX {
            return Err(format!("{count} alternatives are more than {QUERY_ITEMS_MAX}"));
        }
        let pairs = left.items.iter().flat_map(|left| right.items.iter().map(move |right| (left, right)));
        left.items = pairs
            .map(|(left, right)| {
                let mut item = left.clone();
                item.narrow(right);
                item
            })
            .collect();
    }
    left.check_counts()?;
    Ok(left)
}

pub(crate) fn too_long(bytes: usize) -> ParseError {
    ParseError::new(QUERY_BYTES_MAX, format!("{bytes} bytes are more than {QUERY_BYTES_MAX}"))
}

impl From<QueryItem> for Query {
    fn from(item: QueryItem) -> Self {
        Self { items: vec![item] }
    }
}

impl FromStr for Query {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        Self::parse(text)
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer)
    }
}
