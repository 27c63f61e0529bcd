//! What the store promised so far, in the simplest form.

use std::collections::HashMap;

use batpak_core::{Event, Position};

/// What became of a commit, as its caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Acknowledged at `Disk`, or seen after an opening: it stays for ever.
    Durable,
    /// Acknowledged at `Os`: a power cut may take it.
    Cached,
    /// An error that leaves it open.
    Unknown,
}

/// One event as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub entity: String,
    pub payload: Vec<u8>,
}

/// A commit.
#[derive(Clone, Debug)]
pub struct Commit {
    pub entries: Vec<Entry>,
    pub key: Option<String>,
    pub fate: Fate,
}

/// The commits handed in, in order, without those that were refused.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub commits: Vec<Commit>,
}

impl Model {
    /// Holds what an opening shows against the promises: every durable commit whole, of the others each whole or not at all,
    /// in their order, and nothing else. Afterwards, what is there is durable and the rest is forgotten.
    pub fn settle(&mut self, events: &[Event]) -> Result<(), String> {
        let mut left = events;
        let mut kept = Vec::new();
        for commit in std::mem::take(&mut self.commits) {
            let there = left.len() >= commit.entries.len()
                && commit.entries.iter().zip(left).all(|(entry, event)| same(entry, event));
            if there && !commit.entries.is_empty() {
                left = &left[commit.entries.len()..];
                kept.push(Commit { fate: Fate::Durable, ..commit });
            } else if commit.fate == Fate::Durable {
                return Err(format!(
                    "an acknowledged commit is gone: {commit:?}; the log goes on with {:?}",
                    left.first()
                ));
            }
        }
        self.commits = kept;
        match left.first() {
            None => {}
            Some(event) => return Err(format!("an event that nobody appended, or that was refused: {event:?}")),
        }
        self.check_order(events)
    }

    /// What the log must show now, while the writer lives: everything that was acknowledged.
    pub fn shows(&self, events: &[Event]) -> Result<(), String> {
        let wanted: Vec<&Entry> = self
            .commits
            .iter()
            .filter(|commit| commit.fate != Fate::Unknown)
            .flat_map(|commit| &commit.entries)
            .collect();
        if wanted.len() != events.len() {
            return Err(format!("{} events instead of {}", events.len(), wanted.len()));
        }
        match wanted.iter().zip(events).find(|(entry, event)| !same(entry, event)) {
            Some((entry, event)) => Err(format!("{event:?} instead of {entry:?}")),
            None => self.check_order(events),
        }
    }

    /// Positions are dense from 1, revisions dense in each stream.
    fn check_order(&self, events: &[Event]) -> Result<(), String> {
        let mut revisions: HashMap<&str, u64> = HashMap::new();
        for (number, event) in events.iter().enumerate() {
            let revision = revisions.entry(event.coordinate.entity.as_str()).or_default();
            *revision += 1;
            if event.position != Position::new(number as u64 + 1) || event.revision.get() != *revision {
                return Err(format!("out of order: {event:?}"));
            }
        }
        Ok(())
    }

    /// The revision of a stream, if everything acknowledged counts.
    pub fn revision(&self, entity: &str) -> u64 {
        self.commits.iter().flat_map(|commit| &commit.entries).filter(|entry| entry.entity == entity).count() as u64
    }

    /// First position of a commit.
    pub fn position(&self, number: usize) -> Position {
        Position::new(self.commits[..number].iter().map(|commit| commit.entries.len() as u64).sum::<u64>() + 1)
    }

    /// Whether a commit's outcome is open.
    pub fn is_open(&self) -> bool {
        self.commits.iter().any(|commit| commit.fate == Fate::Unknown)
    }
}

fn same(entry: &Entry, event: &Event) -> bool {
    entry.entity == event.coordinate.entity.as_str() && entry.payload == event.payload
}
