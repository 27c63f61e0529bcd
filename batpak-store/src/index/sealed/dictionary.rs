//! The terms of a segment, sorted: what is known of each, and where its events are listed.
//!
//! Terms are coded in runs of 16. A run starts with the offset in the postings at which its first list begins; then
//! come its terms: bytes shared with the start and with the end of the term before (both 0 for the first), the bytes
//! between as length and text, and the number of events. A stream's then says its first revision, by how much the last
//! revision exceeds a gapless count (0), and its last event. A term of one event says which (unless a stream did); one
//! of several but not all says how many bytes its list takes. All numbers are varints.
//!
//! Why not a transducer: the crate for those trusts its bytes and panics on others, must be verified as a whole before
//! the first look-up, and is no smaller for terms that each have a value of their own.

use batpak_core::codec::varint;

use super::damage::IndexDamage;
use super::layout::{Part, TERMS_PER_RUN};
use super::list::Listing;
use super::reader::SealedIndex;
use crate::index::term::{STREAM, TERM_BYTES_MAX};

/// What a stream did in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamSpan {
    /// Revision of its first event there.
    pub first_revision: u64,
    /// Revision of its last event there.
    pub last_revision: u64,
    /// Number of its events there.
    pub count: u32,
    /// Its last event, relative to the segment.
    pub last_rel: u32,
}

/// A term and what is known of it without going through its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TermEntry {
    /// The term key.
    pub key: Vec<u8>,
    /// Events that have the term.
    pub count: u32,
    /// For a stream, what it did.
    pub span: Option<StreamSpan>,
}

/// What the dictionary says of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub count: u32,
    pub span: Option<StreamSpan>,
    pub listing: Listing,
}

/// Writes terms in order.
#[derive(Debug, Default)]
pub(super) struct DictionaryWriter {
    pub terms: Vec<u8>,
    /// Where each run starts.
    pub runs: Vec<u32>,
    pub count: u32,
    before: Vec<u8>,
}

impl DictionaryWriter {
    /// Appends a term, above all before; `None` if the dictionary becomes too large.
    pub fn push(&mut self, key: &[u8], facts: &Facts, postings: u64) -> Option<()> {
        if self.count.is_multiple_of(TERMS_PER_RUN) {
            self.runs.push(u32::try_from(self.terms.len()).ok()?);
            varint::write(&mut self.terms, postings);
            self.before.clear();
        }
        let same = |(a, b): &(&u8, &u8)| a == b;
        let prefix = key.iter().zip(&self.before).take_while(same).count();
        let room = key.len().min(self.before.len()).saturating_sub(prefix);
        let backward = key.iter().rev().zip(self.before.iter().rev());
        let suffix = backward.take(room).take_while(same).count();
        let between = key.get(prefix..key.len().checked_sub(suffix)?)?;
        for length in [prefix, suffix, between.len()] {
            varint::write(&mut self.terms, length as u64);
        }
        self.terms.extend_from_slice(between);
        varint::write(&mut self.terms, u64::from(facts.count));
        if let Some(span) = facts.span {
            let gapless = span.first_revision.checked_add(u64::from(facts.count))?.checked_sub(1)?;
            varint::write(&mut self.terms, span.first_revision);
            varint::write(&mut self.terms, span.last_revision.checked_sub(gapless)?);
            varint::write(&mut self.terms, u64::from(span.last_rel));
        }
        match facts.listing {
            Listing::One(rel) if facts.span.is_none() => varint::write(&mut self.terms, u64::from(rel)),
            Listing::List { bytes, .. } => varint::write(&mut self.terms, u64::from(bytes)),
            Listing::One(_) | Listing::All => {}
        }
        self.before.clear();
        self.before.extend_from_slice(key);
        self.count = self.count.checked_add(1)?;
        Some(())
    }
}

/// Bytes that the beginning of a run takes at most, up to the end of its first term.
const FIRST_KEY_BYTES_MAX: u64 = (varint::VARINT_BYTES_MAX + 1 + 1 + 2 + TERM_BYTES_MAX) as u64;

const fn damage(what: &'static str) -> IndexDamage {
    IndexDamage::content(Part::Terms, what)
}

/// The term that a reader stands at.
struct Key {
    bytes: [u8; TERM_BYTES_MAX],
    length: usize,
}

