//! The rules of the source tree that no compiler checks.

mod arrows;
mod documents;
mod licences;
mod paths;
mod purity;
mod seam;
mod shape;
mod shipped;
mod token;
mod tree;
mod unsafety;
mod wasm;
mod words;

use std::fmt;
use std::io;

use crate::cargo;
use crate::say::say;
use tree::Tree;

/// One rule. Its `run` looks at the tree, or asks cargo.
struct Check {
    name: &'static str,
    rule: &'static str,
    run: fn(&Tree) -> io::Result<Verdict>,
}

const CHECKS: [Check; 9] = [
    Check { name: "purity", rule: purity::RULE, run: purity::check },
    Check { name: "seam", rule: seam::RULE, run: seam::check },
    Check { name: "unsafe", rule: unsafety::RULE, run: unsafety::check },
    Check { name: "shape", rule: shape::RULE, run: shape::check },
    Check { name: "words", rule: words::RULE, run: words::check },
    Check { name: "documents", rule: documents::RULE, run: documents::check },
    Check { name: "arrows", rule: arrows::RULE, run: arrows::check },
    Check { name: "licences", rule: licences::RULE, run: licences::check },
    Check { name: "wasm", rule: wasm::RULE, run: wasm::check },
];

/// What one check says.
#[derive(Debug)]
enum Verdict {
    /// Passed when empty.
    Findings(Vec<Finding>),
    /// This machine lacks something; the reason says what.
    Skipped(String),
}

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    place: String,
    message: String,
}

impl Finding {
    fn at(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { place: format!("{path}:{line}"), message: message.into() }
    }

    fn of(place: &str, message: impl Into<String>) -> Finding {
        Finding { place: place.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// What all checks together came to.
pub struct Report {
    pub findings: usize,
    /// The checks that did not run here, and why.
    pub skipped: Vec<String>,
}

/// Runs every check and prints what each found.
///
/// # Errors
///
/// When the tree cannot be read. A check that cannot run, cargo's failure included, is a finding.
pub fn run() -> io::Result<Report> {
    let tree = Tree::read(&cargo::root())?;
    let mut report = Report { findings: 0, skipped: Vec::new() };
    for Check { name, rule, run } in CHECKS {
        match run(&tree) {
            Ok(Verdict::Findings(findings)) if findings.is_empty() => say(format_args!("ok       {name}: {rule}")),
            Ok(Verdict::Findings(findings)) => {
                say(format_args!("FAILED   {name}: {rule}"));
                for finding in &findings {
                    say(format_args!("  {finding}"));
                }
                report.findings += findings.len();
            }
            Ok(Verdict::Skipped(reason)) => {
                say(format_args!("SKIPPED  {name}: {reason}"));
                report.skipped.push(format!("tidy {name}: {reason}"));
            }
            Err(error) => {
                say(format_args!("FAILED   {name}: the check could not run: {error}"));
                report.findings += 1;
            }
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of the findings, in the order in which they were found.
    pub fn places(verdict: io::Result<Verdict>) -> Vec<String> {
        match verdict.expect("the check ran") {
            Verdict::Findings(findings) => findings.into_iter().map(|finding| finding.place).collect(),
            Verdict::Skipped(reason) => panic!("skipped: {reason}"),
        }
    }

    pub fn clean(verdict: io::Result<Verdict>) {
        assert_eq!(places(verdict), Vec::<String>::new());
    }
}
