//! Gathers which events have which term while an index is built, by dictionary number rather than by text.

use std::cmp::Ordering;
use std::collections::HashMap;

use batpak_core::codec::{NameRef, RecordRef};

use super::builder::BuildError;
use super::dictionary::{DictionaryWriter, Facts, StreamSpan};
use super::filter::stream_hash;
use super::list::{self, Listing};
use crate::index::term::{CORRELATION, KIND, SCOPE, STREAM, TAG, TERM_BYTES_MAX};

/// Not a term.
const NONE: u32 = u32::MAX;

/// Roles that a name can play by itself, as an index into [`Name::terms`].
#[derive(Clone, Copy)]
enum Role {
    Kind,
    Scope,
    Tag,
    Correlation,
}

impl Role {
    const fn namespace(self) -> u8 {
        match self {
            Self::Kind => KIND,
            Self::Scope => SCOPE,
            Self::Tag => TAG,
            Self::Correlation => CORRELATION,
        }
    }
}

/// A name of the segment's dictionary and the terms it is in.
struct Name {
    start: u32,
    bytes: u8,
    terms: [u32; 4],
    /// Scope and term of the first stream of which this is the entity; others are in [`Collector::streams`].
    stream: (u32, u32),
}

struct Term {
    namespace: u8,
    name: u32,
    /// Of a stream only.
    scope: u32,
    count: u32,
    last_rel: u32,
    first_revision: u64,
    last_revision: u64,
}

/// Which events have which term.
///
/// Memory: 4 bytes for each term of an event, twice at the end, and about 100 bytes for each distinct term.
#[derive(Default)]
pub(super) struct Collector {
    text: String,
    names: Vec<Name>,
    streams: HashMap<(u32, u32), u32>,
    terms: Vec<Term>,
    /// The terms of all events, one event after the other.
    occurrences: Vec<u32>,
    /// How many terms each event has.
    widths: Vec<u8>,
}

impl Collector {
    /// Names that the events so far defined.
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// Adds the next event of the segment.
    pub fn event(&mut self, rel: u32, record: &RecordRef<'_>) -> Result<(), BuildError> {
        let before = self.occurrences.len();
        // Names take their numbers in the order in which they stand in the record.
        let kind = self.number(record.kind())?;
        let scope = self.number(record.scope())?;
        let entity = self.number(record.entity())?;
        self.named(Role::Kind, kind, rel)?;
        self.named(Role::Scope, scope, rel)?;
        self.stream(entity, scope, rel, record.revision().get())?;
        for tag in record.tags() {
            let tag = self.number(tag)?;
            self.named(Role::Tag, tag, rel)?;
        }
        if let Some(correlation) = record.correlation() {
            let correlation = self.number(correlation)?;
            self.named(Role::Correlation, correlation, rel)?;
        }
        let width = self.occurrences.len().saturating_sub(before);
        self.widths.push(u8::try_from(width).map_err(|_| BuildError::TooLarge)?);
        Ok(())
    }

    fn number(&mut self, name: NameRef<'_>) -> Result<u32, BuildError> {
        let next = u32::try_from(self.names.len()).map_err(|_| BuildError::TooLarge)?;
        match name {
            NameRef::Number(number) if number < next => Ok(number),
            NameRef::Number(number) => Err(BuildError::UnknownName(number)),
            NameRef::Inline(text) => {
                let start = u32::try_from(self.text.len()).map_err(|_| BuildError::TooLarge)?;
                let bytes = u8::try_from(text.len()).map_err(|_| BuildError::TooLarge)?;
                self.text.push_str(text);
                self.names.push(Name { start, bytes, terms: [NONE; 4], stream: (NONE, NONE) });
                Ok(next)
            }
        }
    }