impl Key {
    const fn new() -> Self {
        Self { bytes: [0; TERM_BYTES_MAX], length: 0 }
    }

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Replaces what lies between the first `prefix` and the last `suffix` bytes.
    fn change(&mut self, prefix: usize, suffix: usize, between: &[u8]) -> Option<()> {
        let from = self.length.checked_sub(suffix).filter(|from| prefix <= *from)?;
        let to = prefix.checked_add(between.len())?;
        let length = to.checked_add(suffix).filter(|length| *length <= TERM_BYTES_MAX)?;
        if to != from {
            self.bytes.copy_within(from..self.length, to);
        }
        self.bytes.get_mut(prefix..to)?.copy_from_slice(between);
        self.length = length;
        Some(())
    }
}

/// A run being read.
struct Run<'a> {
    rest: &'a [u8],
    /// Terms not read yet.
    left: u32,
    /// Where the next list begins.
    postings: u64,
    events: u32,
}

impl<'a> Run<'a> {
    fn open(index: &'a SealedIndex, run: u32) -> Result<Self, IndexDamage> {
        let start = index.u32_at(Part::Runs, u64::from(run))?;
        let next = run.saturating_add(1);
        let end = match index.terms_count().div_ceil(TERMS_PER_RUN) {
            runs if next < runs => u64::from(index.u32_at(Part::Runs, u64::from(next))?),
            _ => index.length(Part::Terms),
        };
        let rest = index.bytes(Part::Terms, u64::from(start)..end)?;
        let left = index.terms_count().saturating_sub(run.saturating_mul(TERMS_PER_RUN)).min(TERMS_PER_RUN);
        let mut opened = Self { rest, left, postings: 0, events: index.events() };
        opened.postings = opened.number()?;
        Ok(opened)
    }

    #[inline]
    fn number(&mut self) -> Result<u64, IndexDamage> {
        let (value, used) = varint::read(self.rest).ok_or(damage("a number is cut off"))?;
        self.rest = self.rest.get(used..).unwrap_or_default();
        Ok(value)
    }

    fn rel(&mut self) -> Result<u32, IndexDamage> {
        let rel = u32::try_from(self.number()?).ok();
        rel.filter(|rel| *rel < self.events).ok_or(damage("an event is outside the segment"))
    }

    /// Lengths that the next term is made of, and the text between.
    #[inline]
    fn text(&mut self) -> Result<(usize, usize, &'a [u8]), IndexDamage> {
        let mut length = || usize::try_from(self.number()?).map_err(|_| damage("a length is too large"));
        let (prefix, suffix, between) = (length()?, length()?, length()?);
        let (text, rest) = self.rest.split_at_checked(between).ok_or(damage("a term is cut off"))?;
        self.rest = rest;
        Ok((prefix, suffix, text))
    }

