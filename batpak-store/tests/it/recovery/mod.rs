//! Opening after a crash, after damage, without derived files, and the check and repair of a folder.

mod crash;
mod damage;
mod derived;
mod repair;
mod tail;

use std::sync::Arc;

use batpak_store::disk::MemoryDisk;
use batpak_store::{OpenReport, Reader, verify_on};

use crate::sample::{event, events, open, texts};

/// Opens what is left, checks that it holds `wanted`, that it goes on from there, and that this survives as well.
#[track_caller]
fn recovers(left: &MemoryDisk, wanted: &[String]) -> OpenReport {
    let store = open(left);
    let report = store.opened().clone();
    assert_eq!(texts(&store.view()), wanted);
    let receipt = store.append(event("a", "goes on")).unwrap();
    let position = receipt.first().unwrap().position.get();
    assert_eq!(position, wanted.len() as u64 + 1, "positions go on");
    let before = events(&store.view());
    let again = open(&left.fork());
    assert_eq!(events(&again.view()), before, "after another crash");
    store.close().unwrap();
    let again = open(left);
    assert_eq!(events(&again.view()), before, "after a clean close");
    assert!(again.opened().clean && again.opened().cut.is_empty());
    again.close().unwrap();
    let reader = Reader::open_on(Arc::new(left.clone())).unwrap();
    assert_eq!(events(&reader.view()), before);
    let found = verify_on(left).unwrap();
    assert_eq!((found.findings.as_slice(), found.events), (&[][..], before.len() as u64));
    report
}
