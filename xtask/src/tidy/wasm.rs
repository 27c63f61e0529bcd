//! batpak-core builds where there is no operating system.

use std::io;
use std::path::Path;
use std::process::Command;

use super::tree::Tree;
use super::{Finding, Verdict};
use crate::cargo;

pub const RULE: &str = "batpak-core builds for wasm32-unknown-unknown";

const TARGET: &str = "wasm32-unknown-unknown";

pub fn check(_: &Tree) -> io::Result<Verdict> {
    if !is_installed()? {
        return Ok(Verdict::Skipped(format!(
            "the target {TARGET} is not installed (`rustup target add {TARGET}`); the purity check alone ran"
        )));
    }
    let built = cargo::output(&["check", "--quiet", "--package", "batpak-core", "--lib", "--target", TARGET]);
    Ok(verdict(built))
}

fn verdict(built: io::Result<String>) -> Verdict {
    let finding = |error: io::Error| Finding::of("batpak-core", error.to_string());
    Verdict::Findings(built.err().map(finding).into_iter().collect())
}

/// Asks the compiler for the target's library folder: this works without rustup as well.
fn is_installed() -> io::Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clean, places};
    use super::*;

    #[test]
    fn a_build_that_fails_is_a_finding() {
        assert_eq!(places(Ok(verdict(Err(io::Error::other("no such target"))))), ["batpak-core"]);
        clean(Ok(verdict(Ok(String::new()))));
    }
}
