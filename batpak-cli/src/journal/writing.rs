//! A journal that is open for writing and reading.

use std::path::Path;
use std::time::Duration;

use batpak_core::event::Event;
use batpak_core::{Batch, Coordinate, Draft, EventId, Kind, Position, Revision};
use batpak_store::{Options, Receipt, Scan, Stats, Store, StoreError, Ticket, View};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::graph::GraphKeeper;
use crate::{CausalGraph, IntoRead, JournalReader};

/// A folder of events, open for writing by this process alone. `Send` and `Sync`: share it by reference or in an `Arc`.
///
/// Dropping it writes and syncs what is staged, as [`Journal::close`] does, but cannot report errors.
///
/// ```
/// # fn main() -> Result<(), batpak::Error> {
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let path = folder.path();
/// use batpak::{Coordinate, Draft, Error, Expected, Journal, Kind, Query};
///
/// let journal = Journal::open(path)?;
/// let seat = Coordinate::new("cinema", "seat:7")?;
/// let sold = |to: &str| Draft::json(seat.clone(), Kind::new("seat.sold")?, &to.to_owned());
///
/// // Whoever comes second is told, and nothing of theirs is written.
/// journal.append(sold("ann")?.expect(Expected::NoStream))?;
/// let late = journal.append(sold("bob")?.expect(Expected::NoStream));
/// assert!(matches!(late, Err(Error::ExpectedRevision { .. })));
///
/// // Another process, or this one, may read meanwhile.
/// let reader = Journal::read_only(path)?;
/// assert_eq!(reader.wait_for(journal.position(), std::time::Duration::from_secs(5))?, journal.position());
/// assert_eq!(reader.read(Query::parse("kind(seat.sold)")?)?.total()?, 1);
/// journal.close()
/// # }
/// ```
#[derive(Debug)]
pub struct Journal {
    store: Store,
    keeper: GraphKeeper,
}

impl Journal {
    /// Opens the journal in a folder, which is created if it is missing. An append is safe on disk when it returns.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOpen`] names the process that writes already; [`Journal::read_only`] works beside it.
    /// [`StoreError::Corrupt`] if something that was safe on disk is damaged; I/O.
    ///
    /// Cost: constant after a clean close; after a crash, at most the unsealed segments are read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path, Options::new())
    }

    /// As [`Journal::open`], with options of its own.
    ///
    /// # Errors
    /// As for [`Journal::open`]; [`StoreError::NotFound`] if the options forbid to create a journal.
    pub fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        options.open(path).map(Self::from)
    }

    /// Opens the journal in a folder for reading, beside a writer. Creates nothing.
    ///
    /// # Errors
    /// As for [`JournalReader::open`].
    pub fn read_only(path: impl AsRef<Path>) -> Result<JournalReader, StoreError> {
        JournalReader::open(path)
    }

    /// Appends an event ([`Draft`]), several, or a [`Batch`] with conditions: all or nothing, durable when it returns.
    ///
    /// # Errors
    /// See [`StoreError`]: a conflict or a refusal leaves the journal as it was.
    ///
    /// Cost: one write and one sync for all who append at that moment, whatever the number of events.
    pub fn append<'a>(&self, events: impl Into<Batch<'a>>) -> Result<Receipt, StoreError> {
        self.store.append(events)
    }

    /// Appends one event whose payload is a value written as JSON.
    ///
    /// # Errors
    /// As for [`Journal::append`]; names that break a rule, and values that would not come back, are [`StoreError::Invalid`].
    pub fn append_json<T: Serialize + DeserializeOwned>(
        &self,
        scope: &str,
        entity: &str,
        kind: &str,
        value: &T,
    ) -> Result<Receipt, StoreError> {
        self.append(Draft::json(Coordinate::new(scope, entity)?, Kind::new(kind)?, value)?)
    }

    /// As [`Journal::append`], but returns at once; the ticket tells when the events are durable. Waits while the queue is full.
    ///
    /// # Errors
    /// Refusals that are known at once.
    pub fn submit<'a>(&self, events: impl Into<Batch<'a>>) -> Result<Ticket, StoreError> {
        self.store.submit(events)
    }

    /// The events that match, oldest first: the text of a query, a [`Query`](crate::Query), or a [`Read`](crate::Read).
    ///
    /// Lazy, and as of now: memory does not grow with the log, appends go on meanwhile and are not seen.
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

    /// The newest revision of a stream, for [`Expected::Exact`](crate::Expected::Exact); [`Revision::NONE`] if it is empty.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn revision(&self, stream: &Coordinate) -> Result<Revision, StoreError> {
        self.view().revision(stream)
    }

    /// The journal as it is now; later events are not in it.
    #[must_use]
    pub fn view(&self) -> View {
        self.store.view()
    }

    /// The position of the last durable event, for [`Condition`](crate::Condition); [`Position::START`] if there is none.
    #[must_use]
    pub fn position(&self) -> Position {
        self.store.durable()
    }

    /// Waits until the event at a position is durable, at most `timeout`; gives the last durable position then.
    #[must_use]
    pub fn wait_for(&self, position: Position, timeout: Duration) -> Position {
        self.store.wait_for(position, timeout)
    }

    /// The journal as it is now with the graph of its causes.
    ///
    /// The first call builds it, from pieces beside the log where there are any; later calls add what is new. Pieces of 65,536 events, and
    /// now and then the newest, unfinished one, are kept beside the log, so that a later process need not build them again.
    ///
    /// What a question makes beyond (effects, landmarks, dominators) belongs to the graph that is returned: ask it again, or a clone of it.
    ///
    /// # Errors
    /// Damage, I/O.
    ///
    /// Cost: about half a µs for each event that is in no piece; then a copy of the newest, unfinished piece (a MB or so) for each call.
    pub fn graph(&self) -> Result<CausalGraph, StoreError> {
        self.keeper.graph(|| self.view(), &self.store.derived(), Some(&self.store))
    }

    /// Numbers about the journal, and the root of its Merkle tree.
    ///
    /// # Errors
    /// Damage, I/O.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        self.store.stats()
    }

    /// The store underneath.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Writes and syncs everything and gives the folder up.
    ///
    /// # Errors
    /// Whatever keeps the last events from being durable.
    pub fn close(self) -> Result<(), StoreError> {
        self.store.close()
    }
}

/// A store that was opened with options of its own.
impl From<Store> for Journal {
    fn from(store: Store) -> Self {
        Self { store, keeper: GraphKeeper::default() }
    }
}
