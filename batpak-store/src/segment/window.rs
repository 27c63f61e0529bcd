//! A stretch of an unsealed segment, read ahead so that a scan costs one read for many events.

use crate::disk::{DiskFile, read_full_at};

/// Which way a reader goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ahead {
    /// One event only.
    Exact,
    /// Towards the end of the segment.
    Forward,
    /// Towards its beginning.
    Backward,
}

/// Bytes read at a time by a scan.
const STRETCH_BYTES: u32 = 64 << 10;

/// Bytes of one segment file, kept between reads.
#[derive(Debug)]
pub(crate) struct Window {
    segment: Option<u64>,
    start: u32,
    bytes: Vec<u8>,
    ahead: Ahead,
}

impl Window {
    pub(crate) fn new(ahead: Ahead) -> Self {
        Self { segment: None, start: 0, bytes: Vec::new(), ahead }
    }

    /// The `count` bytes at `offset` of `file`, from what was read before if it covers them.
    ///
    /// Only bytes that were published when a view was pinned may be asked for: those never change, so a stretch that was read
    /// earlier is still true for them.
    pub(crate) fn bytes(
        &mut self,
        file: &dyn DiskFile,
        segment: u64,
        offset: u32,
        count: u32,
    ) -> std::io::Result<&[u8]> {
        let covered = |window: &Self| {
            let from = usize::try_from(offset.checked_sub(window.start)?).ok()?;
            let until = from.checked_add(usize::try_from(count).ok()?)?;
            (window.segment == Some(segment) && until <= window.bytes.len()).then_some(from..until)
        };
        let range = match covered(self) {
            Some(range) => range,
            None => {
                self.read(file, segment, offset, count)?;
                covered(self).ok_or(std::io::ErrorKind::UnexpectedEof)?
            }
        };
        self.bytes.get(range).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }

    fn read(&mut self, file: &dyn DiskFile, segment: u64, offset: u32, count: u32) -> std::io::Result<()> {
        let end = offset.saturating_add(count);
        let (start, want) = match self.ahead {
            Ahead::Exact => (offset, count),
            Ahead::Forward => (offset, count.max(STRETCH_BYTES)),
            Ahead::Backward => {
                let start = end.saturating_sub(count.max(STRETCH_BYTES));
                (start, end - start)
            }
        };
        self.segment = None;
        self.bytes.resize(usize::try_from(want).unwrap_or(usize::MAX), 0);
        let read = read_full_at(file, u64::from(start), &mut self.bytes)?;
        self.bytes.truncate(read);
        self.start = start;
        self.segment = Some(segment);
        Ok(())
    }
}
