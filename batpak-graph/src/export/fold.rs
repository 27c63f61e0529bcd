//! Many events as few boxes, so that a picture of them can be read.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::drawing::{Arrangement, Dot, Drawing, Link, LinkKind, grouped};

/// What becomes one box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldBy {
    /// Events of one stream within one of a few stretches of the log of equal length.
    Stream,
    /// All events of one kind in one scope.
    Kind,
}

/// Streams that get boxes of their own; the rest shares some.
const STREAMS_MAX: usize = 10;
/// Stretches of the log.
const STRETCHES: usize = 5;
/// Kinds that get a box of their own; the rest shares one a scope.
const KINDS_MAX: usize = 30;
/// Links that are drawn into each box, and the share of its events that one must have: the strongest is always drawn.
const LINKS_MAX: u64 = 3;
const SHARE: u64 = 10;
/// From this many kinds on, a picture of kinds says more than one of streams.
const KINDS_TELLING: usize = 5;

/// A drawing of at most `limit` events as it is; a larger one with many events a box.
///
/// Few streams, or few kinds, are folded by stream, and others by kind: kinds that many streams run through are what a
/// person would draw. See [`fold_by`].
#[must_use]
pub fn fold(drawing: &Drawing, limit: usize) -> Drawing {
    if drawing.dots().len() <= limit {
        return drawing.clone();
    }
    let streams: HashSet<_> = drawing.dots().iter().map(|dot| (&dot.scope, &dot.entity)).collect();
    let kinds: HashSet<_> = drawing.dots().iter().map(|dot| (&dot.scope, &dot.kind)).collect();
    let by = if streams.len() > STREAMS_MAX && kinds.len() >= KINDS_TELLING { FoldBy::Kind } else { FoldBy::Stream };
    fold_by(drawing, by)
}

/// A drawing of at most some 60 boxes, whatever its size, whose title says what was done.
///
/// Boxes and links carry counts. The rarest streams or kinds share boxes. Links within a box are not drawn, and of
/// those into a box only the strongest three, as long as they stand for a tenth of its events. Links between kinds, and
/// within a stretch of the log, may go both ways. Cost: n log n.
#[must_use]
pub fn fold_by(drawing: &Drawing, by: FoldBy) -> Drawing {
    let groups = match by {
        FoldBy::Stream => by_stream(drawing),
        FoldBy::Kind => by_kind(drawing),
    };
    let (dots, numbers) = boxes(drawing, &groups);
    let (links, all) = links(drawing, &numbers, &dots);
    let left_out = match all - links.len() {
        0 => String::new(),
        weakest => format!("; the weakest {} of {} links left out", grouped(weakest as u64), grouped(all as u64)),
    };
    let what = if by == FoldBy::Kind { "kind" } else { "stream" };
    let title = format!("{} ({} events folded by {what}{left_out})", drawing.title(), grouped(drawing.events()));
    let arrangement = match by {
        FoldBy::Kind => Arrangement::Layers,
        FoldBy::Stream => Arrangement::Cells(cells(&groups, &numbers, &dots)),
    };
    Drawing::trusted(title, dots, links).folded_from(drawing, arrangement)
}

/// The box that an event goes into.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Group {
    scope: String,
    /// The stream, or nothing if kinds are folded, or what stands for many streams.
    entity: String,
    /// The kind, if kinds are folded.
    kind: Option<String>,
    /// The stretch of the log.
    stretch: usize,
    /// Whether it stands for what has no box of its own.
    others: bool,
}

fn by_stream(drawing: &Drawing) -> Vec<Group> {
    let own = most_frequent(drawing, STREAMS_MAX, |dot| (dot.scope.as_str(), dot.entity.as_str()));
    let (streams, _) = drawing.streams();
    let shared = format!("{} others", grouped(streams.len().saturating_sub(own.len()) as u64));
    let scopes: HashSet<_> = streams.iter().map(|(scope, _)| *scope).collect();
    let length = drawing.dots().len().div_ceil(STRETCHES).max(1);
    let group = |(number, dot): (usize, &Dot)| {
        let others = !own.contains(&(dot.scope.as_str(), dot.entity.as_str()));
        let entity = if others { &shared } else { &dot.entity };
        let scope = if others && scopes.len() > 1 { "" } else { &dot.scope };
        Group { scope: scope.to_owned(), entity: entity.clone(), kind: None, stretch: number / length, others }
    };
    drawing.dots().iter().enumerate().map(group).collect()
}

fn by_kind(drawing: &Drawing) -> Vec<Group> {
    let own = most_frequent(drawing, KINDS_MAX, |dot| (dot.scope.as_str(), dot.kind.as_str()));
    let group = |dot: &Dot| {
        let telling = own.contains(&(dot.scope.as_str(), dot.kind.as_str()));
        let kind = if telling { dot.kind.clone() } else { "other kinds".to_owned() };
        let scope = if telling { dot.scope.clone() } else { String::new() };
        Group { scope, entity: String::new(), kind: Some(kind), stretch: 0, others: !telling }
    };
    drawing.dots().iter().map(group).collect()
}

