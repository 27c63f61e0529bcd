//! Sealing: a full segment gets its index file and is mapped; closing leaves the newest segment tidy.

use crate::sync::Arc;

use crate::disk::FileName;
use crate::error::StoreError;
use crate::recovery::files;
use crate::segment::Sealed;
use crate::sync::lock;

use super::stage::{SegmentEnd, State};
use super::{Staging, Writer};

/// A closed store's newest segment is sealed if it is larger than this, so that opening need not scan it; smaller ones are
/// cheaper to scan than to start anew.
const CLOSE_SEAL_BYTES: u32 = 1 << 20;

impl Writer {
    /// Seals the segment that waits for it, if one does; waits if somebody else is at it.
    ///
    /// A failed sync or rename, or a log that does not read back, stops the writer for good.
    pub(crate) fn seal_waiting(&self) -> Result<(), StoreError> {
        self.contained(|| self.try_seal()).map_err(|error| match error {
            StoreError::Poisoned { .. } => error,
            error => {
                let reason = format!("sealing failed: {error}");
                self.lock().poison(reason.clone());
                self.eased.notify_all();
                StoreError::Poisoned { reason }
            }
        })
    }

    fn try_seal(&self) -> Result<(), StoreError> {
        let Some(_owner) = self.sealing.try_take() else {
            return self.await_sealing();
        };
        let set = self.set.load_full();
        let Some((waiting, end)) = set.waiting() else { return Ok(()) };
        let sealed = Sealed::seal(&*self.disk, &waiting.header, end, set.sealed().last().map(|sealed| &**sealed))?;
        self.swap_in(sealed);
        // Admission looks for ids and streams all over the sealed segments. What it touched meanwhile would in the end be all of their
        // indexes: it is let go, and what is still in use is mapped again from the page cache.
        set.sealed().iter().for_each(|sealed| sealed.release());
        Ok(())
    }

    /// Puts a sealed segment where its unsealed form was.
    fn swap_in(&self, sealed: Sealed) {
        let stage = self.lock();
        let set = self.set.load();
        self.set.store(Arc::new(set.with_sealed(Arc::new(sealed))));
        drop(stage);
        self.eased.notify_all();
    }

    fn await_sealing(&self) -> Result<(), StoreError> {
        let mut stage = self.lock();
        let sealings = self.set.load().sealings();
        // Once one segment is sealed there is room, even if the next one waits already.
        while self.set.load().has_waiting() && self.set.load().sealings() == sealings {
            match &stage.state {
                State::Poisoned(reason) => return Err(StoreError::Poisoned { reason: reason.clone() }),
                _ => stage = stage.wait(),
            }
        }
        Ok(())
    }

    /// Writes and syncs everything, leaves a mark, trims the file, and refuses appends from now on.
    ///
    /// Cost: at most the newest segment, whatever the size of the log.
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        let stage = self.lock();
        if stage.state == State::Closed {
            return Ok(());
        }
        if let State::Poisoned(reason) = &stage.state {
            return Err(StoreError::Poisoned { reason: reason.clone() });
        }
        drop(stage);
        self.seal_waiting()?;
        let stage = self.ready()?;
        let mut stage = self.take_role(stage)?;
        let closed = self.finish(&mut stage);
        stage.state = State::Closed;
        stage.leading = false;
        stage.abandon(&super::group::Outcome::Poisoned("the store was closed".to_owned()));
        drop(stage);
        self.eased.notify_all();
        closed
    }

    /// The file filled for a next segment that will not come.
    fn remove_spare(&self) -> Result<(), StoreError> {
        let _filling = lock(&self.sparing);
        match self.disk.remove(&FileName::Spare) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                files::act(self.path(), "remove the spare segment of", || Err(error))
            }
            _ => Ok(()),
        }
    }

    fn finish(&self, stage: &mut Staging<'_>) -> Result<(), StoreError> {
        stage.group.sync |= stage.tip.as_ref().is_some_and(|tip| tip.synced < tip.point.offset && !tip.marked)
            || stage.unsynced_since.is_some();
        self.persist_in_place(stage)?;
        if stage.tip.as_ref().is_some_and(|tip| !tip.marked) && stage.stage_mark().is_some() {
            self.persist_in_place(stage)?;
        }
        self.remove_spare()?;
        let Some(tip) = stage.tip.as_ref() else { return Ok(()) };
        let end: SegmentEnd = tip.end();
        if tip.filled > u64::from(end.point.offset) {
            files::act(self.path(), "trim", || tip.active.file.set_len(u64::from(end.point.offset)))?;
            files::act(self.path(), "sync", || tip.active.file.sync_all())?;
        }
        if end.point.offset > CLOSE_SEAL_BYTES && !self.set.load().has_waiting() {
            let set = self.set.load_full();
            Sealed::seal(&*self.disk, &tip.active.header, end.point, set.sealed().last().map(|sealed| &**sealed))?;
        }
        Ok(())
    }
}