    /// The first term of a run, which stands there whole; less work than opening the run.
    fn first_key(index: &'a SealedIndex, run: u32) -> Result<&'a [u8], IndexDamage> {
        let start = u64::from(index.u32_at(Part::Runs, u64::from(run))?);
        let end = (start + FIRST_KEY_BYTES_MAX).min(index.length(Part::Terms));
        let mut opened = Self { rest: index.bytes(Part::Terms, start..end)?, left: 1, postings: 0, events: 0 };
        opened.number()?;
        match opened.text()? {
            (0, 0, text) => Ok(text),
            _ => Err(damage("a run starts in the middle")),
        }
    }

    /// Moves `key` to the next term and says what is known of it; `None` at the end of the run.
    #[inline]
    fn next(&mut self, key: &mut Key) -> Result<Option<Facts>, IndexDamage> {
        let Some(left) = self.left.checked_sub(1) else {
            return if self.rest.is_empty() { Ok(None) } else { Err(damage("bytes follow a run")) };
        };
        self.left = left;
        let (prefix, suffix, between) = self.text()?;
        key.change(prefix, suffix, between).ok_or(damage("a term does not follow from the one before"))?;
        self.facts(key.get().first() == Some(&STREAM)).map(Some)
    }

    fn facts(&mut self, is_stream: bool) -> Result<Facts, IndexDamage> {
        let count = u32::try_from(self.number()?).ok();
        let count = count.filter(|count| (1..=self.events).contains(count)).ok_or(damage("a count is out of range"))?;
        let span = if is_stream {
            let first_revision = self.number()?;
            let excess = self.number()?;
            let last_revision = first_revision.checked_add(u64::from(count).saturating_sub(1));
            let last_revision = last_revision.and_then(|gapless| gapless.checked_add(excess));
            let last_revision = last_revision.ok_or(damage("a revision is out of range"))?;
            Some(StreamSpan { first_revision, last_revision, count, last_rel: self.rel()? })
        } else {
            None
        };
        let listing = match (count, span) {
            (all, _) if all == self.events => Listing::All,
            (1, Some(span)) => Listing::One(span.last_rel),
            (1, None) => Listing::One(self.rel()?),
            _ => {
                let bytes = u32::try_from(self.number()?).map_err(|_| damage("a list is too long"))?;
                let start = self.postings;
                self.postings = start.checked_add(u64::from(bytes)).ok_or(damage("a list is too long"))?;
                Listing::List { start, bytes, count }
            }
        };
        Ok(Facts { count, span, listing })
    }
}

/// The last run whose first term is at most `key`, if any is.
fn run_of(index: &SealedIndex, key: &[u8]) -> Result<Option<u32>, IndexDamage> {
    let (mut low, mut high) = (0, index.terms_count().div_ceil(TERMS_PER_RUN));
    while low < high {
        let middle = low.midpoint(high);
        if Run::first_key(index, middle)? <= key {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(low.checked_sub(1))
}

/// What the dictionary says of `key`.
///
/// Cost: one look at a run for each halving of their number, then at most 16 terms.
pub(super) fn find(index: &SealedIndex, key: &[u8]) -> Result<Option<Facts>, IndexDamage> {
    let Some(number) = run_of(index, key)? else {
        return Ok(None);
    };
    let mut run = Run::open(index, number)?;
    let mut at = Key::new();
    while let Some(facts) = run.next(&mut at)? {
        match at.get().cmp(key) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => return Ok(Some(facts)),
            std::cmp::Ordering::Greater => break,
        }
    }
    Ok(None)
}

/// The terms that begin with a prefix, in order. Keeps the index alive; reads a run at a time.
pub(crate) struct Terms {
    index: SealedIndex,
    prefix: Box<[u8]>,
    /// The next run, or none if there are no more.
    next: Option<u32>,
    ready: std::vec::IntoIter<(Vec<u8>, Facts)>,
}

impl Terms {
    pub(super) fn new(index: &SealedIndex, prefix: &[u8]) -> Result<Self, IndexDamage> {
        let next = (index.terms_count() > 0).then_some(run_of(index, prefix)?.unwrap_or(0));
        Ok(Self { index: index.clone(), prefix: prefix.into(), next, ready: Vec::new().into_iter() })
    }

    /// Reads the next run; its terms before or beyond the prefix are left out.
    fn fill(&mut self, number: u32) -> Result<(), IndexDamage> {
        let following = number.saturating_add(1);
        self.next = (following < self.index.terms_count().div_ceil(TERMS_PER_RUN)).then_some(following);
        let mut run = Run::open(&self.index, number)?;
        let mut key = Key::new();
        let mut terms = Vec::new();
        while let Some(facts) = run.next(&mut key)? {
            if key.get() < &*self.prefix {
                continue;
            }
            if !key.get().starts_with(&self.prefix) {
                self.next = None;
                break;
            }
            terms.push((key.get().to_vec(), facts));
        }
        self.ready = terms.into_iter();
        Ok(())
    }

    pub(super) fn next_facts(&mut self) -> Option<Result<(Vec<u8>, Facts), IndexDamage>> {
        loop {
            if let Some(term) = self.ready.next() {
                return Some(Ok(term));
            }
            let number = self.next.take()?;
            if let Err(damage) = self.fill(number) {
                self.next = None;
                return Some(Err(damage));
            }
        }
    }
}

impl Iterator for Terms {
    type Item = Result<TermEntry, IndexDamage>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = |(key, Facts { count, span, .. })| TermEntry { key, count, span };
        self.next_facts().map(|term| term.map(entry))
    }
}

impl std::fmt::Debug for Terms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terms").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
