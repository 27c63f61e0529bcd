//! What can go wrong in the store, as situations that a caller can act on.

use std::io;
use std::path::PathBuf;

use batpak_core::{CoreError, EventId, Expected, Position, Revision};

/// An error of the store; [`StoreError::class`] tells what kind of answer it calls for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The caller's values break a rule of the data model; nothing was written.
    #[error(transparent)]
    Invalid(#[from] CoreError),

    /// The stream is not where the caller expected it. Read it again and decide anew.
    #[error("expected `{stream}` at {expected}, found revision {actual}")]
    ExpectedRevision {
        /// The stream, as `scope/entity`.
        stream: String,
        /// What the caller expected.
        expected: Expected,
        /// The newest revision; 0 for an empty stream.
        actual: Revision,
    },

    /// An event that matches the condition's query landed after the position that the caller had read to. Read again and decide anew.
    #[error("the condition failed: the event at position {position} matches and landed after position {after}")]
    ConditionFailed {
        /// The newest matching event found.
        position: Position,
        /// The position that the caller had read to.
        after: Position,
    },

    /// An event that matches `fail_if_exists` is in the log already: the work was done before.
    #[error("an event that matches exists already at position {position}")]
    AlreadyExists {
        /// Where it is.
        position: Position,
    },

    /// The id is taken. Ids are for ever; append with another one.
    #[error("event id `{id}` exists already at position {position}")]
    DuplicateEventId {
        /// The id.
        id: EventId,
        /// Where the event with this id is.
        position: Position,
    },

    /// The idempotency key was used for another command. Use a new key for a new command.
    #[error("idempotency key `{key}` was used for another command, committed at position {position}")]
    KeyReused {
        /// The key.
        key: String,
        /// First position of the commit that used it.
        position: Position,
    },

    /// A cause names no event that is in the log or earlier in the batch.
    #[error("cause `{cause}` does not exist; append the cause first, or earlier in the same batch")]
    UnknownCause {
        /// The cause.
        cause: EventId,
    },

    /// The batch is too large for one commit. Split it.
    #[error("the batch may take {bytes} bytes, more than the {most} of one commit; split it")]
    TooLarge {
        /// Bytes that it takes at most.
        bytes: u64,
        /// The limit.
        most: u64,
    },

    /// The queue holds as much as it may; wait for some tickets, then try again.
    #[error("the write queue is full ({queued_bytes} bytes wait); wait and try again")]
    Pressure {
        /// Bytes staged and not yet written.
        queued_bytes: u64,
    },

    /// The disk is full. Nothing of this append was kept; appends work again once there is room.
    #[error("the disk is full at `{}`; make room, then append again", path.display())]
    DiskFull {
        /// The store's folder.
        path: PathBuf,
    },

    /// A write failed and was taken back. Nothing of this append was kept.
    #[error("the write failed and was taken back: {detail}")]
    WriteFailed {
        /// What the system said.
        detail: String,
    },

    /// An earlier failure made the disk's state unknown, so nothing more is written. Reads go on; close and open again to recover.
    #[error("the writer stopped for good after a failure: {reason}; reading goes on, open the store again to recover")]
    Poisoned {
        /// The failure.
        reason: String,
    },

    /// The append's bytes may or may not have reached the disk. Open again; an idempotency key settles what happened.
    #[error(
        "the outcome of this append is unknown: {reason}; open the store again, a retry with the same idempotency key is safe"
    )]
    OutcomeUnknown {
        /// The failure.
        reason: String,
    },

    /// The writer panicked more often than its restart policy allows.
    #[error("the writer's restart budget is used up ({allowed} restarts); close and open the store again")]
    RestartExhausted {
        /// Restarts that the policy allowed.
        allowed: u32,
    },

    /// Another process, or another handle, writes to this folder. Reading works all the same.
    #[error("`{}` is open for writing by {holder}; open it read-only, or wait until it is closed", path.display())]
    AlreadyOpen {
        /// The store's folder.
        path: PathBuf,
        /// Who holds the lock.
        holder: String,
    },

    /// There is no store here.
    #[error("no store at `{}`", path.display())]
    NotFound {
        /// The folder.
        path: PathBuf,
    },

    /// Bytes that were acknowledged are damaged. Nothing was changed; `repair` is an explicit choice.
    #[error(
        "segment {segment} is damaged at byte {offset}: {detail}; check with `verify`, restore a copy, or cut the damage out with `repair`"
    )]
    Corrupt {
        /// Number of the segment.
        segment: u64,
        /// Byte offset in its file.
        offset: u64,
        /// What is wrong.
        detail: String,
    },

    /// A stored event breaks a rule of the data model.
    #[error("the event at position {position} cannot be decoded: {detail}; check with `verify`")]
    Undecodable {
        /// Where it is.
        position: Position,
        /// What is wrong.
        detail: String,
    },

    /// Written by a newer version of batpak.
    #[error("segment {segment} needs a newer version of batpak ({what}); nothing was changed")]
    Unsupported {
        /// Number of the segment.
        segment: u64,
        /// Version or feature.
        what: String,
    },

    /// The operating system refused something.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The store was closed.
    #[error("the store is closed")]
    Closed,

    /// The wait ended before the append was done; the ticket stays valid.
    #[error("the wait timed out; the append is still under way")]
    TimedOut,
}

/// What an error calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Try the same again later.
    Retry,
    /// Somebody else was faster: read again, decide again.
    Conflict,
    /// The request itself is at fault.
    Refused,
    /// The data on disk is damaged or foreign.
    Corrupt,
    /// The environment failed.
    Io,
    /// Somebody else holds the store.
    Locked,
    /// It is not there.
    NotFound,
}

impl StoreError {
    /// What this error calls for.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Invalid(_)
            | Self::DuplicateEventId { .. }
            | Self::KeyReused { .. }
            | Self::UnknownCause { .. }
            | Self::TooLarge { .. }
            | Self::AlreadyExists { .. } => ErrorClass::Refused,
            Self::ExpectedRevision { .. } | Self::ConditionFailed { .. } => ErrorClass::Conflict,
            Self::Pressure { .. } | Self::TimedOut | Self::DiskFull { .. } | Self::WriteFailed { .. } => {
                ErrorClass::Retry
            }
            Self::Poisoned { .. }
            | Self::OutcomeUnknown { .. }
            | Self::RestartExhausted { .. }
            | Self::Io { .. }
            | Self::Closed => ErrorClass::Io,
            Self::AlreadyOpen { .. } => ErrorClass::Locked,
            Self::NotFound { .. } => ErrorClass::NotFound,
            Self::Corrupt { .. } | Self::Undecodable { .. } | Self::Unsupported { .. } => ErrorClass::Corrupt,
        }
    }
}
