//! Admission: every rule that a commit must meet, checked on the caller's thread against sealed segments and under the stage's
//! lock against what is newer, all of which is in memory.

use crate::sync::Arc;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use batpak_core::{Batch, Coordinate, EventId, Expected, Fingerprint, KeyDigest, Position, Revision};

use foldhash::quality::RandomState;

use crate::error::StoreError;
use crate::format::frame::FRAME_OVERHEAD_BYTES_MAX;
use crate::index::interner::{Interner, Known};
use crate::index::term;
use crate::read::View;
use crate::segment::SegmentSet;
use crate::sync::planted::{Bug, planted};

use super::Writer;
use super::stage::Stage;

/// What the caller found out before it took the lock: facts about sealed segments, which never change.
pub(crate) struct Prepared {
    /// The segments it looked at.
    pub set: Arc<SegmentSet>,
    /// Conditions hold for everything up to here.
    pub pinned: Position,
    /// An id for each event.
    pub ids: Vec<EventId>,
    /// The idempotency key and the command's fingerprint.
    pub key: Option<(KeyDigest, Fingerprint)>,
    /// Causes that sealed segments hold.
    causes: HashSet<EventId, RandomState>,
    /// Newest revisions in sealed segments, of the batch's streams that unsealed ones may lack.
    revisions: Option<HashMap<Coordinate, u64, RandomState>>,
    /// Bytes that the commit's frame takes at most.
    pub bytes_max: u64,
    /// An unsealed segment held the key, so that nothing else was looked at.
    retry: bool,
}

/// A commit that may be staged, as long as the lock is held.
pub(crate) struct Admitted {
    /// An id for each event.
    pub ids: Vec<EventId>,
    /// What each event is given in its stream.
    pub given: Vec<Given>,
    /// The idempotency key and the command's fingerprint.
    pub key: Option<(KeyDigest, Fingerprint)>,
}

/// An event's place in its stream.
pub(crate) struct Given {
    /// Its revision.
    pub revision: Revision,
    /// Its stream, if the open segment holds it.
    pub known: Option<Known>,
}

/// Why a commit was not admitted.
pub(crate) enum Verdict {
    /// Segments were sealed since the caller looked: prepare again.
    Again,
    /// A stream is not in memory: prepare again and look into sealed segments for revisions.
    NeedsRevisions,
    /// The key was used for the same command: its commit starts here and has this many events.
    Duplicate(Position, u32),
    /// A rule is broken.
    Refused(StoreError),
}

impl Writer {
    /// Checks what sealed segments can tell, and gives ids. Takes no lock.
    ///
    /// Cost: nothing but the ids if no segment is sealed; else a filter probe a segment for each key, caller's id and cause.
    pub(crate) fn prepare(
        &self,
        batch: &Batch<'_>,
        key: Option<(KeyDigest, Fingerprint)>,
        with_revisions: bool,
    ) -> Result<Prepared, Verdict> {
        let (set, pinned) = self.pin();
        // The key comes before everything else: a retry gets its first receipt, whatever it expects now.
        let mut retry = false;
        if let Some((digest, fingerprint)) = key {
            if let Some((first, entry)) = set.sealed_key(&digest).map_err(Verdict::Refused)? {
                return Err(judge_key(batch, first, entry.events, entry.fingerprint == fingerprint));
            }
            // What is not sealed may yet be taken back: it is judged under the lock.
            retry = set.unsealed_key(&digest).is_some();
        }
        let wall_us = self.settings.clock.wall_us();
        let mut ids = Vec::with_capacity(batch.events.len());
        let mut bytes_max = FRAME_OVERHEAD_BYTES_MAX as u64;
        for draft in &batch.events {
            if draft.kind.is_system() {
                return Err(Verdict::Refused(
                    batpak_core::CoreError::ReservedKind { kind: draft.kind.to_string() }.into(),
                ));
            }
            ids.push(draft.id.unwrap_or_else(|| self.ids.next(wall_us)));
            bytes_max += record_bytes_max(draft);
        }
        let causes = if set.sealed().is_empty() { HashSet::default() } else { sealed_links(batch, &set)? };
        let view = View::pinned(Arc::clone(&set), pinned);
        if !retry {
            check_conditions(batch, &view, Position::START)?;
        }
        let revisions = if with_revisions { Some(self.sealed_revisions(batch, &set)?) } else { None };
        Ok(Prepared { set, pinned, ids, key, causes, revisions, bytes_max, retry })
    }

