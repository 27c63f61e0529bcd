//! Items and terms: one intersection of conditions on the names of an event.

use super::{Facts, Pattern};
use crate::kind::is_system_kind;

/// Which name of an event a term looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// What happened.
    Kind,
    /// The space of the entity.
    Scope,
    /// What the stream is about.
    Entity,
    /// Any of the tags.
    Tag,
    /// The business transaction.
    Correlation,
}

impl Field {
    /// The name of the field's function in the text form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Scope => "scope",
            Self::Entity => "entity",
            Self::Tag => "tag",
            Self::Correlation => "correlation",
        }
    }
}

/// One condition: the field matches the pattern; for tags, any of them does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// What is looked at.
    pub field: Field,
    /// What it must look like.
    pub pattern: Pattern,
}

impl Term {
    /// A condition on a field.
    pub fn new(field: Field, pattern: impl Into<Pattern>) -> Self {
        Self { field, pattern: pattern.into() }
    }

    /// Whether the event meets the condition.
    pub fn matches(&self, event: &impl Facts) -> bool {
        let pattern = &self.pattern;
        match self.field {
            Field::Kind => pattern.matches(event.kind()),
            Field::Scope => pattern.matches(event.scope()),
            Field::Entity => pattern.matches(event.entity()),
            Field::Tag => event.any_tag(|tag| pattern.matches(tag)),
            Field::Correlation => event.correlation().is_some_and(|name| pattern.matches(name)),
        }
    }
}

/// Events that meet all of its terms; without terms, every event.
///
/// Events of the system's kinds match only if the item asks for them ([`system`](Self::system)), or if one of its terms
/// on the kind has a pattern that starts with `batpak.`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct QueryItem {
    /// All of these.
    pub terms: Vec<Term>,
    /// Whether the system's events are let in although no term names them.
    pub system: bool,
}

impl QueryItem {
    /// Every event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only events of this kind.
    #[must_use]
    pub fn kind(self, pattern: impl Into<Pattern>) -> Self {
        self.term(Field::Kind, pattern)
    }

    /// Only events of this scope.
    #[must_use]
    pub fn scope(self, pattern: impl Into<Pattern>) -> Self {
        self.term(Field::Scope, pattern)
    }

    /// Only events of this entity.
    #[must_use]
    pub fn entity(self, pattern: impl Into<Pattern>) -> Self {
        self.term(Field::Entity, pattern)
    }

    /// Only events with this tag.
    #[must_use]
    pub fn tag(self, pattern: impl Into<Pattern>) -> Self {
        self.term(Field::Tag, pattern)
    }

    /// Only events of this business transaction.
    #[must_use]
    pub fn correlation(self, pattern: impl Into<Pattern>) -> Self {
        self.term(Field::Correlation, pattern)
    }

    /// Lets the system's events in, or only those that a term names.
    #[must_use]
    pub const fn system(mut self, include: bool) -> Self {
        self.system = include;
        self
    }

    /// Whether the item can match events of the system's kinds.
    #[must_use]
    pub fn includes_system(&self) -> bool {
        let names = |term: &Term| term.field == Field::Kind && term.pattern.names_system();
        self.system || self.terms.iter().any(names)
    }

    /// Whether the event is meant.
    pub fn matches(&self, event: &impl Facts) -> bool {
        self.terms.iter().all(|term| term.matches(event)) && (!is_system_kind(event.kind()) || self.includes_system())
    }

    /// Adds the terms of another item.
    pub(super) fn narrow(&mut self, other: &Self) {
        self.terms.extend_from_slice(&other.terms);
        self.system |= other.system;
    }

    fn term(mut self, field: Field, pattern: impl Into<Pattern>) -> Self {
        self.terms.push(Term::new(field, pattern));
        self
    }
}
