//! No file names a folder of somebody's machine.

use std::io;

use super::tree::Tree;
use super::{Finding, Verdict};

pub const RULE: &str = "no file names a path of one machine";

/// Top-level folders whose paths only exist on one machine.
const FOLDERS: [&str; 4] = ["home", "root", "work", "Users"];

/// In pieces, so that this file passes its own check.
const OUTSIDE: &str = concat!("../", "shared");

pub fn check(tree: &Tree) -> io::Result<Verdict> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(word) = machine_path(line) {
                findings.push(Finding::at(&file.path, number + 1, format!("names `{word}`")));
            }
        }
    }
    Ok(Verdict::Findings(findings))
}

/// A machine's path in `line`. A web address or a relative path with such a folder in its middle is none.
fn machine_path(line: &str) -> Option<String> {
    if line.contains(OUTSIDE) {
        return Some(OUTSIDE.to_owned());
    }
    FOLDERS.iter().map(|folder| format!("/{folder}/")).find(|word| {
        line.match_indices(word.as_str()).any(|(place, _)| {
            let before = line.get(..place).and_then(|before| before.chars().next_back());
            !before.is_some_and(|c| c.is_alphanumeric() || "_.-~}".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, places};
    use super::*;

    #[test]
    fn machine_paths_are_found() {
        let texts = FOLDERS.map(|folder| format!("first\nsee `/{folder}/x`"));
        let [a, b, c, d] = texts.each_ref();
        let outside = format!("see {OUTSIDE}/x");
        let tree = Tree::of(&[("a.md", a), ("b.rs", b), ("c.toml", c), ("d.sh", d), ("e.md", &outside)]);
        assert_eq!(places(check(&tree)), ["a.md:2", "b.rs:2", "c.toml:2", "d.sh:2", "e.md:1"]);
    }

    #[test]
    fn addresses_and_relative_paths_are_free() {
        clean(check(&Tree::of(&[("a.md", "https://example.com/home/x merkle/root/x $HOME/x ../x")])));
    }
}
