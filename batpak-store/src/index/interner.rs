//! The writer's private half of an unsealed segment's index: the dictionary by text, and the ends of lists by dictionary number.

use std::collections::HashMap;

use batpak_core::Coordinate;
use batpak_core::codec::{Intern, Interned, NameRef, Names, RecordRef};
use foldhash::quality::RandomState;
use smol_str::SmolStr;

use crate::sync::Arc;

use super::active::{Entry, Spot};
use super::growing::{ActivePostings, Tail};
use super::term;

/// No list, or no stream.
const NONE: u32 = u32::MAX;

/// A role that a name can play by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    Kind,
    Scope,
    Tag,
    Correlation,
}

impl Role {
    const fn namespace(self) -> u8 {
        match self {
            Self::Kind => term::KIND,
            Self::Scope => term::SCOPE,
            Self::Tag => term::TAG,
            Self::Correlation => term::CORRELATION,
        }
    }
}

/// A stream, by the dictionary numbers of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stream {
    pub entity: u32,
    pub scope: u32,
}

/// A stream that the segment holds: its names' numbers, and its place among the writer's streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    stream: Stream,
    /// Its place among the writer's streams.
    pub slot: u32,
}

/// The dictionary, and the ends of the lists.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    dictionary: Dictionary,
    /// Ends of the lists of names that play a role by themselves.
    terms: Vec<Tail>,
    streams: Vec<StreamTip>,
    fresh: Vec<SmolStr>,
    /// Which admission the counts of [`StreamTip::claimed`] belong to.
    round: u64,
    before: Option<Arc<Revisions>>,
}

/// Numbers by text, and what each number stands for.
#[derive(Debug, Default)]
struct Dictionary {
    numbers: HashMap<SmolStr, u32, RandomState>,
    names: Vec<Name>,
    /// Streams whose entity has another one already.
    crossed: HashMap<Stream, u32, RandomState>,
}

/// A name of the dictionary, by number.
#[derive(Clone, Copy, Debug)]
struct Name {
    /// The lists of the roles it plays.
    terms: [u32; 4],
    /// Scope and slot of the first stream of which it is the entity: most entities have one.
    stream: (u32, u32),
}

/// A stream's list, and its newest revision beside it: most appends need no more of a stream.
#[derive(Debug)]
struct StreamTip {
    tail: Tail,
    revision: u64,
    /// The revision after the events that were admitted in this round, and the round.
    claimed: (u64, u64),
}

/// The newest revisions of a segment that is full: what a stream continues from when its successor has not seen it yet.
#[derive(Debug)]
pub(crate) struct Revisions {
    dictionary: Dictionary,
    streams: Vec<u64>,
}

impl Dictionary {
    fn slot(&self, stream: Stream) -> Option<u32> {
        match self.names.get(stream.entity as usize)?.stream {
            (scope, slot) if scope == stream.scope => Some(slot),
            (NONE, _) => None,
            _ => self.crossed.get(&stream).copied(),
        }
    }

    fn find(&self, coordinate: &Coordinate) -> Option<u32> {
        let number = |name: &str| self.numbers.get(name).copied();
        self.slot(Stream { entity: number(coordinate.entity.as_str())?, scope: number(coordinate.scope.as_str())? })
    }
}

impl Intern for Interner {
    fn intern(&mut self, name: &str) -> Interned {
        match self.dictionary.numbers.get(name) {
            Some(number) => Interned::Known(*number),
            None => Interned::New(self.define(name)),
        }
    }
}

impl Interner {
    /// The interner of the next segment: it remembers the revisions of this one.
    pub(crate) fn successor(self) -> Self {
        let streams = self.streams.into_iter().map(|stream| stream.revision).collect();
        let names = self.dictionary.names.len();
        // Most of a segment's names come back in the next one.
        let dictionary = Dictionary {
            numbers: HashMap::with_capacity_and_hasher(names, RandomState::default()),
            names: Vec::with_capacity(names),
            crossed: HashMap::default(),
        };
        let before = Revisions { dictionary: self.dictionary, streams };
        Self { dictionary, before: Some(Arc::new(before)), ..Self::default() }
    }

    /// An empty interner of the same segment.
    pub(crate) fn restarted(&self) -> Self {
        Self { before: self.before.clone(), ..Self::default() }
    }

    /// Gives `name` the next number. A name defined twice keeps its first for new records.
    fn define(&mut self, name: &str) -> u32 {
        let number = u32::try_from(self.dictionary.names.len()).unwrap_or(NONE);
        let name = SmolStr::new(name);
        self.fresh.push(name.clone());
        self.dictionary.numbers.entry(name).or_insert(number);
        self.dictionary.names.push(Name { terms: [NONE; 4], stream: (NONE, NONE) });
        number
    }

    /// The names defined since this was last asked.
    pub(super) fn fresh(&mut self) -> impl Iterator<Item = SmolStr> {
        self.fresh.drain(..)
    }

