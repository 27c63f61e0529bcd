//! Lines, with their numbers, in bounded memory.

use std::io::{self, BufRead};

/// Bytes of one line, without its end (32 MiB): twice the largest payload, as a payload may be a part of its line.
pub const LINE_BYTES_MAX: usize = 32 << 20;

/// The lines of a reader.
pub struct Lines<R> {
    reader: R,
    number: u64,
    at_hand: bool,
}

/// Why there is no next line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The input failed, or its compression is damaged.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Nothing that could be imported is that long.
    #[error("the line is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
}

impl<R: BufRead> Lines<R> {
    /// The lines of a reader that stands at the beginning.
    pub const fn new(reader: R) -> Self {
        Self { reader, number: 0, at_hand: false }
    }

    /// The number of the line that was read last, from 1; after an error, of the line that could not be read.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Whether the beginning of the next line is here already. If not, the input may make the reader wait.
    pub const fn has_more_at_hand(&self) -> bool {
        self.at_hand
    }

    /// The next line without its end, which is a line feed with or without a carriage return before it, or the end of
    /// the input.
    ///
    /// # Errors
    /// The reader's; and lines longer than [`LINE_BYTES_MAX`].
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, LineError> {
        let mut line = Vec::new();
        self.number = self.number.saturating_add(1);
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            if buffer.is_empty() {
                return Ok(if line.is_empty() { None } else { Some(line) });
            }
            let (part, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (buffer.get(..end).unwrap_or_default(), true),
                None => (buffer, false),
            };
            if line.len().saturating_add(part.len()) > LINE_BYTES_MAX {
                return Err(LineError::TooLong);
            }
            line.extend_from_slice(part);
            let used = part.len() + usize::from(ended);
            self.at_hand = used < buffer.len();
            self.reader.consume(used);
            if ended {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Some(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, Read};

    use super::*;

    fn lines(text: &str) -> Vec<(u64, String)> {
        let mut lines = Lines::new(BufReader::with_capacity(3, Cursor::new(text.to_owned())));
        let mut found = Vec::new();
        while let Some(line) = lines.read().unwrap() {
            found.push((lines.number(), String::from_utf8(line).unwrap()));
        }
        found
    }

    #[test]
    fn every_line_keeps_its_number() {
        let expected = [(1, "a".to_owned()), (2, String::new()), (3, "long line".to_owned()), (4, "last".to_owned())];
        assert_eq!(lines("a\n\nlong line\r\nlast"), expected);
        assert_eq!(lines("a\n\nlong line\r\nlast\n"), expected);
        assert_eq!(lines(""), []);
    }

    #[test]
    fn an_endless_line_does_not_fill_the_memory() {
        let mut lines = Lines::new(BufReader::new(io::repeat(b'x').take(1 << 40)));
        assert!(matches!(lines.read(), Err(LineError::TooLong)));
    }
}