    fn sealed_revisions(
        &self,
        batch: &Batch<'_>,
        set: &SegmentSet,
    ) -> Result<HashMap<Coordinate, u64, RandomState>, Verdict> {
        let mut revisions = HashMap::default();
        for coordinate in
            batch.events.iter().map(|draft| &draft.coordinate).chain(batch.expected.iter().map(|(c, _)| c))
        {
            if revisions.contains_key(coordinate) {
                continue;
            }
            let term = term::stream(coordinate.scope.as_str(), coordinate.entity.as_str());
            let revision = if set.unsealed_span(&term).is_some() {
                0
            } else {
                set.sealed_revision(&term).map_err(Verdict::Refused)?
            };
            revisions.insert(coordinate.clone(), revision);
        }
        Ok(revisions)
    }

    /// Checks everything that may have changed since [`Writer::prepare`], against memory alone. The stage is locked.
    pub(crate) fn admit(
        &self,
        stage: &mut Stage,
        batch: &Batch<'_>,
        prepared: &mut Prepared,
    ) -> Result<Admitted, Verdict> {
        let set = self.set.load();
        if set.sealings() != prepared.set.sealings() {
            return Err(Verdict::Again);
        }
        if let Some((digest, fingerprint)) = prepared.key
            && !planted(Bug::KeyUnchecked)
            && let Some((first, entry)) = set.unsealed_key(&digest)
        {
            return Err(judge_key(batch, first, entry.events, entry.fingerprint == fingerprint));
        }
        if prepared.retry && !planted(Bug::KeyUnchecked) {
            // The commit with this key was taken back.
            return Err(Verdict::Again);
        }
        let mut streams = Streams::new(stage.tip.as_mut().map(|tip| &mut tip.interner), &set, prepared);
        for (coordinate, expected) in &batch.expected {
            let (revision, _) = streams.revision(coordinate)?;
            expect(coordinate, *expected, *revision)?;
        }
        let mut given = Vec::with_capacity(batch.events.len());
        for draft in &batch.events {
            let (revision, known) = streams.revision(&draft.coordinate)?;
            expect(&draft.coordinate, draft.expected, *revision)?;
            *revision = revision.saturating_add(1);
            given.push(Given { revision: Revision::new(*revision), known });
        }
        if batch.events.iter().any(|draft| draft.id.is_some() || !draft.causes.is_empty()) {
            let mut earlier: HashSet<EventId, RandomState> = HashSet::default();
            for (draft, id) in batch.events.iter().zip(&prepared.ids) {
                check_links(&set, prepared, draft, id, &earlier, stage.next)?;
                earlier.insert(*id);
            }
        }
        if batch.condition.is_some() || batch.fail_if_exists.is_some() {
            let assigned = Position::new(stage.next.get().saturating_sub(1));
            if assigned > prepared.pinned {
                check_conditions(batch, &View::pinned(Arc::clone(&set), assigned), prepared.pinned)?;
            }
        }
        Ok(Admitted { ids: std::mem::take(&mut prepared.ids), given, key: prepared.key })
    }
}

/// The revisions of a batch's streams as its events go by.
struct Streams<'a> {
    interner: Option<&'a mut Interner>,
    set: &'a SegmentSet,
    prepared: &'a Prepared,
    /// Of the streams that the open segment does not hold.
    others: HashMap<&'a Coordinate, u64, RandomState>,
    scope: Option<(&'a str, u32)>,
}

impl<'a> Streams<'a> {
    fn new(mut interner: Option<&'a mut Interner>, set: &'a SegmentSet, prepared: &'a Prepared) -> Self {
        if let Some(interner) = &mut interner {
            interner.start_round();
        }
        Self { interner, set, prepared, others: HashMap::default(), scope: None }
    }

    /// The newest revision of a stream, events staged and earlier in the batch included; and the stream, if the open segment holds it.
    fn revision(&mut self, coordinate: &'a Coordinate) -> Result<(&mut u64, Option<Known>), Verdict> {
        let Self { interner, set, prepared, others, scope } = self;
        let known = interner.as_ref().and_then(|interner| interner.known(coordinate, scope));
        match (interner, known) {
            (Some(interner), Some(known)) => Ok((interner.claim(known), Some(known))),
            (interner, _) => {
                let before = || interner.as_ref()?.revision_before(coordinate);
                let revision = match others.entry(coordinate) {
                    Entry::Occupied(other) => other.into_mut(),
                    Entry::Vacant(new) => {
                        new.insert(before().map_or_else(|| beyond_tip(set, prepared, coordinate), Ok)?)
                    }
                };
                Ok((revision, None))
            }
        }
    }
}

