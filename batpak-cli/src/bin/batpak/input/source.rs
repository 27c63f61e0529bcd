//! Where lines come from: a file or standard input, plain or gzip, told by content.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::exit::{CliError, Exit};

const BUFFER_BYTES: usize = 64 << 10;
/// The first bytes of gzip data (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// An input that is open.
pub struct Source {
    /// The decompressed bytes.
    pub reader: Box<dyn BufRead + Send>,
    /// How many bytes of the input have been read, before decompression.
    pub bytes_read: Arc<AtomicU64>,
    /// The size of the input, if it is a file.
    pub bytes_total: Option<u64>,
    /// How messages call the input.
    pub label: String,
}

impl Source {
    /// Opens a file, or standard input for `-`.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        if path.as_os_str() == "-" {
            return Self::from_reader(io::stdin(), None, "standard input".to_owned());
        }
        let label = path.display().to_string();
        let failed = |error| CliError::file("read", &label, &error);
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(CliError::new(Exit::Io, format!("cannot read `{label}`: it is a folder"))
                .help("name one file of JSON lines"));
        }
        let bytes_total = metadata.is_file().then_some(metadata.len());
        Self::from_reader(file, bytes_total, label)
    }

    fn from_reader(
        reader: impl Read + Send + 'static,
        bytes_total: Option<u64>,
        label: String,
    ) -> Result<Self, CliError> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let counted = Counted { reader, bytes_read: Arc::clone(&bytes_read) };
        let reader = decompressed(counted).map_err(|error| CliError::file("read", &label, &error))?;
        Ok(Self { reader, bytes_read, bytes_total, label })
    }
}

/// The bytes of the reader, decompressed if they start as gzip data does.
fn decompressed(reader: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut reader = reader;
    // A pipe may hand over one byte at a time.
    let mut start = Vec::new();
    reader.by_ref().take(2).read_to_end(&mut start)?;
    let gzip = start == GZIP_MAGIC;
    let whole = BufReader::with_capacity(BUFFER_BYTES, io::Cursor::new(start).chain(reader));
    if gzip {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(whole))));
    }
    Ok(Box::new(whole))
}

/// A reader that counts what it hands over, for the progress bar.
struct Counted<R> {
    reader: R,
    bytes_read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        io::read_to_string(decompressed(io::Cursor::new(bytes))?)
    }

    #[test]
    fn gzip_is_told_by_content() {
        assert_eq!(read(b"plain\n".to_vec()).unwrap(), "plain\n");
        assert_eq!(read(gzip("packed\n")).unwrap(), "packed\n");
        assert_eq!(read([gzip("one\n"), gzip("two\n")].concat()).unwrap(), "one\ntwo\n");
        assert_eq!(read(Vec::new()).unwrap(), "");
        assert_eq!(read(b"x".to_vec()).unwrap(), "x");
    }

    #[test]
    fn cut_gzip_is_an_error_and_no_end() {
        let mut bytes = gzip(&"line\n".repeat(1000));
        bytes.truncate(bytes.len() - 10);
        assert_eq!(read(bytes).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
