//! Rust code in a document is compiled, because a crate's documentation tests include the document.

use std::collections::BTreeSet;
use std::io;

use super::token::{Kind, Token, tokens};
use super::tree::Tree;
use super::{Finding, Verdict};

pub const RULE: &str = "every Markdown file with Rust code is included by a documentation test";

pub fn check(tree: &Tree) -> io::Result<Verdict> {
    let included: BTreeSet<String> = tree
        .rust()
        .filter(|file| file.path.contains("/src/") && !file.path.contains("/src/bin/"))
        .flat_map(|file| {
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            included_texts(&tokens(&file.text)).into_iter().map(move |target| resolve(folder, target))
        })
        .collect();
    let mut findings = Vec::new();
    for file in tree.with_extension("md") {
        for (line, info) in code_blocks(&file.text) {
            let mut words = info.split([',', ' ']).map(str::trim);
            if words.next() != Some("rust") {
                continue;
            }
            if words.any(|word| word == "ignore") {
                findings.push(Finding::at(&file.path, line, "Rust code that is never compiled"));
            } else if !included.contains(&file.path) {
                findings.push(Finding::at(
                    &file.path,
                    line,
                    "Rust code, but no `#[doc = include_str!(..)]` reads this file",
                ));
            }
        }
    }
    Ok(Verdict::Findings(findings))
}

/// The targets of `doc = include_str!("target")`.
fn included_texts<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let target = |window: &[Token<'a>]| match window {
        [doc, equals, include, bang, open, text]
            if doc.is_word("doc")
                && equals.is_mark('=')
                && include.is_word("include_str")
                && bang.is_mark('!')
                && open.is_mark('(') =>
        {
            match text.kind {
                Kind::Text(target) => Some(target),
                _ => None,
            }
        }
        _ => None,
    };
    tokens.windows(6).filter_map(target).collect()
}

/// `folder/target` without its `..`.
fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The line and the language line of every fenced block.
fn code_blocks(markdown: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut open: Option<&str> = None;
    for (number, line) in markdown.lines().enumerate() {
        let line = line.trim();
        let info = line.trim_start_matches('`');
        let Some(fence) = line.strip_suffix(info).filter(|fence| fence.len() >= 3) else {
            continue;
        };
        match open {
            None => {
                found.push((number + 1, info.trim()));
                open = Some(fence);
            }
            Some(opened) if info.is_empty() && fence.len() >= opened.len() => open = None,
            Some(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, places};
    use super::*;

    #[test]
    fn code_that_no_test_compiles_is_found() {
        let tree = Tree::of(&[
            ("README.md", "text\n```rust\nlet a = 1;\n```\n```sh\nls\n```\n"),
            ("docs/A.md", "```rust,no_run\n```\n```rust,ignore\n```\n"),
            ("docs/B.md", "```rust\n```\n"),
            ("a/src/lib.rs", "#[cfg(doctest)] #[doc = include_str!(\"../../docs/A.md\")] mod a {}"),
            ("a/src/bin/b.rs", "#![doc = include_str!(\"../../../docs/B.md\")]"),
        ]);
        assert_eq!(places(check(&tree)), ["README.md:2", "docs/A.md:3", "docs/B.md:1"]);
    }

    #[test]
    fn a_block_shown_inside_a_block_is_text() {
        clean(check(&Tree::of(&[("A.md", "````text\n```rust\n```\n````\n")])));
    }
}
