//! From rows to batches in the store: each event once, and nothing after a row that is refused.

use batpak::limits::BATCH_BYTES_MAX;
use batpak::{Batch, Error, Journal, Position};
use serde::Serialize;

use crate::commands::import::bad::BadLines;
use crate::commands::import::chain::Chains;
use crate::commands::import::plan::{Plan, Refused};
use crate::exit::CliError;
use crate::input::fields::{Fields, Row};

/// Bytes of lines after which a batch is appended although it could have more events.
const BATCH_BYTES: usize = 8 << 20;
// A row that ends a batch may be as long as a payload.
const _: () = assert!(BATCH_BYTES * 4 < BATCH_BYTES_MAX);

/// What is safe on disk, as one JSON object after each batch.
#[derive(Debug, Serialize)]
pub struct Acknowledged {
    /// The last position of the batch.
    pub acknowledged: Position,
    /// The last line of the batch.
    pub line: u64,
    /// Events that this import has added.
    pub imported: u64,
    /// Events that were there already.
    pub present: u64,
}

/// Whoever is told what is safe on disk.
pub type Listener<'l> = dyn FnMut(&Acknowledged) -> Result<(), CliError> + 'l;

/// Collects rows and appends them.
pub struct Loader<'a> {
    journal: &'a Journal,
    fields: &'a Fields,
    batch_events: usize,
    rows: Vec<Row>,
    rows_bytes: usize,
    chains: Chains,
    /// Whether rows are looked up before they are appended: from the first duplicate until a batch without any.
    checking: bool,
    imported: u64,
    present: u64,
    acknowledged: Position,
}

impl<'a> Loader<'a> {
    /// A loader without rows.
    pub fn new(journal: &'a Journal, fields: &'a Fields, batch_events: usize, chains: Chains) -> Self {
        Self {
            journal,
            fields,
            batch_events,
            rows: Vec::new(),
            rows_bytes: 0,
            chains,
            checking: false,
            imported: 0,
            present: 0,
            acknowledged: Position::START,
        }
    }

    /// Events that were added.
    pub const fn imported(&self) -> u64 {
        self.imported
    }

    /// Events that were there already.
    pub const fn present(&self) -> u64 {
        self.present
    }

    /// The last position that is safe on disk.
    pub const fn acknowledged(&self) -> Position {
        self.acknowledged
    }

    /// Adds a row; true says that the batch is full.
    pub fn add(&mut self, row: Row) -> bool {
        self.rows_bytes = self.rows_bytes.saturating_add(row.line.len());
        self.rows.push(row);
        self.rows.len() >= self.batch_events || self.rows_bytes >= BATCH_BYTES
    }

    /// Appends the rows. Those that are refused go to `bad`, those before them are kept.
    pub fn flush(&mut self, bad: &mut BadLines, listener: &mut Listener<'_>) -> Result<(), CliError> {
        let rows = std::mem::take(&mut self.rows);
        self.rows_bytes = 0;
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            let Some((index, reason)) = self.append(rest, listener)? else { break };
            let Some((row, after)) = rest.get(index..).and_then(<[Row]>::split_first) else { break };
            bad.take(row.number, &row.line, &reason)?;
            rest = after;
        }
        // The room is used again.
        self.rows = rows;
        self.rows.clear();
        Ok(())
    }

    /// Appends the rows up to the first one that is refused, as one batch.
    fn append(&mut self, rows: &[Row], listener: &mut Listener<'_>) -> Result<Option<Refused>, CliError> {
        loop {
            let view = self.journal.view();
            let Plan { drafts, last_line, present, changes, refused } = if self.checking {
                Plan::checking(rows, &self.chains, &view)?
            } else {
                Plan::trusting(rows, &self.chains, &view)?
            };
            let added = drafts.len() as u64;
            let done = if drafts.is_empty() {
                Ok(None)
            } else {
                self.journal.append(Batch::new(drafts)).map(|receipt| receipt.last().map(|last| last.position))
            };
            match done {
                Ok(position) => {
                    self.checking &= present > 0;
                    self.imported = self.imported.saturating_add(added);
                    self.present = self.present.saturating_add(present);
                    self.chains.keep(changes);
                    if let Some(position) = position {
                        self.acknowledged = position;
                        self.report(last_line, listener)?;
                    }
                    return Ok(refused);
                }
                // Something is there already, or wrong: look closer.
                Err(error) if !self.checking && is_refusal(&error) => self.checking = true,
                Err(error) => {
                    let Some(index) = culprit(&error, rows) else { return Err(error.into()) };
                    let reason = self.reason(&error, rows.get(index));
                    let before = rows.get(..index).unwrap_or_default();
                    if before.is_empty() {
                        return Ok(Some((index, reason)));
                    }
                    return Ok(Some(self.append(before, listener)?.unwrap_or((index, reason))));
                }
            }
        }
    }

    /// Why the store refused a row, in the words of the input.
    fn reason(&self, error: &Error, row: Option<&Row>) -> String {
        if let (Error::UnknownCause { cause }, Some(row)) = (error, row)
            && let Some(source) = self.fields.source_of_cause(row, *cause)
        {
            return format!("its cause `{source}` is neither in the store nor on an earlier line");
        }
        error.to_string()
    }

    fn report(&self, line: u64, listener: &mut Listener<'_>) -> Result<(), CliError> {
        listener(&Acknowledged {
            acknowledged: self.acknowledged,
            line,
            imported: self.imported,
            present: self.present,
        })
    }
}

/// Whether the batch itself is at fault, or what is in the store already.
const fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Invalid(_) | Error::DuplicateEventId { .. } | Error::UnknownCause { .. })
}

/// The row for which the store refused the batch.
fn culprit(error: &Error, rows: &[Row]) -> Option<usize> {
    match error {
        Error::UnknownCause { cause } => {
            rows.iter().position(|row| row.parts().causes.iter().any(|found| found.id == *cause))
        }
        Error::DuplicateEventId { id, .. } => rows.iter().position(|row| row.id == *id),
        Error::Invalid(_) => rows.iter().position(|row| row.draft().check().is_err()),
        _ => None,
    }
}
