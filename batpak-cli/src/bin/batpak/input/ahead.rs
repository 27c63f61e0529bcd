//! Reading and parsing on a thread of its own, while the caller appends what is ready.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::input::fields::{BadLine, Fields, Row};
use crate::input::line::{LineError, Lines};

/// Rows that are handed over together, so that the threads meet rarely.
const CHUNK_ROWS: usize = 256;
/// Bytes of lines that are handed over together; a chunk ends with the line that reaches it.
const CHUNK_BYTES: usize = 1 << 20;
/// Chunks that may wait. With the two in hand, they bound the memory in use.
const CHUNKS_WAITING: usize = 3;

/// What the next line is.
#[derive(Debug)]
pub enum Item {
    /// An event.
    Row(Box<Row>),
    /// A line that cannot be one.
    Bad(BadLine),
    /// There is no next line, as the input cannot be read on.
    Failed {
        /// The line that could not be read.
        number: u64,
        /// Why.
        error: LineError,
    },
    /// There are no more lines.
    End {
        /// How many there were.
        lines: u64,
    },
}

/// The other end of the thread.
pub struct Ahead {
    chunks: Receiver<Vec<Item>>,
    ready: std::vec::IntoIter<Item>,
}

impl Ahead {
    /// Starts the thread. It ends by itself when the input or the receiver does.
    pub fn start(reader: Box<dyn BufRead + Send>, fields: Arc<Fields>) -> std::io::Result<Self> {
        let (sender, chunks) = sync_channel(CHUNKS_WAITING);
        thread::Builder::new()
            .name("batpak-parse".to_owned())
            .spawn(move || run(Lines::new(reader), &fields, &sender))?;
        Ok(Self { chunks, ready: Vec::new().into_iter() })
    }

    /// The next line, or `None` if there is none within the time: the input is slow.
    ///
    /// # Errors
    /// If the thread is gone without having said that the input ended.
    pub fn next(&mut self, patience: Duration) -> Result<Option<Item>, ThreadGone> {
        loop {
            if let Some(item) = self.ready.next() {
                return Ok(Some(item));
            }
            match self.chunks.recv_timeout(patience) {
                Ok(chunk) => self.ready = chunk.into_iter(),
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err(ThreadGone),
            }
        }
    }
}

/// The reading thread ended without a word.
#[derive(Debug)]
pub struct ThreadGone;

/// Reads until the input ends or nobody listens.
fn run(mut lines: Lines<Box<dyn BufRead + Send>>, fields: &Fields, sender: &SyncSender<Vec<Item>>) {
    loop {
        let mut chunk = Vec::new();
        let mut bytes = 0usize;
        let mut more = true;
        while more && chunk.len() < CHUNK_ROWS && bytes < CHUNK_BYTES {
            match lines.read() {
                Ok(Some(line)) => {
                    bytes = bytes.saturating_add(line.len());
                    match fields.row(lines.number(), line) {
                        Ok(None) => {}
                        Ok(Some(row)) => chunk.push(Item::Row(Box::new(row))),
                        Err(bad) => chunk.push(Item::Bad(bad)),
                    }
                    // What comes slowly is handed over at once.
                    if !lines.has_more_at_hand() {
                        break;
                    }
                }
                Ok(None) => {
                    chunk.push(Item::End { lines: lines.number().saturating_sub(1) });
                    more = false;
                }
                Err(error) => {
                    chunk.push(Item::Failed { number: lines.number(), error });
                    more = false;
                }
            }
        }
        if sender.send(chunk).is_err() || !more {
            return;
        }
    }
}
