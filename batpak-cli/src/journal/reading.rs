//! A journal that is open for reading only.

use std::path::Path;
use std::time::Duration;

use batpak_core::event::Event;
use batpak_core::{EventId, Position};
use batpak_store::{Reader, Scan, StoreError, View};

use crate::graph::GraphKeeper;
use crate::{CausalGraph, IntoRead};

/// A journal that is open for reading, beside a writer in this or another process. It never writes, and creates nothing.
///
/// It shows what is durable, and what a writer adds after [`JournalReader::refresh`] or [`JournalReader::wait_for`].
#[derive(Debug)]
pub struct JournalReader {
    reader: Reader,
    keeper: GraphKeeper,
}

impl JournalReader {
    /// Opens the journal in a folder for reading.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is none; [`StoreError::Corrupt`]; I/O.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self { reader: Reader::open(path)?, keeper: GraphKeeper::default() })
    }

    /// The events that match, oldest first: the text of a query, a [`Query`](crate::Query), or a [`Read`](crate::Read).
    ///
    /// Lazy: memory does not grow with the log.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for text that is no query. Damage is reported by the iterator, where it is met.
    pub fn read(&self, what: impl IntoRead) -> Result<Scan, StoreError> {
        Ok(self.view().read(what.into_read()?))
    }

    /// The event with an id.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn get(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        self.view().get(id)
    }

    /// The event at a position.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn at(&self, position: Position) -> Result<Option<Event>, StoreError> {
        self.view().at(position)
    }

    /// The journal as it is now; later events are not in it.
    #[must_use]
    pub fn view(&self) -> View {
        self.reader.view()
    }

    /// The journal as it is now with the graph of its causes. As for [`Journal::graph`](crate::Journal::graph), but keeps nothing.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn graph(&self) -> Result<CausalGraph, StoreError> {
        self.keeper.graph(|| self.view(), &self.reader.derived(), None)
    }

    /// Looks for what a writer added; gives the last position.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn refresh(&self) -> Result<Position, StoreError> {
        self.reader.refresh()
    }

    /// Waits until there is an event at a position, at most `timeout`; gives the last position there is then.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn wait_for(&self, position: Position, timeout: Duration) -> Result<Position, StoreError> {
        self.reader.wait_for(position, timeout)
    }

    /// The store's reader underneath.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }
}
