//! The answers of the log's indexes to what an evaluation asks.

use std::ops::{ControlFlow, RangeInclusive};

use batpak_core::{Coordinate, Entity, EventId, EventRef, Position, Query, Revision, Scope};
use batpak_graph::{End, Named, Names, Node, NodeSet};
use batpak_store::{Read, StoreError, View};

use crate::time;

/// Digits of a whole event id.
const ID_DIGITS: usize = 32;

/// A view, asked by an evaluation.
pub(super) struct ViewNames<'a> {
    view: &'a View,
}

impl<'a> ViewNames<'a> {
    pub(super) const fn new(view: &'a View) -> Self {
        Self { view }
    }

    /// The scopes that an id or an entity may be in: the one said, or all.
    fn scopes(&self, scope: Option<&Scope>) -> Result<Vec<Scope>, StoreError> {
        match scope {
            Some(scope) => Ok(vec![scope.clone()]),
            None => self.view.scopes(),
        }
    }
}

fn read(query: &Query, span: &RangeInclusive<Node>) -> Read {
    Read::query(query.clone()).from(span.start().position()).to(span.end().position())
}

/// When an event happened: its own time, or else when it was recorded, in microseconds since the Unix epoch.
pub(crate) fn time_of(event: &EventRef<'_>) -> i64 {
    match event.valid_at() {
        Some(valid_at) => valid_at.micros(),
        None => i64::try_from(event.recorded_at().wall_us).unwrap_or(i64::MAX),
    }
}

impl Names for ViewNames<'_> {
    type Error = StoreError;

    fn select(&self, query: &Query, span: RangeInclusive<Node>, found: &mut NodeSet) -> Result<(), StoreError> {
        let mut scan = self.view.read(read(query, &span));
        while let Some(position) = scan.next_position()? {
            if let Some(node) = Node::at(position) {
                found.insert(node);
            }
        }
        Ok(())
    }

    fn some(&self, query: &Query, span: RangeInclusive<Node>, end: End, count: u64) -> Result<Vec<Node>, StoreError> {
        let read = read(query, &span).limit(count);
        let mut scan = self.view.read(if end == End::Newest { read.backward() } else { read });
        let mut found = Vec::new();
        while let Some(position) = scan.next_position()? {
            found.extend(Node::at(position));
        }
        Ok(found)
    }

    /// A whole id costs a look-up; the beginning of one a pass over all events.
    fn id(&self, digits: &str) -> Result<Vec<Named>, StoreError> {
        let named = |position, id: EventId| Node::at(position).map(|node| Named { node, text: format!("id({id})") });
        if digits.len() == ID_DIGITS {
            let Ok(id) = digits.parse::<EventId>() else { return Ok(Vec::new()) };
            return Ok(self.view.position_of(id)?.and_then(|position| named(position, id)).into_iter().collect());
        }
        let begins = prefix(digits);
        let mut found = Vec::new();
        self.view.read(Read::query(Query::all().system(true))).for_each_ref(|event| {
            let id = event.id();
            if begins(id.as_bytes()) {
                found.extend(named(event.position(), id));
            }
            if found.len() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(found)
    }

    fn source(&self, source: &str, scope: Option<&Scope>) -> Result<Vec<Named>, StoreError> {
        let mut found = Vec::new();
        for scope in self.scopes(scope)? {
            let position = self.view.position_of(EventId::from_source(&scope, source))?;
            let text = || format!("source({source:?}, {:?})", scope.as_str());
            found.extend(position.and_then(Node::at).map(|node| Named { node, text: text() }));
        }
        Ok(found)
    }

    fn revision(&self, scope: Option<&Scope>, entity: &Entity, revision: Revision) -> Result<Vec<Named>, StoreError> {
        let mut found = Vec::new();
        for scope in self.scopes(scope)? {
            let text = format!("{:?}/{:?}@{revision}", scope.as_str(), entity.as_str());
            let stream = Coordinate { scope, entity: entity.clone() };
            let position = self.view.position_of_revision(&stream, revision)?;
            found.extend(position.and_then(Node::at).map(|node| Named { node, text }));
        }
        Ok(found)
    }

    fn time(&self, text: &str) -> Result<i64, String> {
        time::parse_loosely(text).map(|time| time.micros()).map_err(|error| format!("`{text}` {error}"))
    }

    fn recorded_by(&self, time_us: i64) -> Result<u32, StoreError> {
        // Recorded times never go backwards, so halving finds the place.
        let (mut low, mut high) = (0, self.view.position().get());
        while low < high {
            let middle = low.midpoint(high);
            let at = self.view.with_event(Position::new(middle + 1), |event| event.recorded_at().wall_us)?;
            if at.is_some_and(|at| i64::try_from(at).is_ok_and(|at| at <= time_us)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(u32::try_from(low).unwrap_or(u32::MAX))
    }

    fn keep_times(&self, set: &mut NodeSet, passes: impl Fn(i64) -> bool) -> Result<(), StoreError> {
        let Some(last) = set.last() else { return Ok(()) };
        let candidates = std::sync::Arc::new(set.clone());
        let read = Read::query(Query::all().system(true)).to(last.position()).within(candidates);
        let mut scan = self.view.read(read);
        while let Some(event) = scan.next_ref() {
            let event = event?;
            if !passes(time_of(&event))
                && let Some(node) = Node::at(event.position())
            {
                set.remove(node);
            }
        }
        Ok(())
    }
}

/// Whether the first hexadecimal digits of an id are these.
fn prefix(digits: &str) -> impl Fn(&[u8; 16]) -> bool {
    let digits: Vec<u8> =
        digits.chars().filter_map(|digit| digit.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    move |id| {
        let halves = id.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.iter().copied().zip(halves).all(|(wanted, found)| wanted == found)
    }
}