    fn named(&mut self, role: Role, name: u32, rel: u32) -> Result<(), BuildError> {
        let Self { names, terms, .. } = self;
        let slot = names.get_mut(name as usize).and_then(|name| name.terms.get_mut(role as usize));
        let slot = slot.ok_or(BuildError::UnknownName(name))?;
        if *slot == NONE {
            *slot = add(terms, role.namespace(), name, NONE)?;
        }
        let term = *slot;
        self.occur(term, rel).map(|_| ())
    }

    fn stream(&mut self, entity: u32, scope: u32, rel: u32, revision: u64) -> Result<(), BuildError> {
        let Self { names, terms, streams, .. } = self;
        let slot = names.get_mut(entity as usize).ok_or(BuildError::UnknownName(entity))?;
        let number = match slot.stream {
            (first, term) if first == scope => term,
            (NONE, _) => {
                let term = add(terms, STREAM, entity, scope)?;
                slot.stream = (scope, term);
                term
            }
            _ => match streams.get(&(entity, scope)) {
                Some(term) => *term,
                None => {
                    let term = add(terms, STREAM, entity, scope)?;
                    streams.insert((entity, scope), term);
                    term
                }
            },
        };
        let term = self.occur(number, rel)?;
        if term.count == 1 {
            term.first_revision = revision;
        } else if revision <= term.last_revision {
            return Err(BuildError::Revision { rel });
        }
        term.last_revision = revision;
        Ok(())
    }

    fn occur(&mut self, number: u32, rel: u32) -> Result<&mut Term, BuildError> {
        self.occurrences.push(number);
        let term = self.terms.get_mut(number as usize).ok_or(BuildError::TooLarge)?;
        term.count = term.count.checked_add(1).ok_or(BuildError::TooLarge)?;
        term.last_rel = rel;
        Ok(term)
    }

    fn text(&self, number: u32) -> &str {
        let Some(name) = self.names.get(number as usize) else {
            return "";
        };
        let start = name.start as usize;
        self.text.get(start..start.saturating_add(usize::from(name.bytes))).unwrap_or_default()
    }

    /// The order of the term keys, without making them.
    fn compare(&self, a: &Term, b: &Term) -> Ordering {
        let name = |term: &Term| (term.namespace, self.text(term.name));
        let scope = |term: &Term| self.text(term.scope);
        name(a).cmp(&name(b)).then_with(|| scope(a).cmp(scope(b)))
    }

    fn key(&self, term: &Term, key: &mut Vec<u8>) {
        key.clear();
        key.push(term.namespace);
        key.extend_from_slice(self.text(term.name).as_bytes());
        if term.namespace == STREAM {
            key.push(0);
            key.extend_from_slice(self.text(term.scope).as_bytes());
        }
    }

    /// Writes dictionary and lists; adds the hashes of the streams to those of the filter.
    pub fn finish(mut self, hashes: &mut Vec<u64>) -> Result<(DictionaryWriter, Vec<u8>), BuildError> {
        let events = u32::try_from(self.widths.len()).map_err(|_| BuildError::TooLarge)?;
        let (starts, rels) = self.by_term()?;
        let mut order: Vec<u32> = (0..).take(self.terms.len()).collect();
        let term = |number: &u32| self.terms.get(*number as usize);
        order.sort_unstable_by(|a, b| match (term(a), term(b)) {
            (Some(x), Some(y)) => self.compare(x, y).then(a.cmp(b)),
            _ => Ordering::Equal,
        });
        let (mut dictionary, mut postings) = (DictionaryWriter::default(), Vec::new());
        let (mut key, mut merged) = (Vec::with_capacity(TERM_BYTES_MAX), Vec::new());
        let same = |a: &u32, b: &u32| matches!((term(a), term(b)), (Some(x), Some(y)) if self.compare(x, y).is_eq());
        for group in order.chunk_by(same) {
            let of = |number: &u32| {
                let start = *starts.get(*number as usize)? as usize;
                rels.get(start..start.checked_add(term(number)?.count as usize)?)
            };
            let Some(first) = group.first().and_then(term) else { continue };
            // A name that was defined twice has two numbers, but is one term.
            let list = if let [number] = group {
                of(number).ok_or(BuildError::TooLarge)?
            } else {
                merged.clear();
                group.iter().filter_map(of).for_each(|list| merged.extend_from_slice(list));
                merged.sort_unstable();
                &merged
            };
            self.key(first, &mut key);
            let span = (first.namespace == STREAM).then(|| span(group.iter().filter_map(term), list.len()));
            if span.is_some() {
                hashes.push(stream_hash(&key));
            }
            let facts = write_list(list, events, span, &mut postings)?;
            let revisions_fit = facts.span.is_none_or(|span| {
                let gapless = span.first_revision.checked_add(u64::from(span.count)).and_then(|end| end.checked_sub(1));
                gapless.is_some_and(|gapless| span.last_revision >= gapless)
            });
            if !revisions_fit {
                return Err(BuildError::Revision { rel: first.last_rel });
            }
            let start = match facts.listing {
                Listing::List { start, .. } => start,
                Listing::All | Listing::One(_) => postings.len() as u64,
            };
            dictionary.push(&key, &facts, start).ok_or(BuildError::TooLarge)?;
        }
        Ok((dictionary, postings))
    }

