//! A log for evaluations, made up from the numbers of its events.

use std::ops::RangeInclusive;

use batpak_core::query::Facts;
use batpak_core::{Entity, EventId, Query, Revision, Scope};
use batpak_graph::{End, Named, Names, Node, NodeSet};

/// What the log says of an event.
pub struct Described(pub u32);

/// A log of so many events.
pub struct Log(pub u32);

impl Facts for Described {
    fn kind(&self) -> &str {
        ["a", "b", "c"][self.0 as usize % 3]
    }

    fn scope(&self) -> &str {
        "s"
    }

    fn entity(&self) -> &str {
        ["x", "y"][self.0 as usize / 4 % 2]
    }

    fn correlation(&self) -> Option<&str> {
        None
    }

    fn any_tag(&self, mut passes: impl FnMut(&str) -> bool) -> bool {
        self.0.is_multiple_of(5) && passes("t:1")
    }
}

/// When an event happened: not in the order of the log.
pub fn time(node: u32) -> i64 {
    i64::from(node) * 10 + i64::from(node % 4) * 7
}

pub fn id(node: u32) -> EventId {
    let mut bytes = [0; 16];
    bytes[0] = u8::try_from(node % 251).unwrap();
    bytes[12..].copy_from_slice(&(node + 1).to_be_bytes());
    EventId::from_bytes(bytes)
}

impl Log {
    fn named(nodes: impl Iterator<Item = u32>) -> Vec<Named> {
        nodes.map(|node| Named { node: Node::new(node), text: format!("id({})", id(node)) }).collect()
    }
}

impl Names for Log {
    type Error = std::convert::Infallible;

    fn select(&self, query: &Query, span: RangeInclusive<Node>, found: &mut NodeSet) -> Result<(), Self::Error> {
        let wanted = (span.start().number()..=span.end().number()).filter(|node| query.matches(&Described(*node)));
        wanted.for_each(|node| found.insert(Node::new(node)));
        Ok(())
    }

    fn some(&self, query: &Query, span: RangeInclusive<Node>, end: End, count: u64) -> Result<Vec<Node>, Self::Error> {
        let mut found = NodeSet::new(self.0);
        self.select(query, span, &mut found)?;
        let count = usize::try_from(count).unwrap();
        Ok(match end {
            End::Oldest => found.iter().take(count).collect(),
            End::Newest => found.iter().rev().take(count).collect(),
        })
    }

    fn id(&self, digits: &str) -> Result<Vec<Named>, Self::Error> {
        let text = |node: &u32| id(*node).to_string().replace('-', "");
        Ok(Self::named((0..self.0).filter(|node| text(node).starts_with(digits))))
    }

    fn source(&self, source: &str, scope: Option<&Scope>) -> Result<Vec<Named>, Self::Error> {
        let node = source.parse().ok().filter(|node| *node < self.0);
        Ok(Self::named(node.into_iter().filter(|_| scope.is_none_or(|scope| scope.as_str() == "s"))))
    }

    fn revision(&self, _: Option<&Scope>, entity: &Entity, revision: Revision) -> Result<Vec<Named>, Self::Error> {
        let mut stream = (0..self.0).filter(|node| Described(*node).entity() == entity.as_str());
        let at = usize::try_from(revision.get()).unwrap().checked_sub(1);
        Ok(Self::named(at.and_then(|at| stream.nth(at)).into_iter()))
    }

    fn time(&self, text: &str) -> Result<i64, String> {
        text.trim_start_matches('t').parse().map_err(|_| format!("`{text}` is no time"))
    }

    fn recorded_by(&self, time_us: i64) -> Result<u32, Self::Error> {
        Ok(u32::try_from(time_us.max(0)).unwrap().min(self.0))
    }

    fn keep_times(&self, set: &mut NodeSet, passes: impl Fn(i64) -> bool) -> Result<(), Self::Error> {
        let gone: Vec<Node> = set.iter().filter(|node| !passes(time(node.number()))).collect();
        gone.into_iter().for_each(|node| set.remove(node));
        Ok(())
    }
}
