//! Crates depend on one another only downwards, and none of them brings a runtime along.

use std::io;

use super::tree::Tree;
use super::{Finding, Verdict};
use crate::cargo;

pub const RULE: &str = "crates depend only downwards, on no async runtime, and the facade alone on no argument parser";

/// What each package may use of batpak, in its tests as well.
const ARROWS: [(&str, &[&str]); 6] = [
    ("batpak-core", &[]),
    ("batpak-store", &["batpak-core"]),
    ("batpak-graph", &["batpak-core"]),
    ("batpak-policy", &["batpak-core"]),
    ("batpak-cli", &["batpak-core", "batpak-store", "batpak-graph", "batpak-policy"]),
    ("xtask", &[]),
];

/// What no user of a library may have to compile: async runtimes, and tools for tests.
const UNWANTED: [&str; 9] =
    ["async-executor", "async-std", "compio", "criterion", "glommio", "monoio", "proptest", "smol", "tokio"];

pub fn check(_: &Tree) -> io::Result<Verdict> {
    let members = cargo::output(&["tree", "--workspace", "--depth", "0", "--prefix", "none"])?;
    let mut findings = Vec::new();
    for package in names(&members) {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package) else {
            findings.push(Finding::of(package, "a package without arrows of its own in this check"));
            continue;
        };
        let all = listing(package, &["--all-features", "--edges", "normal,build,dev"])?;
        findings.extend(found(package, &all, |name| {
            name.starts_with("batpak") && name != package && !allowed.contains(&name)
        }));
        let shipped = listing(package, &["--all-features", "--edges", "normal,build"])?;
        findings.extend(found(package, &shipped, |name| UNWANTED.contains(&name)));
    }
    let lean = listing("batpak-cli", &["--no-default-features", "--edges", "normal,build"])?;
    findings.extend(found("batpak-cli without its features", &lean, |name| name.starts_with("clap")));
    Ok(Verdict::Findings(findings))
}

fn listing(package: &str, options: &[&str]) -> io::Result<String> {
    let tree = ["tree", "--package", package, "--target", "all", "--prefix", "none"];
    cargo::output(&[&tree, options].concat())
}

/// The packages of a listing that are `refused`, once each.
fn found(package: &str, listing: &str, refused: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut found: Vec<&str> = names(listing).filter(|name| refused(name)).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|name| Finding::of(package, format!("depends on `{name}`"))).collect()
}

/// The first word of each line of `cargo tree --prefix none`.
fn names(listing: &str) -> impl Iterator<Item = &str> {
    listing.lines().filter_map(|line| line.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_dependency_is_found_once() {
        let listing = "batpak-store v0.1.0 (path)\ntokio v1.0.0\nsmol_str v0.3.2\n\ntokio v1.0.0 (*)\n";
        let tokio = Finding::of("batpak-store", "depends on `tokio`");
        assert_eq!(found("batpak-store", listing, |name| UNWANTED.contains(&name)), [tokio]);
    }

    #[test]
    fn no_arrow_points_sideways_or_up() {
        for (place, (package, allowed)) in ARROWS.iter().enumerate() {
            let above = |name| ARROWS.iter().position(|(other, _)| *other == name) >= Some(place);
            assert!(!allowed.iter().any(|name| above(*name)), "{package}");
        }
    }
}