/// The keys with the most events; of equals, the first by name.
fn most_frequent<'a, K: Ord + std::hash::Hash + Copy>(
    drawing: &'a Drawing,
    limit: usize,
    key: impl Fn(&'a Dot) -> K,
) -> HashSet<K> {
    let mut counts = BTreeMap::<K, u64>::new();
    for dot in drawing.dots() {
        let count = counts.entry(key(dot)).or_default();
        *count = count.saturating_add(dot.count);
    }
    let mut keys: Vec<_> = counts.into_iter().collect();
    keys.sort_by_key(|(key, count)| (Reverse(*count), *key));
    keys.into_iter().take(limit).map(|(key, _)| key).collect()
}

/// The boxes by their first events, and the box of each event.
fn boxes(drawing: &Drawing, groups: &[Group]) -> (Vec<Dot>, Vec<usize>) {
    let mut numbers = HashMap::<&Group, usize>::new();
    let mut members = Vec::<Vec<&Dot>>::new();
    let mut keys = Vec::new();
    let mut of_dots = Vec::with_capacity(groups.len());
    for (dot, group) in drawing.dots().iter().zip(groups) {
        let number = *numbers.entry(group).or_insert_with(|| {
            members.push(Vec::new());
            keys.push(group);
            members.len() - 1
        });
        if let Some(members) = members.get_mut(number) {
            members.push(dot);
        }
        of_dots.push(number);
    }
    (members.iter().zip(keys).filter_map(|(members, group)| merged(members, group)).collect(), of_dots)
}

/// One box for its events, which are in the order of the log.
fn merged(members: &[&Dot], group: &Group) -> Option<Dot> {
    let mut dot = (*members.first()?).clone();
    dot.scope.clone_from(&group.scope);
    dot.entity.clone_from(&group.entity);
    if members.len() == 1 {
        return Some(dot);
    }
    let mut kinds = BTreeMap::<&str, u64>::new();
    for member in members {
        let count = kinds.entry(&member.kind).or_default();
        *count = count.saturating_add(member.count);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, count)| (Reverse(*count), *kind));
    let most = kinds.first().map_or("", |(kind, _)| *kind);
    dot.kind = match &group.kind {
        Some(kind) => kind.clone(),
        None if kinds.len() == 1 => most.to_owned(),
        None => format!("{most} etc."),
    };
    dot.payload_head = if kinds.len() == 1 {
        let streams: HashSet<_> = members.iter().map(|dot| (&dot.scope, &dot.entity)).collect();
        format!("{} streams", grouped(streams.len() as u64))
    } else {
        let shown = kinds.iter().take(5).map(|(kind, count)| format!("{} x {kind}", grouped(*count)));
        shown.collect::<Vec<_>>().join(", ")
    };
    dot.revision = 0;
    dot.tags.clear();
    dot.correlation = dot.correlation.filter(|name| members.iter().all(|dot| dot.correlation.as_ref() == Some(name)));
    dot.marked = members.iter().any(|dot| dot.marked);
    dot.count = members.iter().map(|dot| dot.count).fold(0, u64::saturating_add);
    Some(dot)
}

/// The links between boxes that are worth a line, and how many there were.
fn links(drawing: &Drawing, numbers: &[usize], dots: &[Dot]) -> (Vec<Link>, usize) {
    let mut counts = BTreeMap::<(usize, usize, LinkKind), u64>::new();
    for link in drawing.links() {
        let (Some(&from), Some(&to)) = (numbers.get(link.from), numbers.get(link.to)) else { continue };
        if from != to {
            let count = counts.entry((from, to, link.kind)).or_default();
            *count = count.saturating_add(link.count);
        }
    }
    let all = counts.len();
    let mut links: Vec<_> =
        counts.into_iter().map(|((from, to, kind), count)| Link { from, to, kind, count }).collect();
    links.sort_by_key(|link| (Reverse(link.count), link.from, link.to, link.kind));
    let mut incoming = HashMap::new();
    links.retain(|link| {
        let incoming = incoming.entry(link.to).or_insert(0);
        *incoming += 1;
        let events = dots.get(link.to).map_or(0, |dot| dot.count);
        *incoming == 1 || *incoming <= LINKS_MAX && link.count.saturating_mul(SHARE) >= events
    });
    links.sort_by_key(|link| (link.from, link.to, link.kind));
    (links, all)
}

/// The stretch of the log and the stream of each box. Streams with most events are above, and those without a lane of
/// their own below.
fn cells(groups: &[Group], numbers: &[usize], dots: &[Dot]) -> Vec<(usize, usize)> {
    let mut stretches = vec![(0, false); dots.len()];
    for (group, number) in groups.iter().zip(numbers) {
        if let Some(stretch) = stretches.get_mut(*number) {
            *stretch = (group.stretch, group.others);
        }
    }
    let mut weights = BTreeMap::<_, u64>::new();
    for (dot, (_, others)) in dots.iter().zip(&stretches) {
        let weight = weights.entry((*others, dot.scope.as_str(), dot.entity.as_str())).or_default();
        *weight = weight.saturating_add(dot.count);
    }
    let mut order: Vec<_> = weights.into_iter().collect();
    order.sort_by_key(|((others, scope, entity), weight)| (*others, Reverse(*weight), *scope, *entity));
    let rows: HashMap<_, _> = order.iter().enumerate().map(|(row, (key, _))| (*key, row)).collect();
    let cell = |(dot, (stretch, others)): (&Dot, &(usize, bool))| {
        (*stretch, rows.get(&(*others, dot.scope.as_str(), dot.entity.as_str())).copied().unwrap_or(0))
    };
    dots.iter().zip(&stretches).map(cell).collect()
}
