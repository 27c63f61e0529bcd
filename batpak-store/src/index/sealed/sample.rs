//! A made-up segment for tests and benchmarks: its records, what is known of each event, and the index built from it.
#![allow(clippy::cast_possible_truncation, reason = "made-up segments are small")]

use batpak_core::codec::{Intern, Interned, RecordRef, encode_record};
use batpak_core::{
    Codec, Consumer, Coordinate, Correlation, Draft, EventId, Fingerprint, Hash, KeyDigest, Kind, Position, Revision,
    StoreId, Tag, Tree, leaf_hash,
};
use std::collections::HashMap;

use crate::index::sealed::{Binding, BuildError, SealedBuilder, SealedIndex};

/// What to append.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    pub kind: u32,
    pub scope: u32,
    pub entity: u32,
    pub tags: Vec<u32>,
    pub correlation: Option<u32>,
    /// Whether a new commit starts here, and whether it has a key.
    pub frame: bool,
    pub key: bool,
    pub payload_bytes: usize,
}

/// An event as it was appended.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub id: EventId,
    pub kind: String,
    pub scope: String,
    pub entity: String,
    pub tags: Vec<String>,
    pub correlation: Option<String>,
    pub revision: u64,
    pub offset: u32,
    /// Where its frame starts, and its first event.
    pub frame: (u32, u32),
    pub leaf: Hash,
}

/// A dictionary that forgets now and then, so that a name takes several numbers, as after a failed write.
#[derive(Default)]
struct Forgetful {
    numbers: HashMap<String, u32>,
    next: u32,
    asked: u32,
    every: u32,
}

impl Intern for Forgetful {
    fn intern(&mut self, name: &str) -> Interned {
        self.asked += 1;
        let forgets = self.every > 0 && self.asked.is_multiple_of(self.every);
        match self.numbers.get(name) {
            Some(number) if !forgets => Interned::Known(*number),
            _ => {
                self.next += 1;
                self.numbers.entry(name.to_owned()).or_insert(self.next - 1);
                Interned::New(self.next - 1)
            }
        }
    }
}

/// A segment and everything that was put into it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub binding: Binding,
    pub log: Vec<u8>,
    pub first_position: u64,
    pub before: Tree,
    pub facts: Vec<Fact>,
    /// Text and offset of each name.
    pub names: Vec<(String, u32)>,
    pub keys: Vec<(KeyDigest, Fingerprint, u32, u32)>,
    pub consumers: Vec<(Consumer, Position)>,
}

/// The id of an event.
pub(crate) fn id(number: u64) -> EventId {
    EventId::from_source(&batpak_core::Scope::new("sample").unwrap(), &number.to_string())
}

/// Sixteen bytes that look random.
pub(crate) fn sixteen(number: u64) -> [u8; 16] {
    *id(number ^ (1 << 50)).as_bytes()
}

impl Sample {
    /// The segment that starts at `first_position` and holds what is wished; the dictionary forgets each `every`th time.
    pub(crate) fn new(first_position: u64, every: u32, wishes: &[Wish]) -> Self {
        let mut dictionary = Forgetful { every, ..Forgetful::default() };
        let mut revisions: HashMap<(String, String), u64> = HashMap::new();
        let mut log = vec![7_u8; 4096];
        let mut sample = Self {
            binding: Binding {
                store: StoreId::from_bytes([5; 16]),
                segment: 9,
                salt: 77,
                log_length: 0,
                log_checksum: 0xfeed,
            },
            log: Vec::new(),
            first_position,
            before: tree_of(first_position - 1),
            facts: Vec::new(),
            names: Vec::new(),
            keys: Vec::new(),
            consumers: vec![
                (Consumer::new("reports").unwrap(), Position::new(3)),
                (Consumer::new("audit").unwrap(), Position::new(4)),
            ],
        };
        let mut frame = (0, 0);
        for (rel, wish) in wishes.iter().enumerate() {
            if wish.frame || rel == 0 {
                frame = (log.len() as u32, rel as u32);
                log.extend_from_slice(&[3; 42]);
            }
            if wish.key && (wish.frame || rel == 0) {
                let digest = KeyDigest::from_bytes(sixteen(rel as u64));
                let fingerprint = Fingerprint::from_bytes(sixteen(rel as u64 + (1 << 40)));
                let count = wishes[rel + 1..].iter().position(|wish| wish.frame).unwrap_or(wishes.len() - rel - 1);
                sample.keys.push((digest, fingerprint, rel as u32, count as u32 + 1));
            }
            let fact = sample.append(wish, rel, frame, &mut log, &mut dictionary, &mut revisions);
            sample.facts.push(fact);
        }
        sample.binding.log_length = log.len() as u32;
        sample.log = log;
        sample
    }

