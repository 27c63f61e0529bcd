//! From a query to a cursor over one segment: each term is a list of the index, items intersect, the query unites.

use batpak_core::kind::SYSTEM_PREFIX;
use batpak_core::query::{Field, Pattern, QueryItem, Term};

use crate::error::StoreError;
use crate::index::chosen::Chosen;
use crate::index::listed::{Except, Listed};
use crate::index::postings::{All, Direction, Intersect, PostingsCursor, Union};
use crate::index::sealed::IndexDamage;
use crate::index::term;
use crate::segment::{BoxedCursor, Part};
use crate::sync::Arc;

use super::request::Read;

/// More lists than this are merged into one before the walk, instead of being stepped side by side.
const SIDE_BY_SIDE: usize = 64;

/// A cursor over the events of `part` that `read` asks for, places and limit aside; `None` if there are none.
pub(crate) fn cursor(part: &Part, read: &Read) -> Result<Option<BoxedCursor>, StoreError> {
    let Read { query, direction, within, .. } = read;
    let mut items = Vec::with_capacity(query.items.len());
    for item in &query.items {
        if let Some(cursor) = item_cursor(part, item, item.includes_system(), *direction)? {
            items.push(cursor);
        }
    }
    Ok(match (unite(items, *direction), within) {
        (Some(cursor), Some(positions)) => {
            let chosen = Box::new(Chosen::new(Arc::clone(positions), part.first(), *direction));
            Some(Box::new(Intersect::new(vec![chosen, cursor])))
        }
        (cursor, _) => cursor,
    })
}

fn item_cursor(
    part: &Part,
    item: &QueryItem,
    system: bool,
    direction: Direction,
) -> Result<Option<BoxedCursor>, StoreError> {
    let mut cursors: Vec<BoxedCursor> = Vec::new();
    let mut terms: Vec<&Term> = item.terms.iter().collect();
    // One scope and one entity together are one list: the stream's.
    let exact = |wanted: Field| {
        item.terms.iter().position(|term| term.field == wanted && matches!(term.pattern, Pattern::Exact(_)))
    };
    if let (Some(scope), Some(entity)) = (exact(Field::Scope), exact(Field::Entity))
        && let (
            Some(Term { pattern: Pattern::Exact(scope_name), .. }),
            Some(Term { pattern: Pattern::Exact(entity_name), .. }),
        ) = (item.terms.get(scope), item.terms.get(entity))
    {
        let Some(stream) = part.cursor(&term::stream(scope_name, entity_name), direction)? else { return Ok(None) };
        cursors.push(stream);
        terms = item
            .terms
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != scope && *at != entity)
            .map(|(_, term)| term)
            .collect();
    }
    for term in terms {
        let Some(cursor) = term_cursor(part, term, direction)? else { return Ok(None) };
        cursors.push(cursor);
    }
    let mut cursor: BoxedCursor = match cursors.len() {
        0 => Box::new(All::new(u32::try_from(part.events()).unwrap_or(u32::MAX), direction)),
        1 => match cursors.pop() {
            Some(cursor) => cursor,
            None => return Ok(None),
        },
        _ => Box::new(Intersect::new(cursors)),
    };
    if !system && let Some(hidden) = named(part, term::KIND, SYSTEM_PREFIX.as_bytes(), |_| true, direction)? {
        cursor = Box::new(Except::new(cursor, hidden, direction));
    }
    Ok(Some(cursor))
}

fn term_cursor(part: &Part, wanted: &Term, direction: Direction) -> Result<Option<BoxedCursor>, StoreError> {
    let namespace = match wanted.field {
        Field::Kind => term::KIND,
        Field::Scope => term::SCOPE,
        Field::Entity => term::STREAM,
        Field::Tag => term::TAG,
        Field::Correlation => term::CORRELATION,
    };
    match &wanted.pattern {
        Pattern::Exact(name) if wanted.field == Field::Entity => {
            let mut prefix = name.as_bytes().to_vec();
            prefix.push(0);
            named(part, namespace, &prefix, |_| true, direction)
        }
        Pattern::Exact(name) => part.cursor(&term::key(namespace, name), direction),
        Pattern::Prefix(start) => named(part, namespace, start.as_bytes(), |_| true, direction),
        pattern @ (Pattern::Glob(_) | Pattern::Regex(_)) => {
            let literal = pattern.literal_prefix();
            named(part, namespace, literal.as_bytes(), |name| pattern.matches(name), direction)
        }
    }
}

/// The events whose name in `namespace` starts with `prefix` and is accepted.
fn named(
    part: &Part,
    namespace: u8,
    prefix: &[u8],
    accept: impl Fn(&str) -> bool,
    direction: Direction,
) -> Result<Option<BoxedCursor>, StoreError> {
    let mut key = vec![namespace];
    key.extend_from_slice(prefix);
    let mut lists = Vec::new();
    for (found, _) in part.terms(&key, u32::MAX)? {
        let name = found.get(1..).unwrap_or_default();
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if std::str::from_utf8(name).is_ok_and(&accept)
            && let Some(list) = part.cursor(&found, direction)?
        {
            lists.push(list);
        }
    }
    if lists.len() <= SIDE_BY_SIDE {
        return Ok(unite(lists, direction));
    }
    let mut merged = Vec::new();
    for mut list in lists {
        drain(&mut *list, direction, &mut merged).map_err(|damage| part.damaged(damage))?;
    }
    merged.sort_unstable();
    merged.dedup();
    Ok(Some(Box::new(Listed::new(merged, direction))))
}

/// The union of some cursors; `None` of none.
fn unite(mut cursors: Vec<BoxedCursor>, direction: Direction) -> Option<BoxedCursor> {
    match cursors.len() {
        0 => None,
        1 => cursors.pop(),
        _ => Some(Box::new(Union::new(cursors, direction))),
    }
}

/// Walks a cursor to its end.
fn drain(cursor: &mut dyn PostingsCursor, direction: Direction, into: &mut Vec<u32>) -> Result<(), IndexDamage> {
    let mut bound = match direction {
        Direction::Forward => Some(0),
        Direction::Backward => Some(u32::MAX),
    };
    while let Some(at) = bound {
        let Some(found) = cursor.seek(at)? else { break };
        into.push(found);
        bound = match direction {
            Direction::Forward => found.checked_add(1),
            Direction::Backward => found.checked_sub(1),
        };
    }
    Ok(())
}
