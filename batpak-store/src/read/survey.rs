//! Lists made from the index alone: streams and kinds.

use std::collections::{BTreeMap, BTreeSet};

use batpak_core::{Coordinate, Revision, Scope, is_system_kind};
use serde::Serialize;

use crate::error::StoreError;
use crate::index::term;

use super::view::View;

/// A stream and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamInfo {
    /// Which stream.
    pub coordinate: Coordinate,
    /// Events of it in view.
    pub events: u64,
    /// Its newest revision in view.
    pub last_revision: Revision,
}

/// A kind and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindInfo {
    /// The kind.
    pub kind: String,
    /// Events of it in view.
    pub events: u64,
}

impl View {
    /// The streams whose entity starts with `prefix`, in one scope or in all, in the order of their entities.
    ///
    /// Cost: one step an entry of the segments' dictionaries; no event is read. Streams that hold system events alone are left out.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn streams(&self, prefix: &str, scope: Option<&str>) -> Result<Vec<StreamInfo>, StoreError> {
        let mut found: BTreeMap<Box<[u8]>, (u64, u64)> = BTreeMap::new();
        let mut key = vec![term::STREAM];
        key.extend_from_slice(prefix.as_bytes());
        for part in self.set().parts() {
            let Some(last) = part.last_rel(self.position()) else { continue };
            for (term, events) in part.terms(&key, last)? {
                if events == 0 {
                    continue;
                }
                let Some(span) = part.stream(&term, last)? else { continue };
                let entry = found.entry(term).or_default();
                entry.0 += events;
                entry.1 = entry.1.max(span.last_revision);
            }
        }
        let streams = found.into_iter().filter_map(|(key, (events, last))| {
            let (in_scope, entity) = term::split_stream(&key)?;
            let wanted = scope.is_none_or(|scope| scope == in_scope) && !is_system_kind(entity);
            let coordinate = wanted.then(|| Coordinate::new(in_scope, entity).ok())??;
            Some(StreamInfo { coordinate, events, last_revision: Revision::new(last) })
        });
        Ok(streams.collect())
    }

    /// How many streams there are.
    pub(crate) fn stream_count(&self) -> Result<u64, StoreError> {
        Ok(self.streams("", None)?.len() as u64)
    }

    /// The scopes, in the order of their names; those of system events alone included.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        for part in self.set().parts() {
            let Some(last) = part.last_rel(self.position()) else { continue };
            for (term, events) in part.terms(&[term::SCOPE], last)? {
                if events > 0 {
                    found.insert(String::from_utf8_lossy(term.get(1..).unwrap_or_default()).into_owned());
                }
            }
        }
        Ok(found.into_iter().filter_map(|name| Scope::new(name).ok()).collect())
    }

    /// The kinds and how often each occurs, in the order of their names; the system's own only if `system` is set.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn kinds(&self, system: bool) -> Result<Vec<KindInfo>, StoreError> {
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for part in self.set().parts() {
            let Some(last) = part.last_rel(self.position()) else { continue };
            for (term, events) in part.terms(&[term::KIND], last)? {
                let kind = String::from_utf8_lossy(term.get(1..).unwrap_or_default()).into_owned();
                if events > 0 && (system || !is_system_kind(&kind)) {
                    *found.entry(kind).or_default() += events;
                }
            }
        }
        Ok(found.into_iter().map(|(kind, events)| KindInfo { kind, events }).collect())
    }
}
