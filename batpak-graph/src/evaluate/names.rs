//! What an evaluation asks of the log.

use std::ops::RangeInclusive;

use batpak_core::{Entity, Query, Revision, Scope};

use crate::node::Node;
use crate::node_set::NodeSet;

/// Which end of the log comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The oldest events.
    Oldest,
    /// The newest events.
    Newest,
}

/// An event that a literal may mean, and the text that would name it without doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The event.
    pub node: Node,
    /// What to write to mean this one, as in `source("x", scope)`.
    pub text: String,
}

/// What an evaluation asks of the log: kinds, streams, tags, ids and times, which a graph does not hold.
pub trait Names {
    /// How reading the log can fail.
    type Error;

    /// Adds the events that a query matches, within a span, to a set.
    ///
    /// # Errors
    /// Reading the log failed.
    fn select(&self, query: &Query, span: RangeInclusive<Node>, found: &mut NodeSet) -> Result<(), Self::Error>;

    /// The first events from one end of a span that a query matches, at most `count`.
    ///
    /// # Errors
    /// Reading the log failed.
    fn some(&self, query: &Query, span: RangeInclusive<Node>, end: End, count: u64) -> Result<Vec<Node>, Self::Error>;

    /// The events whose id begins with these hexadecimal digits; two are enough.
    ///
    /// # Errors
    /// Reading the log failed.
    fn id(&self, digits: &str) -> Result<Vec<Named>, Self::Error>;

    /// The events that were imported from a source, in a scope or in any.
    ///
    /// # Errors
    /// Reading the log failed.
    fn source(&self, source: &str, scope: Option<&Scope>) -> Result<Vec<Named>, Self::Error>;

    /// The events of this revision of an entity's stream, in a scope or in any.
    ///
    /// # Errors
    /// Reading the log failed.
    fn revision(&self, scope: Option<&Scope>, entity: &Entity, revision: Revision) -> Result<Vec<Named>, Self::Error>;

    /// The text of a time as microseconds since the Unix epoch, or what is wrong with it.
    ///
    /// # Errors
    /// The message for whoever wrote it.
    fn time(&self, text: &str) -> Result<i64, String>;

    /// How many of the oldest events were recorded at or before a time.
    ///
    /// # Errors
    /// Reading the log failed.
    fn recorded_by(&self, time_us: i64) -> Result<u32, Self::Error>;

    /// Keeps the events of a set whose time, valid or else recorded, passes.
    ///
    /// # Errors
    /// Reading the log failed.
    fn keep_times(&self, set: &mut NodeSet, passes: impl Fn(i64) -> bool) -> Result<(), Self::Error>;
}