    /// Sorts the occurrences by term, keeping the events' order: where each term's events start, and the events.
    fn by_term(&mut self) -> Result<(Vec<u32>, Vec<u32>), BuildError> {
        let mut starts = Vec::with_capacity(self.terms.len());
        let mut start = 0_u32;
        for term in &self.terms {
            starts.push(start);
            start = start.checked_add(term.count).ok_or(BuildError::TooLarge)?;
        }
        let mut next = starts.clone();
        let mut rels = vec![0; self.occurrences.len()];
        let mut occurrences = std::mem::take(&mut self.occurrences).into_iter();
        for (rel, width) in (0_u32..).zip(&self.widths) {
            for term in occurrences.by_ref().take(usize::from(*width)) {
                let at = next.get_mut(term as usize).ok_or(BuildError::TooLarge)?;
                *rels.get_mut(*at as usize).ok_or(BuildError::TooLarge)? = rel;
                *at = at.saturating_add(1);
            }
        }
        Ok((starts, rels))
    }
}

fn add(terms: &mut Vec<Term>, namespace: u8, name: u32, scope: u32) -> Result<u32, BuildError> {
    let number = u32::try_from(terms.len()).ok().filter(|number| *number != NONE);
    let zero = Term { namespace, name, scope, count: 0, last_rel: 0, first_revision: 0, last_revision: 0 };
    terms.push(zero);
    number.ok_or(BuildError::TooLarge)
}

/// What the streams of a group, of which there is usually one, did together.
fn span<'a>(group: impl Iterator<Item = &'a Term> + Clone, count: usize) -> StreamSpan {
    StreamSpan {
        first_revision: group.clone().map(|term| term.first_revision).min().unwrap_or_default(),
        last_revision: group.clone().map(|term| term.last_revision).max().unwrap_or_default(),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        last_rel: group.map(|term| term.last_rel).max().unwrap_or_default(),
    }
}

/// Writes the list of a term, if it needs one.
fn write_list(
    rels: &[u32],
    events: u32,
    span: Option<StreamSpan>,
    postings: &mut Vec<u8>,
) -> Result<Facts, BuildError> {
    let count = u32::try_from(rels.len()).map_err(|_| BuildError::TooLarge)?;
    let listing = match rels {
        _ if count == events => Listing::All,
        [rel] => Listing::One(*rel),
        _ => {
            let start = postings.len();
            list::encode(rels, postings).ok_or(BuildError::TooLarge)?;
            let bytes = u32::try_from(postings.len().saturating_sub(start)).map_err(|_| BuildError::TooLarge)?;
            Listing::List { start: start as u64, bytes, count }
        }
    };
    Ok(Facts { count, span, listing })
}
