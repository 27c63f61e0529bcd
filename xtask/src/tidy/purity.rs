//! batpak-core does no I/O: time, randomness and bytes come in as arguments.

use std::io;

use super::paths::reaching;
use super::tree::Tree;
use super::{Finding, Verdict};

pub const RULE: &str = "batpak-core names no I/O, clock, thread or randomness";

const FORBIDDEN: [&str; 12] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "fastrand",
    "getrandom",
    "rand",
];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

pub fn check(tree: &Tree) -> io::Result<Verdict> {
    let mut findings = Vec::new();
    for (file, tokens) in tree.shipped_rust("batpak-core/src/")? {
        findings.extend(reaching(file, &tokens, &FORBIDDEN));
        for pair in tokens.windows(2) {
            if let [name, bang] = pair
                && bang.is_mark('!')
                && let Some(name_text) = name.word().filter(|word| PRINTING.contains(word))
            {
                findings.push(Finding::at(&file.path, name.line, format!("`{name_text}!` prints")));
            }
        }
    }
    Ok(Verdict::Findings(findings))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, places};
    use super::*;

    #[test]
    fn planted_impurities_are_found() {
        let tree = Tree::of(&[
            ("batpak-core/src/a.rs", "use std::{fmt,\n time::{Duration, Instant}};"),
            ("batpak-core/src/b.rs", "fn f() { let r = rand::random(); }"),
            ("batpak-core/src/c.rs", "fn f() { ::std::fs::read(p); }"),
            ("batpak-core/src/d.rs", "use std::time;\nfn f() { println!(); }"),
        ]);
        let expected = ["a.rs:2", "b.rs:1", "c.rs:1", "d.rs:1", "d.rs:2"];
        assert_eq!(places(check(&tree)), expected.map(|place| format!("batpak-core/src/{place}")));
    }

    #[test]
    fn tests_comments_other_crates_and_durations_are_free() {
        let tree = Tree::of(&[
            ("batpak-core/src/a.rs", "//! std::fs\nuse std::time::Duration; #[cfg(test)] mod tests { use std::fs; }"),
            ("batpak-core/tests/it/main.rs", "use std::fs;"),
            ("batpak-store/src/a.rs", "use std::fs;"),
        ]);
        clean(check(&tree));
    }
}
