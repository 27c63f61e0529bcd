//! Calls to cargo, always from the root of the workspace.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The cargo that runs this program, or the one on the path.
pub fn command() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Where builds go that must not share a folder with the ordinary ones.
pub fn target_folder(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root().join(target).join(name)
}

/// Runs cargo quietly and returns its standard output.
///
/// # Errors
///
/// When cargo cannot be started or fails; the error then carries its standard error.
pub fn output(arguments: &[&str]) -> io::Result<String> {
    let output = command().args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("`cargo {}` failed:\n{}", arguments.join(" "), said.trim_end())))
}

/// Whether `cargo <subcommand>` is installed.
pub fn has(subcommand: &str) -> bool {
    command().args([subcommand, "--version"]).output().is_ok_and(|output| output.status.success())
}
