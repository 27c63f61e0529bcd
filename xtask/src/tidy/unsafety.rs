//! Unsafe code lives in one module, which maps sealed files.

use std::io;

use super::token::tokens;
use super::tree::Tree;
use super::{Finding, Verdict};

pub const RULE: &str = "`unsafe` appears in batpak-store/src/disk/mapped.rs only";

const HOME: &str = "batpak-store/src/disk/mapped.rs";

pub fn check(tree: &Tree) -> io::Result<Verdict> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path != HOME) {
        for token in tokens(&file.text).iter().filter(|token| token.is_word("unsafe")) {
            findings.push(Finding::at(&file.path, token.line, "unsafe code outside its module"));
        }
    }
    Ok(Verdict::Findings(findings))
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn unsafe_code_is_found_and_talk_about_it_is_not() {
        let tree = Tree::of(&[
            (HOME, "unsafe { }"),
            ("batpak-core/src/lib.rs", "//! No unsafe.\n#![forbid(unsafe_code)]\nconst A: &str = \"unsafe\";"),
            ("batpak-store/src/mapped.rs", "\nfn f() { unsafe { g() } }"),
            ("batpak-cli/tests/it/main.rs", "#[unsafe(no_mangle)] fn f() {}"),
        ]);
        assert_eq!(places(check(&tree)), ["batpak-store/src/mapped.rs:2", "batpak-cli/tests/it/main.rs:1"]);
    }
}
