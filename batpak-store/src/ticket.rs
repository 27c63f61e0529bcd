//! A ticket for an append that is under way.

use crate::sync::Arc;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::error::StoreError;
use crate::receipt::Receipt;
use crate::sync::Deadline;
use crate::writer::group::{Cell, Outcome};
use crate::writer::{Staged, Writer};

/// An append that is under way. Dropping it does not take the append back.
///
/// Also a [`Future`]: any executor can wait on it, none is needed.
pub struct Ticket {
    writer: Arc<Writer>,
    receipt: Receipt,
    /// `None` if there was nothing to wait for.
    cell: Option<Arc<Cell>>,
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket").field("receipt", &self.receipt).finish_non_exhaustive()
    }
}

impl Ticket {
    pub(crate) fn new(writer: Arc<Writer>, staged: Staged) -> Self {
        Self { writer, receipt: staged.receipt, cell: Some(staged.cell) }
    }

    pub(crate) fn known(writer: Arc<Writer>, receipt: Receipt) -> Self {
        Self { writer, receipt, cell: None }
    }

    /// Waits until the append is done.
    ///
    /// # Errors
    /// As for [`Store::append`](crate::Store::append).
    pub fn wait(self) -> Result<Receipt, StoreError> {
        let outcome = self.outcome(None).unwrap_or(Outcome::Done);
        self.writer.reply(self.receipt, &outcome)
    }

    /// Waits at most `timeout`.
    ///
    /// # Errors
    /// [`StoreError::TimedOut`] if the append is still under way: the ticket stays good. Else as for [`Ticket::wait`].
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Receipt, StoreError> {
        match self.outcome(Some(Deadline::after(timeout))) {
            Some(outcome) => self.writer.reply(self.receipt.clone(), &outcome),
            None => Err(StoreError::TimedOut),
        }
    }

    /// The result, if the append is done.
    #[must_use]
    pub fn try_check(&self) -> Option<Result<Receipt, StoreError>> {
        let outcome = match &self.cell {
            None => Outcome::Done,
            Some(cell) => cell.outcome()?,
        };
        Some(self.writer.reply(self.receipt.clone(), &outcome))
    }

    fn outcome(&self, until: Option<Deadline>) -> Option<Outcome> {
        match &self.cell {
            None => Some(Outcome::Done),
            Some(cell) => self.writer.await_cell(cell, until),
        }
    }
}

impl Future for Ticket {
    type Output = Result<Receipt, StoreError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = match &self.cell {
            None => Some(Outcome::Done),
            Some(cell) => cell.poll(context.waker()),
        };
        match outcome {
            None => Poll::Pending,
            Some(outcome) => Poll::Ready(self.writer.reply(self.receipt.clone(), &outcome)),
        }
    }
}
