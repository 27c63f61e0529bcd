//! Exit codes that are not about one command: usage, missing input, the lock.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::harness::Place;

#[test]
fn usage_is_2_and_help_is_0() {
    let place = Place::new();
    for args in [
        &[][..],
        &["nope"],
        &["read", "--nope"],
        &["get"],
        &["import", "x"],
        &["import", "x", "--entity", "e", "--kind", "k", "--batch", "0"],
    ] {
        place.run(args).refused(2, &["--help"]);
    }
    place
        .run(&["import", "x", "--entity", "/e", "--kind", "k", "--time", "time"])
        .refused(2, &["did you mean `/time`"]);
    place.run(&["import", "x", "--entity", "/e", "--kind", "k", "--tag", "a"]).refused(2, &["KEY=/POINTER"]);
    let help = place.ok(&["--help"]);
    assert!(help.contains("Exit codes") && help.contains("doctor"), "{help}");
    assert!(place.ok(&["--version"]).starts_with("batpak "));
    assert!(place.ok(&["import", "--help"]).contains("100,000,000,000"));
}

#[test]
fn missing_input_is_6_and_makes_no_folder() {
    let place = Place::new();
    place.run(&["import", "none.ndjson", "--entity", "/e", "--kind", "k"]).refused(6, &["none.ndjson"]);
    place.run(&["import", ".", "--entity", "/e", "--kind", "k"]).refused(4, &["folder"]);
    place.run(&["import", "-", "--entity", "/e", "--kind", "k"]).refused(2, &["--source-name"]);
    assert!(!place.has_store());
}

#[test]
fn the_folder_is_an_option_or_the_environment() {
    let place = Place::new();
    place.ok(&["--dir", "one", "append", "--entity", "e", "--kind", "k"]);
    place.ok(&["append", "--entity", "e", "--kind", "k", "--dir", "one"]);
    assert_eq!(place.json(&["read", "--dir", "one"]).len(), 2);
    assert!(!place.has_store());
    let ran = place.command(&["append", "--entity", "e", "--kind", "k"]).env_remove("BATPAK_DIR").status().unwrap();
    assert!(ran.success() && place.path("batpak-data").is_dir());
}

#[test]
fn a_second_writer_is_7_and_reading_goes_on() {
    let place = Place::new();
    let import = ["import", "-", "--source-name", "pipe", "--entity", "e", "--kind", "k", "--json"];
    let mut writer = place.command(&import).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = writer.stdin.take().unwrap();
    input.write_all(b"1\n").unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("\"acknowledged\":1"));

    let pid = writer.id().to_string();
    place.run(&["append", "--entity", "e", "--kind", "k"]).refused(7, &[&pid, "batpak import", "reading works"]);
    place.run(&["repair"]).refused(7, &[&pid]);
    assert_eq!(place.run(&["verify"]).code, 0);
    let doctor = place.run(&["doctor"]);
    assert!(doctor.out.contains(&format!("process {pid}")), "{doctor:?}");
    let followed = place.json(&["read", "--follow", "--limit", "1"]);
    assert_eq!(followed.len(), 1);

    drop(input);
    assert!(writer.wait().unwrap().success());
    place.ok(&["append", "--entity", "e", "--kind", "k"]);
}
