//! Standard output: buffered, coloured only on a terminal, and quiet about a reader that has gone.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use crate::exit::{CliError, Exit};
use crate::render::style::Style;

const BUFFER_BYTES: usize = 64 << 10;

/// Standard output of the whole run.
pub struct Out {
    stream: BufWriter<StdoutLock<'static>>,
    json: bool,
    terminal: bool,
    colour: bool,
    closed: bool,
}

impl Out {
    /// Takes standard output; `json` is the user's wish for one object a line.
    pub fn new(json: bool) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let colour = !json && !matches!(AutoStream::choice(&stdout), ColorChoice::Never);
        Self { stream: BufWriter::with_capacity(BUFFER_BYTES, stdout.lock()), json, terminal, colour, closed: false }
    }

    /// Whether the user wants one JSON object a line.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Characters of a line: the terminal's, or `other` if this is no terminal.
    pub fn width(&self, other: usize) -> usize {
        match terminal_size::terminal_size() {
            Some((width, _)) if self.terminal => usize::from(width.0).max(40),
            _ => other,
        }
    }

    /// The text in a style, if this is a terminal that shows one.
    pub fn styled(&self, style: Style, text: impl Display) -> String {
        if self.colour { style.paint(text) } else { text.to_string() }
    }

    /// One line of text.
    pub fn line(&mut self, text: impl Display) -> Result<(), CliError> {
        let done = writeln!(self.stream, "{text}");
        self.check(done)
    }

    /// One JSON object, on a line of its own.
    pub fn object(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let done = serde_json::to_writer(&mut self.stream, value).map_err(io::Error::from);
        let done = done.and_then(|()| self.stream.write_all(b"\n"));
        self.check(done)
    }

    /// Hands everything over, as a reader that waits for it needs.
    pub fn flush(&mut self) -> Result<(), CliError> {
        let done = self.stream.flush();
        self.check(done)
    }

    /// As [`Out::object`] and [`Out::flush`], but goes on without a reader: for reports on work that is worth finishing.
    pub fn report(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        if self.closed {
            return Ok(());
        }
        match self.object(value).and_then(|()| self.flush()) {
            Err(CliError::OutputClosed) => Ok(()),
            other => other,
        }
    }

    fn check(&mut self, done: io::Result<()>) -> Result<(), CliError> {
        match done {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Err(CliError::OutputClosed)
            }
            Err(error) => Err(CliError::new(Exit::Io, format!("cannot write to standard output: {error}"))),
        }
    }
}
