//! Every dependency, on every platform, can be used under a licence from a short list.

use std::io;

use super::tree::Tree;
use super::{Finding, Verdict};
use crate::cargo;

pub const RULE: &str = "every dependency has a licence from the list";

const ALLOWED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub fn check(_: &Tree) -> io::Result<Verdict> {
    let listing = cargo::output(&[
        "tree",
        "--workspace",
        "--all-features",
        "--target",
        "all",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ])?;
    Ok(Verdict::Findings(refused(&listing)))
}

/// The packages of a `package<TAB>licence` listing whose licence is not allowed.
fn refused(listing: &str) -> Vec<Finding> {
    let mut lines: Vec<_> = listing.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    lines.sort_unstable();
    lines.dedup();
    let pairs =
        lines.into_iter().filter(|line| !line.is_empty()).map(|line| line.split_once('\t').unwrap_or((line, "")));
    pairs
        .filter(|(_, licence)| !is_allowed(licence))
        .map(|(package, licence)| Finding::of(package, format!("licence `{licence}` is not on the list")))
        .collect()
}

/// Judges an SPDX expression; `/`, which old crates use, means `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    matches!(either(&words), Some((true, [])))
}

/// `AND` binds tighter than `OR`.
fn either<'a, 'w>(words: &'w [&'a str]) -> Option<(bool, &'w [&'a str])> {
    let (mut allowed, mut rest) = both(words)?;
    while let ["OR", after @ ..] = rest {
        let (next, after) = both(after)?;
        allowed |= next;
        rest = after;
    }
    Some((allowed, rest))
}

fn both<'a, 'w>(words: &'w [&'a str]) -> Option<(bool, &'w [&'a str])> {
    let (mut allowed, mut rest) = one(words)?;
    while let ["AND", after @ ..] = rest {
        let (next, after) = one(after)?;
        allowed &= next;
        rest = after;
    }
    Some((allowed, rest))
}

/// One licence, or an expression in parentheses. An exception (`WITH`) only ever grants more.
fn one<'a, 'w>(words: &'w [&'a str]) -> Option<(bool, &'w [&'a str])> {
    match words {
        ["(", inside @ ..] => match either(inside)? {
            (allowed, [")", rest @ ..]) => Some((allowed, rest)),
            _ => None,
        },
        [licence, "WITH", _, rest @ ..] | [licence, rest @ ..] => Some((ALLOWED.contains(licence), rest)),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_as_written() {
        for allowed in [
            "MIT",
            "MIT/Apache-2.0",
            "Zlib",
            "Apache-2.0 OR BSL-1.0",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "GPL-3.0 AND MIT OR MIT",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in
            ["", "BSL-1.0", "MIT AND GPL-3.0", "MIT AND (GPL-3.0 OR LGPL-3.0)", "(MIT", "MIT MIT", "OR", "mit"]
        {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn packages_with_other_licences_are_found_once() {
        let found = refused("a v1.0.0\tMIT\nb v1.0.0\tGPL-3.0\nb v1.0.0\tGPL-3.0 (*)\nc v1.0.0\t\n\n");
        let places: Vec<_> = found.iter().map(|finding| finding.place.as_str()).collect();
        assert_eq!(places, ["b v1.0.0", "c v1.0.0"]);
    }
}
