//! The documents, held against the command: shell blocks run as they stand, flags and field names exist as they are listed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{Place, Ran};

const README: &str = include_str!("../../../README.md");
const GUIDE: &str = include_str!("../../../docs/guide/command.md");

/// Shown, and not run: they build this project, and run these tests.
const NOT_RUN: [&str; 2] = ["cargo run --release -p batpak-cli -- demo", "cargo xtask verify"];
/// Stands before the exit codes that a line may have; a line without it must succeed.
const EXITS: &str = "# exits with ";
const SAMPLE: &str = "batpak-cli/data/loans-sample.ndjson.gz";
/// Flags that every subcommand has.
const SHARED: [&str; 3] = ["--dir", "--help", "--json"];

/// The command lines in the blocks that are marked `sh`; a line that ends with a backslash goes on.
fn lines(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut inside, mut line) = (false, String::new());
    for text in document.lines() {
        match text.trim_end() {
            "```sh" => inside = true,
            "```" => inside = false,
            text if inside => match text.strip_suffix('\\') {
                Some(start) => line.push_str(start),
                None => found.push(std::mem::take(&mut line) + text),
            },
            _ => {}
        }
    }
    assert!(!inside && line.is_empty(), "a block is not closed");
    found
}

/// Runs a document's lines in one folder, where the sample and the command are at hand, as in a clone of the project.
fn run(document: &str) -> Vec<Ran> {
    let place = Place::new();
    for folder in ["bin", "batpak-cli/data"] {
        fs::create_dir_all(place.path(folder)).unwrap();
    }
    symlink(env!("CARGO_BIN_EXE_batpak"), place.path("bin/batpak")).unwrap();
    place.file(SAMPLE, include_bytes!("../../data/loans-sample.ndjson.gz"));
    let path = format!("{}:{}", place.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    let run = |line: &String| {
        let mut shell = Command::new("sh");
        shell.args(["-euc", line]).current_dir(place.path("")).stdin(Stdio::null());
        let ran = Ran::from(shell.env("PATH", &path).env_remove("BATPAK_DIR").output().unwrap());
        let codes: BTreeSet<i32> = match line.split_once(EXITS) {
            None => [0].into(),
            Some((_, codes)) => codes.split([' ', ':']).filter_map(|word| word.parse().ok()).collect(),
        };
        assert!(codes.contains(&ran.code), "`{line}`: {ran:?}");
        ran
    };
    lines(document).iter().filter(|line| !NOT_RUN.contains(&line.as_str())).map(run).collect()
}

/// All fields of the JSON objects that were printed; what is inside of them counts where the guide lists it.
fn fields(ran: &[Ran]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let lines = ran.iter().flat_map(|ran| ran.out.lines());
    for value in lines.filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let Value::Object(object) = value else { continue };
        for list in ["causes", "cut", "tail_cut"] {
            let inside = object.get(list).and_then(Value::as_array).into_iter().flatten();
            found.extend(inside.filter_map(Value::as_object).flat_map(|inner| inner.keys().cloned()));
        }
        found.extend(object.into_iter().map(|(name, _)| name));
    }
    found
}

/// The long flags in a text.
fn flags(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let long = words
        .filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())));
    long.filter(|word| !SHARED.contains(word)).collect()
}

#[test]
fn the_readme_runs() {
    let shown = lines(README);
    assert_eq!(shown.get(..2), Some(&NOT_RUN.map(str::to_owned)[..]), "the two commands come first");
    assert!(
        README.contains(concat!("batpak = { package = \"", env!("CARGO_PKG_NAME"), "\", path")),
        "how to depend on it"
    );
    let ran = run(README);
    assert!(ran.len() >= 5, "{}", ran.len());
    assert!(ran[0].out.starts_with("26,348 events imported"), "{:?}", ran[0]);
}

#[test]
fn the_guide_runs_and_lists_every_field() {
    let ran = run(GUIDE);
    let found = fields(&ran);
    assert!(found.len() > 50, "{found:?}");
    let missing: Vec<_> = found.iter().filter(|name| !GUIDE.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "the guide does not list {missing:?}");
}

#[test]
fn the_guide_lists_every_subcommand_and_flag() {
    let place = Place::new();
    let sections: Vec<(&str, &str)> =
        GUIDE.split("\n## `batpak ").skip(1).filter_map(|s| s.split_once("`\n")).collect();
    let help = place.ok(&["--help"]);
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    let name =
        |line: &str| line.strip_prefix("  ").and_then(|line| line.split(' ').next()).unwrap_or_default().to_owned();
    let known: Vec<String> =
        listed.lines().take_while(|line| !line.is_empty()).map(name).filter(|n| !n.is_empty()).collect();
    let given: BTreeSet<&str> = sections.iter().map(|(name, _)| *name).collect();
    assert_eq!(given, known.iter().map(String::as_str).collect());
    for (name, section) in sections {
        // What stands between the fences is run anyway.
        let text: String = section.split("```").step_by(2).collect();
        assert_eq!(flags(&text), flags(&place.ok(&[name, "--help"])), "batpak {name}");
    }
}