    fn append(
        &mut self,
        wish: &Wish,
        rel: usize,
        frame: (u32, u32),
        log: &mut Vec<u8>,
        dictionary: &mut Forgetful,
        revisions: &mut HashMap<(String, String), u64>,
    ) -> Fact {
        let (scope, entity) = (format!("scope{}", wish.scope), format!("{}", 173_000 + wish.entity));
        let revision = revisions.entry((scope.clone(), entity.clone())).or_insert(u64::from(wish.entity % 3));
        *revision += 1;
        let kind = format!("A_KIND_OF_EVENT_{}", wish.kind);
        let mut draft = Draft::new(
            Coordinate::new(&scope, &entity).unwrap(),
            Kind::new(&kind).unwrap(),
            Codec::RAW,
            vec![b'p'; wish.payload_bytes],
        );
        draft.tags = wish.tags.iter().map(|tag| Tag::new(format!("resource:{tag}")).unwrap()).collect();
        draft.normalize();
        draft.correlation = wish.correlation.map(|c| Correlation::new(format!("scope{c}")).unwrap());
        let (offset, id) = (log.len(), id(self.first_position + rel as u64));
        encode_record(log, &draft, id, Revision::new(*revision), dictionary);
        let (record, _) = RecordRef::parse(&log[offset..]).unwrap();
        for text in record.definitions() {
            let at = text.as_ptr().addr() - log.as_ptr().addr();
            self.names.push((text.to_owned(), at as u32 - 1));
        }
        Fact {
            id,
            kind,
            scope,
            entity,
            tags: draft.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            correlation: wish.correlation.map(|c| format!("scope{c}")),
            revision: *revision,
            offset: offset as u32,
            frame,
            leaf: leaf_hash(&(self.first_position + rel as u64).to_le_bytes()),
        }
    }

    /// The index of the segment.
    pub(crate) fn build(&self) -> Result<Vec<u8>, BuildError> {
        let mut builder = SealedBuilder::new(
            self.binding,
            Position::new(self.first_position),
            self.before.clone(),
            self.consumers.clone(),
        )?;
        builder.log_bytes(&self.log[..self.log.len() / 3]);
        self.feed(&mut builder)?;
        builder.log_bytes(&self.log[self.log.len() / 3..]);
        builder.finish()
    }

    /// Feeds the builder everything but the log.
    pub(crate) fn feed(&self, builder: &mut SealedBuilder) -> Result<(), BuildError> {
        for (number, (_, offset)) in self.names.iter().enumerate() {
            builder.name(number as u32, *offset)?;
        }
        for (rel, fact) in self.facts.iter().enumerate() {
            if fact.frame.1 == rel as u32 {
                builder.frame(fact.frame.0)?;
            }
            let (record, _) = RecordRef::parse(&self.log[fact.offset as usize..]).unwrap();
            builder.event(&record, fact.offset, fact.leaf)?;
        }
        for (digest, fingerprint, first, count) in &self.keys {
            builder.key(*digest, *fingerprint, *first, *count);
        }
        builder.consumer(Consumer::new("audit").unwrap(), Position::new(8));
        Ok(())
    }

    /// The index, built and opened.
    pub(crate) fn open(&self) -> SealedIndex {
        SealedIndex::open(self.build().unwrap(), &self.binding).unwrap()
    }
}

/// The tree of the events up to `leaves`.
pub(crate) fn tree_of(leaves: u64) -> Tree {
    let mut tree = Tree::new();
    (1..=leaves).for_each(|position| tree.push(leaf_hash(&position.to_le_bytes())));
    tree
}

/// Numbers that look random and are the same each time (SplitMix64).
pub(crate) struct Numbers(pub u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A segment like those of a real log of a business process: 36 kinds, 20 events a stream close together, 70 tag values.
pub(crate) fn realistic(events: u32) -> Vec<Wish> {
    let mut numbers = Numbers(1);
    let streams = u64::from(events / 20).max(1);
    let wish = |rel: u32| Wish {
        kind: (numbers.below(6) * numbers.below(7)).min(35) as u32,
        scope: 0,
        // A stream lives for a while: its events are spread over some thousand neighbours.
        entity: (u64::from(rel / 20) + numbers.below(600)).min(streams - 1) as u32,
        tags: vec![numbers.below(70) as u32],
        correlation: None,
        frame: rel.is_multiple_of(1000),
        key: rel.is_multiple_of(1000),
        payload_bytes: 100,
    };
    (0..events).map(wish).collect()
}
