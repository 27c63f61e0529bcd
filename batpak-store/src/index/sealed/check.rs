//! The whole of an index against its checksums and against itself: for `verify`, which trusts nothing it has not seen.

use super::damage::IndexDamage;
use super::filter::{key_hash, stream_hash};
use super::layout::Part;
use super::list;
use super::reader::SealedIndex;
use crate::index::term::{CORRELATION, KIND, SCOPE, STREAM, TAG};

/// Checks everything that can be checked without the log. Memory: a few bytes an event.
pub(super) fn all(index: &SealedIndex) -> Result<(), IndexDamage> {
    for part in Part::ALL {
        index.bytes(part, 0..index.length(part))?;
    }
    terms(index)?;
    places(index)?;
    ids(index)?;
    keys(index)?;
    index.tree_before()?;
    index.tree_after()?;
    let consumers = index.consumers()?;
    demand(consumers.is_sorted_by(|(a, _), (b, _)| a < b), Part::Consumers, "names are not in order")
}

fn demand(holds: bool, part: Part, what: &'static str) -> Result<(), IndexDamage> {
    if holds { Ok(()) } else { Err(IndexDamage::content(part, what)) }
}

/// Terms ascend, lists are whole and follow one another, and each event has one kind, one scope and one stream.
fn terms(index: &SealedIndex) -> Result<(), IndexDamage> {
    let mut before: Option<Vec<u8>> = None;
    let (mut count, mut postings) = (0_u32, 0_u64);
    let mut once = [KIND, SCOPE, STREAM].map(|namespace| (namespace, vec![false; index.events() as usize]));
    let mut terms = index.terms(b"")?;
    while let Some(term) = terms.next_facts() {
        let (key, facts) = term?;
        demand(before.is_none_or(|before| before < key), Part::Terms, "terms are not in order")?;
        let namespace = key.first().copied().unwrap_or_default();
        let known = [KIND, SCOPE, STREAM, TAG, CORRELATION].contains(&namespace);
        demand(known, Part::Terms, "a term has no known namespace")?;
        if let list::Listing::List { start, bytes, .. } = facts.listing {
            demand(start == postings, Part::Postings, "a list does not follow the one before")?;
            postings = start.saturating_add(u64::from(bytes));
        }
        let mut seen = once.iter_mut().find(|(of, _)| *of == namespace);
        let (mut listed, mut last, mut repeated) = (0_u32, None, false);
        list::check(index, facts.listing, |rel| {
            listed = listed.saturating_add(1);
            last = Some(rel);
            let slot = seen.as_mut().and_then(|(_, seen)| seen.get_mut(rel as usize));
            repeated |= slot.is_some_and(|slot| std::mem::replace(slot, true));
        })?;
        demand(listed == facts.count, Part::Postings, "a list is not as long as its term says")?;
        demand(!repeated, Part::Postings, "an event has two kinds, scopes or streams")?;
        if let Some(span) = facts.span {
            demand(last == Some(span.last_rel), Part::Terms, "a stream ends elsewhere than its list")?;
            demand(span.first_revision > 0, Part::Terms, "a stream starts at revision 0")?;
            demand(index.maybe_contains(stream_hash(&key))?, Part::Filter, "a stream is missing")?;
        }
        count = count.saturating_add(1);
        before = Some(key);
    }
    demand(count == index.terms_count(), Part::Terms, "terms are missing")?;
    demand(postings == index.length(Part::Postings), Part::Postings, "bytes follow the last list")?;
    let complete = once.iter().all(|(_, seen)| seen.iter().all(|seen| *seen));
    demand(complete, Part::Postings, "an event has no kind, scope or stream")
}

/// Records and frames ascend through the log, and every name is in it.
fn places(index: &SealedIndex) -> Result<(), IndexDamage> {
    let mut before = None;
    for rel in 0..index.events() {
        let offset = index.offset(rel)?;
        demand(before < Some(offset), Part::Offsets, "records are not in order")?;
        before = Some(offset);
    }
    let mut before = None;
    for number in 0..index.frames() {
        let frame = index.pair_at(Part::Frames, number)?;
        let (first, offset) = frame;
        let ordered = before.map_or(first == 0, |(rel, at)| rel < first && at < offset);
        demand(ordered && first < index.events(), Part::Frames, "frames are not in order")?;
        demand(offset < index.offset(first)?, Part::Frames, "a frame starts after its first record")?;
        if let Some(previous) = first.checked_sub(1) {
            demand(index.offset(previous)? < offset, Part::Frames, "a frame starts before the last one's end")?;
        }
        before = Some(frame);
    }
    demand(index.events() == 0 || before.is_some(), Part::Frames, "there are none")?;
    (0..index.names()).try_for_each(|number| index.name_offset(number).map(|_| ()))
}

/// Ids ascend by hash and each event has one.
fn ids(index: &SealedIndex) -> Result<(), IndexDamage> {
    let mut seen = vec![false; index.events() as usize];
    let mut before = None;
    for at in 0..index.events() {
        let entry = index.pair_at(Part::Ids, at)?;
        demand(before < Some(entry), Part::Ids, "hashes are not in order")?;
        let slot = seen.get_mut(entry.1 as usize);
        let first = slot.is_some_and(|seen| !std::mem::replace(seen, true));
        demand(first, Part::Ids, "an event has two ids, or is outside the segment")?;
        before = Some(entry);
    }
    Ok(())
}

/// Keys ascend, and the filter has them.
fn keys(index: &SealedIndex) -> Result<(), IndexDamage> {
    let mut before = None;
    for at in 0..index.header().counts.keys {
        let (digest, _) = index.key_at(at)?;
        demand(before < Some(digest), Part::Keys, "digests are not in order")?;
        demand(index.maybe_contains(key_hash(&digest))?, Part::Filter, "a key is missing")?;
        before = Some(digest);
    }
    Ok(())
}