/// The newest revision of a stream that the open segment does not hold.
fn beyond_tip(set: &SegmentSet, prepared: &Prepared, coordinate: &Coordinate) -> Result<u64, Verdict> {
    let (scope, entity) = (coordinate.scope.as_str(), coordinate.entity.as_str());
    if set.has_waiting()
        && let Some(span) = set.unsealed_span(&term::stream(scope, entity))
    {
        return Ok(span.last_revision);
    }
    match &prepared.revisions {
        Some(revisions) => Ok(revisions.get(coordinate).copied().unwrap_or(0)),
        None if set.sealed().is_empty() => Ok(0),
        None => Err(Verdict::NeedsRevisions),
    }
}

fn expect(stream: &Coordinate, expected: Expected, actual: u64) -> Result<(), Verdict> {
    let actual = Revision::new(actual);
    if expected.admits(actual) || planted(Bug::RevisionUnchecked) {
        return Ok(());
    }
    Err(Verdict::Refused(StoreError::ExpectedRevision { stream: stream.to_string(), expected, actual }))
}

/// The causes of a batch that sealed segments hold; refuses an id of a caller's that they hold.
fn sealed_links(batch: &Batch<'_>, set: &SegmentSet) -> Result<HashSet<EventId, RandomState>, Verdict> {
    let own: Vec<EventId> = batch.events.iter().filter_map(|draft| draft.id).collect();
    for (id, position) in own.iter().zip(set.sealed_ids(&own).map_err(Verdict::Refused)?) {
        if let Some(position) = position {
            return Err(Verdict::Refused(StoreError::DuplicateEventId { id: *id, position }));
        }
    }
    if batch.events.iter().all(|draft| draft.causes.is_empty()) {
        return Ok(HashSet::default());
    }
    // What is in the batch itself or in memory is judged under the lock.
    let mut judged: HashSet<EventId, RandomState> = own.into_iter().collect();
    let causes = batch.events.iter().flat_map(|draft| &draft.causes).map(|cause| cause.id);
    let asked: Vec<EventId> = causes.filter(|id| judged.insert(*id) && !set.unsealed_holds(id)).collect();
    let found = set.sealed_ids(&asked).map_err(Verdict::Refused)?;
    Ok(asked.into_iter().zip(found).filter_map(|(id, position)| position.map(|_| id)).collect())
}

/// Checks a caller's id and an event's causes against what is in memory and earlier in the batch.
fn check_links(
    set: &SegmentSet,
    prepared: &Prepared,
    draft: &batpak_core::Draft<'_>,
    id: &EventId,
    earlier: &HashSet<EventId, RandomState>,
    next: Position,
) -> Result<(), Verdict> {
    if draft.id.is_some() {
        let known = if earlier.contains(id) { Some(next) } else { set.unsealed_id(id) };
        if let Some(position) = known {
            return Err(Verdict::Refused(StoreError::DuplicateEventId { id: *id, position }));
        }
    }
    for cause in &draft.causes {
        let known = prepared.causes.contains(&cause.id) || earlier.contains(&cause.id) || set.unsealed_holds(&cause.id);
        if !known {
            return Err(Verdict::Refused(StoreError::UnknownCause { cause: cause.id }));
        }
    }
    Ok(())
}

/// Checks both conditions against `view`, looking only at positions after `since`.
fn check_conditions(batch: &Batch<'_>, view: &View, since: Position) -> Result<(), Verdict> {
    if let Some(query) = &batch.fail_if_exists
        && let Some(position) = view.newest_match(query, since).map_err(Verdict::Refused)?
    {
        return Err(Verdict::Refused(StoreError::AlreadyExists { position }));
    }
    if let Some(condition) = &batch.condition
        && let Some(position) =
            view.newest_match(&condition.fail_if_matches, condition.after.max(since)).map_err(Verdict::Refused)?
    {
        return Err(Verdict::Refused(StoreError::ConditionFailed { position, after: condition.after }));
    }
    Ok(())
}

fn judge_key(batch: &Batch<'_>, first: Position, events: u32, same: bool) -> Verdict {
    if same {
        return Verdict::Duplicate(first, events);
    }
    let key = batch.key.as_ref().map(ToString::to_string).unwrap_or_default();
    Verdict::Refused(StoreError::KeyReused { key, position: first })
}

/// Bytes that a record takes at most, whatever the dictionary knows.
fn record_bytes_max(draft: &batpak_core::Draft<'_>) -> u64 {
    let name = |text: &str| text.len() as u64 + 7;
    let names = name(draft.kind.as_str())
        + name(draft.coordinate.scope.as_str())
        + name(draft.coordinate.entity.as_str())
        + draft.tags.iter().map(|tag| name(tag.as_str())).sum::<u64>()
        + draft.correlation.as_ref().map_or(0, |correlation| name(correlation.as_str()));
    names + 18 * draft.causes.len() as u64 + 80 + draft.payload.len() as u64
}
