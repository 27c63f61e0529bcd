//! Files say what they are, stay small and are named after what is in them.

use std::io;

use super::tree::Tree;
use super::{Finding, Verdict};

pub const RULE: &str = "every Rust file opens with `//!`, has at most 500 lines and a name that means something";

const LINES_MAX: usize = 500;

const EMPTY_NAMES: [&str; 7] = ["common", "helpers", "manager", "misc", "types", "util", "utils"];

pub fn check(tree: &Tree) -> io::Result<Verdict> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        if !file.text.starts_with("//!") {
            findings.push(Finding::at(&file.path, 1, "does not open with `//!`"));
        }
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            findings.push(Finding::of(&file.path, format!("{lines} lines; look for the second noun in it")));
        }
        let mut parts = file.path.trim_end_matches(".rs").split('/');
        if let Some(name) = parts.find(|part| EMPTY_NAMES.contains(part)) {
            findings.push(Finding::of(&file.path, format!("`{name}` says nothing about what is in it")));
        }
    }
    Ok(Verdict::Findings(findings))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, places};
    use super::*;

    #[test]
    fn shapeless_files_are_found() {
        let long = format!("//! Long.\n{}", "\n".repeat(LINES_MAX));
        let tree = Tree::of(&[
            ("a/src/bare.rs", "fn f() {}"),
            ("a/src/long.rs", &long),
            ("a/src/util.rs", "//! Util."),
            ("a/tests/common/mod.rs", "//! Common."),
        ]);
        let expected = ["a/src/bare.rs:1", "a/src/long.rs", "a/src/util.rs", "a/tests/common/mod.rs"];
        assert_eq!(places(check(&tree)), expected);
    }

    #[test]
    fn a_file_of_exactly_the_limit_passes() {
        let full = format!("//! Full.\n{}", "\n".repeat(LINES_MAX - 1));
        clean(check(&Tree::of(&[("a/src/utility_bill.rs", &full)])));
    }
}
