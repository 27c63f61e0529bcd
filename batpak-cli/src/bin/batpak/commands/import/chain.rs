//! Chains: which event is the previous one with the same value.

use std::collections::HashMap;

use batpak::{Coordinate, EventId, Query, QueryItem, Read, Scope, Tag, View};

use crate::exit::{CliError, Exit};
use crate::input::fields::{Row, chain_tag};
use crate::input::pointer::Pointer;

/// Chains that are remembered. When there are more, all are forgotten and looked up in the store again.
const REMEMBERED_MAX: usize = 1 << 20;

/// How the newest event of a chain is found in the store: by what events take from the same place as their chain.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// It is the newest of its stream.
    Stream,
    /// It is the newest of its scope with that correlation.
    Correlation,
    /// It is the newest of its scope with that value of a tag with this key.
    Tag(String),
    /// It is the newest of its scope with the tag that the import itself gives.
    ChainTag(Pointer),
}

/// The last event of each chain, as far as the import has come.
pub struct Chains {
    lookup: Option<Lookup>,
    last: HashMap<(Scope, String), EventId>,
}

/// What a batch changes.
#[derive(Default)]
pub struct Changes(HashMap<(Scope, String), EventId>);

impl Chains {
    /// No event has been seen. Without a look-up there are no chains.
    pub fn new(lookup: Option<Lookup>) -> Self {
        Self { lookup, last: HashMap::new() }
    }

    /// Whether there are chains.
    pub const fn exist(&self) -> bool {
        self.lookup.is_some()
    }

    /// The event before the row in its chain; the row becomes the last one.
    pub fn follow(&self, changes: &mut Changes, view: &View, row: &Row) -> Result<Option<EventId>, CliError> {
        let Some(link) = link_of(row) else { return Ok(None) };
        let before = match changes.0.get(&link).or_else(|| self.last.get(&link)) {
            Some(id) => Some(*id),
            None => self.newest(view, row)?,
        };
        changes.0.insert(link, row.id);
        Ok(before)
    }

    /// The row is in the store already, and the last of its chain so far.
    pub fn pass(&self, changes: &mut Changes, row: &Row) {
        if let Some(link) = link_of(row) {
            changes.0.insert(link, row.id);
        }
    }

    /// Keeps the changes of a batch that is in the store.
    pub fn keep(&mut self, changes: Changes) {
        if self.last.len() > REMEMBERED_MAX {
            self.last.clear();
        }
        self.last.extend(changes.0);
    }

    /// The newest event that an earlier import, or an earlier part of this one, put into the row's chain.
    fn newest(&self, view: &View, row: &Row) -> Result<Option<EventId>, CliError> {
        let (Some(lookup), Some(value)) = (&self.lookup, &row.chain) else { return Ok(None) };
        let coordinate = &row.parts().coordinate;
        let tagged = |tag: Tag| in_scope(coordinate).tag(tag.as_str());
        let read = match lookup {
            Lookup::Stream => Read::stream(coordinate),
            Lookup::Correlation => Read::query(Query::from(in_scope(coordinate).correlation(value.as_str()))),
            Lookup::Tag(key) => Read::query(Query::from(tagged(Tag::pair(key, value).map_err(refused)?))),
            Lookup::ChainTag(pointer) => Read::query(Query::from(tagged(chain_tag(pointer, value).map_err(refused)?))),
        };
        match view.read(read.backward().limit(1)).next() {
            Some(event) => Ok(Some(event?.id)),
            None => Ok(None),
        }
    }
}

fn link_of(row: &Row) -> Option<(Scope, String)> {
    row.chain.as_ref().map(|value| (row.parts().coordinate.scope.clone(), value.clone()))
}

fn in_scope(coordinate: &Coordinate) -> QueryItem {
    QueryItem::new().scope(coordinate.scope.as_str())
}

/// The row was checked when it was made.
fn refused(error: batpak::CoreError) -> CliError {
    CliError::new(Exit::Finding, error.to_string())
}