    /// What the index is to know of a recovered record, whose new names are defined; `None` if it has an unknown name.
    pub(crate) fn learn<'a>(
        &mut self,
        record: &RecordRef<'_>,
        spot: Spot,
        names: &'a mut Vec<u32>,
    ) -> Option<Entry<'a>> {
        record.definitions().for_each(|name| {
            self.define(name);
        });
        names.clear();
        let all = [record.kind(), record.scope(), record.entity()].into_iter();
        for name in all.chain(record.tags()).chain(record.correlation()) {
            names.push(match name {
                NameRef::Number(number) => number,
                NameRef::Inline(text) => *self.dictionary.numbers.get(text)?,
            });
        }
        let (id, revision, correlated) = (record.id(), record.revision(), record.correlation().is_some());
        Some(Entry { id, revision, spot, names, correlated, slot: None })
    }

    /// Starts an admission: what earlier ones claimed and did not stage is forgotten.
    pub(crate) fn start_round(&mut self) {
        self.round += 1;
    }

    /// The stream of `coordinate`, if this segment holds it. `scope` is the one looked up last: most batches stay in one.
    pub(crate) fn known<'a>(&self, coordinate: &'a Coordinate, scope: &mut Option<(&'a str, u32)>) -> Option<Known> {
        let name = coordinate.scope.as_str();
        let number = match *scope {
            Some((last, number)) if last == name => number,
            _ => *self.dictionary.numbers.get(name)?,
        };
        *scope = Some((name, number));
        let entity = *self.dictionary.numbers.get(coordinate.entity.as_str())?;
        let stream = Stream { entity, scope: number };
        self.dictionary.slot(stream).map(|slot| Known { stream, slot })
    }

    /// The newest revision of a stream, with what is staged and what was admitted in this round; to be moved on.
    #[expect(clippy::indexing_slicing, reason = "a known stream has a place here")]
    pub(crate) fn claim(&mut self, known: Known) -> &mut u64 {
        let stream = &mut self.streams[known.slot as usize];
        if stream.claimed.1 != self.round {
            stream.claimed = (stream.revision, self.round);
        }
        &mut stream.claimed.0
    }

    /// The newest revision of a stream in the segment before this one.
    pub(crate) fn revision_before(&self, coordinate: &Coordinate) -> Option<u64> {
        let before = self.before.as_ref()?;
        before.streams.get(before.dictionary.find(coordinate)? as usize).copied()
    }

    /// Appends an event to the list of a name in a role; false if nobody defined the name.
    pub(super) fn post(
        &mut self,
        role: Role,
        name: u32,
        rel: u32,
        list: impl FnOnce(Vec<u8>) -> Arc<ActivePostings>,
        names: &impl Names,
    ) -> bool {
        let slot = self.dictionary.names.get_mut(name as usize).and_then(|name| name.terms.get_mut(role as usize));
        let Some(slot) = slot else { return false };
        if *slot == NONE {
            let Some(name) = names.name(name) else { return false };
            *slot = u32::try_from(self.terms.len()).unwrap_or(NONE);
            self.terms.push(Tail::new(list(term::key(role.namespace(), name))));
        }
        let Some(tail) = self.terms.get_mut(*slot as usize) else { return false };
        tail.push(rel);
        true
    }

    /// Appends an event to the list of a stream; false if nobody defined its names.
    pub(super) fn post_stream(
        &mut self,
        slot: Option<u32>,
        stream: Stream,
        rel: u32,
        revision: u64,
        list: impl FnOnce(Vec<u8>) -> Arc<ActivePostings>,
        names: &impl Names,
    ) -> bool {
        let slot = match slot.or_else(|| self.dictionary.slot(stream)) {
            Some(slot) => slot,
            None => {
                let (Some(entity), Some(scope)) = (names.name(stream.entity), names.name(stream.scope)) else {
                    return false;
                };
                let slot = u32::try_from(self.streams.len()).unwrap_or(NONE);
                let tail = Tail::new(list(term::stream(scope, entity)));
                self.streams.push(StreamTip { tail, revision, claimed: (0, 0) });
                let Some(name) = self.dictionary.names.get_mut(stream.entity as usize) else { return false };
                if name.stream.0 == NONE {
                    name.stream = (stream.scope, slot);
                } else {
                    self.dictionary.crossed.insert(stream, slot);
                }
                slot
            }
        };
        let Some(tip) = self.streams.get_mut(slot as usize) else { return false };
        tip.tail.push(rel);
        tip.revision = revision;
        true
    }
}

/// Hands out the numbers of the names of a commit's records, and notes them for the index.
pub(crate) struct Noting<'a> {
    interner: &'a mut Interner,
    /// The numbers so far.
    pub numbers: Vec<u32>,
    /// The stream of the record that is being written, if it is known.
    known: Option<Known>,
    /// Names of that record that were asked for.
    asked: usize,
}

impl<'a> Noting<'a> {
    pub(crate) fn new(interner: &'a mut Interner, events: usize) -> Self {
        Self { interner, numbers: Vec::with_capacity(4 * events), known: None, asked: 0 }
    }

    /// Starts the next record.
    pub(crate) fn record(&mut self, known: Option<Known>) {
        (self.known, self.asked) = (known, 0);
    }
}

impl Intern for Noting<'_> {
    /// Names are asked for in the order of the record, so that scope and entity are the second and third.
    #[inline]
    fn intern(&mut self, name: &str) -> Interned {
        let interned = match (self.known, self.asked) {
            (Some(known), 1) => Interned::Known(known.stream.scope),
            (Some(known), 2) => Interned::Known(known.stream.entity),
            _ => self.interner.intern(name),
        };
        self.asked += 1;
        let (Interned::Known(number) | Interned::New(number)) = interned;
        self.numbers.push(number);
        interned
    }
}
