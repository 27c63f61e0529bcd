//! The outside world of batpak-store has three doors: the disk, the platform and the synchronisation facade.

use std::io;

use super::Verdict;
use super::paths::reaching;
use super::tree::Tree;

pub const RULE: &str = "in batpak-store only disk, platform and sync name files, clocks, threads and locks";

const ROOMS: [&str; 3] = ["disk", "platform", "sync"];

const FORBIDDEN: [&str; 13] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::sync",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "getrandom",
    "loom",
    "memmap2",
    "parking_lot",
    "rustix",
];

pub fn check(tree: &Tree) -> io::Result<Verdict> {
    let mut findings = Vec::new();
    for (file, tokens) in tree.shipped_rust("batpak-store/src/")? {
        if ROOMS.iter().any(|room| is_in_room(&file.path, room)) {
            continue;
        }
        findings.extend(reaching(file, &tokens, &FORBIDDEN));
    }
    Ok(Verdict::Findings(findings))
}

fn is_in_room(path: &str, room: &str) -> bool {
    let below = path.strip_prefix("batpak-store/src/").and_then(|path| path.strip_prefix(room));
    below.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, places};
    use super::*;

    #[test]
    fn a_door_in_the_wrong_wall_is_found() {
        let tree = Tree::of(&[
            ("batpak-store/src/writer/queue.rs", "use std::sync::Arc;\nuse parking_lot::Mutex;"),
            ("batpak-store/src/synchrony.rs", "fn f() { std::thread::sleep(d) }"),
            ("batpak-store/src/read/disk.rs", "use std::fs;"),
        ]);
        let expected = ["writer/queue.rs:1", "writer/queue.rs:2", "synchrony.rs:1", "read/disk.rs:1"];
        assert_eq!(places(check(&tree)), expected.map(|place| format!("batpak-store/src/{place}")));
    }

    #[test]
    fn the_three_rooms_and_tests_are_free() {
        let tree = Tree::of(&[
            ("batpak-store/src/disk/real.rs", "use std::fs;"),
            ("batpak-store/src/platform.rs", "use std::time::SystemTime;"),
            ("batpak-store/src/sync/mod.rs", "use std::sync::Arc;"),
            ("batpak-store/src/lib.rs", "use std::time::Duration; #[cfg(test)] mod naive;"),
            ("batpak-store/src/naive.rs", "use std::sync::Mutex;"),
        ]);
        clean(check(&tree));
    }
}
