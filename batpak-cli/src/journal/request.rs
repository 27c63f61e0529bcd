//! What can be read: the text of a query, a query, or a read with a place, a limit and a direction.

use batpak_core::CoreError;
use batpak_core::query::Query;
use batpak_store::Read;

/// What can be given to [`Journal::read`](crate::Journal::read).
pub trait IntoRead: sealed::Sealed {
    /// The read that is meant.
    ///
    /// # Errors
    /// [`CoreError::Query`] for text that is no query.
    fn into_read(self) -> Result<Read, CoreError>;
}

/// The text of a query, as in `"kind(order.placed) & tag(region:eu)"`: see [`Query`].
impl IntoRead for &str {
    fn into_read(self) -> Result<Read, CoreError> {
        Ok(Read::query(Query::parse(self)?))
    }
}

/// The text of a query.
impl IntoRead for &String {
    fn into_read(self) -> Result<Read, CoreError> {
        self.as_str().into_read()
    }
}

impl IntoRead for Query {
    fn into_read(self) -> Result<Read, CoreError> {
        Ok(Read::query(self))
    }
}

impl IntoRead for Read {
    fn into_read(self) -> Result<Read, CoreError> {
        Ok(self)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for &str {}
    impl Sealed for &String {}
    impl Sealed for batpak_core::query::Query {}
    impl Sealed for batpak_store::Read {}
}
