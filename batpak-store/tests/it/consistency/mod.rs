//! Expected revisions, idempotency keys, conditions, causes and ids: what an append may rest on, wherever that lies.

mod causes;
mod conditions;
mod expected;
mod keys;

use batpak_store::Store;
use batpak_store::disk::MemoryDisk;

use crate::sample::{crashed, events, fill_until_sealed, open, open_tiny};

/// Does `before`, then `after` on the same handle, on the folder reopened, on what a crash left, and with all that `before` did in
/// sealed segments, live and reopened.
fn check(before: impl Fn(&Store), after: impl Fn(&Store)) {
    let disk = MemoryDisk::new();
    let store = open(&disk);
    before(&store);
    let (_left, recovered) = crashed(&disk);
    after(&recovered);
    events(&recovered.view());
    let closed = disk.fork();
    after(&store);
    events(&store.view());
    store.close().unwrap();

    let store = open(&closed);
    store.close().unwrap();
    let store = open(&closed);
    after(&store);
    events(&store.view());

    let disk = MemoryDisk::new();
    let store = open_tiny(&disk);
    before(&store);
    fill_until_sealed(&store, 2);
    let (_left, recovered) = crashed(&disk);
    after(&recovered);
    events(&recovered.view());
    after(&store);
    events(&store.view());
}

/// Does something that must change nothing.
fn unchanged(store: &Store, append: impl FnOnce(&Store)) {
    let before = (store.assigned(), store.view().root().unwrap());
    append(store);
    assert_eq!((store.assigned(), store.view().root().unwrap()), before);
}
