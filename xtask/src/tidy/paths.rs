//! Finds the paths that Rust source names, with `use` groups spread out.

use super::Finding;
use super::token::{Kind, Token};
use super::tree::File;

/// A path such as `std::fs::File`, and whether a `use` brings its last name (or, by `*`, all below it) into scope.
#[derive(Debug, PartialEq, Eq)]
struct Path {
    line: usize,
    name: String,
    imported: bool,
}

impl Path {
    /// Whether this path is `forbidden`, lies below it, or imports a parent of it, which would make it reachable.
    fn reaches(&self, forbidden: &str) -> bool {
        is_or_below(&self.name, forbidden) || (self.imported && is_or_below(forbidden, &self.name))
    }
}

fn is_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A finding for each path in `tokens` that reaches one of `forbidden`.
pub fn reaching(file: &File, tokens: &[Token<'_>], forbidden: &[&str]) -> Vec<Finding> {
    let finding = |path: Path| {
        let reached = forbidden.iter().find(|forbidden| path.reaches(forbidden))?;
        let message = format!("`{}` reaches `{reached}`", path.name);
        Some(Finding::at(&file.path, path.line, message))
    };
    paths(tokens).into_iter().filter_map(finding).collect()
}

/// Every path in `tokens`. A single word outside `use` is none: it may be a variable or stand in an attribute.
fn paths(tokens: &[Token<'_>]) -> Vec<Path> {
    let mut found = Vec::new();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        let Some(word) = token.word() else {
            rest = after;
            continue;
        };
        // `use<'a>` inside `impl Trait + use<'a>` is no import.
        if word == "use" && !after.first().is_some_and(|next| next.is_mark('<')) {
            rest = import(after, &[], &mut found);
            continue;
        }
        let mut name = word.to_owned();
        rest = after;
        while let Some((next, after)) = step(rest) {
            name = format!("{name}::{next}");
            rest = after;
        }
        if name.contains("::") {
            found.push(Path { line: token.line, name, imported: false });
        }
    }
    found
}

/// Takes `::word`.
fn step<'a, 't>(tokens: &'t [Token<'a>]) -> Option<(&'a str, &'t [Token<'a>])> {
    let rest = after_colons(tokens)?;
    let (token, rest) = rest.split_first()?;
    Some((token.word()?, rest))
}

fn after_colons<'a, 't>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    match tokens {
        [a, b, rest @ ..] if a.is_mark(':') && b.is_mark(':') => Some(rest),
        _ => None,
    }
}

/// Reads one branch of a `use` tree and returns what follows it.
fn import<'a, 't>(rest: &'t [Token<'a>], above: &[&'a str], found: &mut Vec<Path>) -> &'t [Token<'a>] {
    let mut names = above.to_vec();
    let mut rest = after_colons(rest).unwrap_or(rest);
    while let Some((token, after)) = rest.split_first() {
        match token.kind {
            Kind::Mark('{') => return group(after, &names, found),
            Kind::Mark('*') => {}
            Kind::Word(word) => {
                if word != "self" || names.is_empty() {
                    names.push(word);
                }
                if let Some(next) = after_colons(after) {
                    rest = next;
                    continue;
                }
            }
            _ => return rest,
        }
        found.push(Path { line: token.line, name: names.join("::"), imported: true });
        return match after {
            [alias, _, rest @ ..] if alias.is_word("as") => rest,
            _ => after,
        };
    }
    rest
}

/// Reads the branches of `{a, b}` up to and with the closing brace.
fn group<'a, 't>(mut rest: &'t [Token<'a>], above: &[&'a str], found: &mut Vec<Path>) -> &'t [Token<'a>] {
    while let Some((token, after)) = rest.split_first() {
        if token.is_mark('}') {
            return after;
        }
        let next = if token.is_mark(',') { after } else { import(rest, above, found) };
        // Not Rust: give up on the group rather than loop.
        if next.len() == rest.len() {
            return after;
        }
        rest = next;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::super::token::tokens;
    use super::*;

    fn names(source: &str) -> Vec<String> {
        paths(&tokens(source)).into_iter().map(|path| path.name).collect()
    }

    #[test]
    fn groups_are_spread_out() {
        let source = "use std::{self, fs::{self, File as F}, io::*, time::Duration,}; use ::core::fmt;";
        let expected = ["std", "std::fs", "std::fs::File", "std::io", "std::time::Duration", "core::fmt"];
        assert_eq!(names(source), expected);
    }

    #[test]
    fn inline_paths_are_found_whole() {
        let found = names("fn f() -> impl Sized + use<> { ::std::fs::read(a.b) }");
        assert!(found.contains(&"std::fs::read".to_owned()), "{found:?}");
    }

    #[test]
    fn an_import_of_a_parent_reaches_the_child() {
        let found = paths(&tokens("use std::time; use std::time::Duration; fn f(d: std::time::Duration) {}"));
        let reaching: Vec<_> =
            found.iter().filter(|path| path.reaches("std::time::Instant")).map(|path| &path.name).collect();
        assert_eq!(reaching, ["std::time"]);
    }

    #[test]
    fn a_longer_name_is_another_name() {
        let found = paths(&tokens("use std::fsx; #[cfg(rand)] fn f() { rand_like::x(rand) }"));
        assert!(!found.iter().any(|path| path.reaches("std::fs") || path.reaches("rand")));
    }

    #[test]
    fn broken_source_ends() {
        for source in ["use", "use {", "use a::{b", "use a::", "use {#}", "use a as", "use ::"] {
            names(source);
        }
    }
}
