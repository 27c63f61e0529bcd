//! `verify`, `repair`, `doctor`: damage is found, named and cut out, never passed over.

use std::fs;

use serde_json::json;

use crate::harness::Place;

fn place(events: u32) -> Place {
    let place = Place::new();
    let lines: String =
        (1..=events).map(|n| format!("{{\"e\":{n},\"text\":\"some words to fill the line\"}}\n")).collect();
    place.file("in", lines);
    place.ok(&["import", "in", "--entity", "/e", "--kind", "k", "--batch", "10"]);
    place
}

fn flip(place: &Place, at: usize) {
    let mut bytes = fs::read(place.log()).unwrap();
    bytes[at] ^= 0x20;
    fs::write(place.log(), bytes).unwrap();
}

#[test]
fn a_flipped_byte_is_named_and_cut_out_on_request() {
    let place = place(100);
    assert!(place.ok(&["verify"]).starts_with("clean: 100 events in 10 commits"));
    let before = fs::read(place.log()).unwrap();
    flip(&place, before.len() / 2);
    let ran = place.run(&["verify", "--json"]);
    ran.refused(3, &["damaged", "help: "]);
    let finding: serde_json::Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    assert_eq!((&finding["finding"], &finding["segment"]), (&json!("checksum"), &json!(0)));
    let offset = finding["offset"].as_u64().unwrap();
    assert!(offset > 0 && offset <= before.len() as u64 / 2, "{finding}");
    place.run(&["verify"]).refused(3, &[]);
    place.run(&["doctor"]).refused(3, &[]);

    let report = place.last(&["repair"]);
    assert_eq!(report["cut"][0]["offset"], json!(offset));
    let side = place.path("store").join(report["side_files"][0].as_str().unwrap());
    assert!(fs::metadata(side).unwrap().len() > 0);
    let kept = place.last(&["verify"]);
    assert_eq!((&kept["clean"], &kept["events"]), (&json!(true), &report["events"]));
    let kept = kept["events"].as_u64().unwrap();
    assert!(kept > 0 && kept < 100 && kept.is_multiple_of(10), "{kept}");
    assert_eq!(place.last(&["import", "in", "--entity", "/e", "--kind", "k"])["imported"], json!(100 - kept));
}

#[test]
fn a_damaged_log_is_never_a_shorter_one() {
    let place = place(100);
    flip(&place, fs::metadata(place.log()).unwrap().len() as usize / 2);
    fs::remove_file(place.path("store/0000000000000000.idx")).ok();
    for args in [&["read"][..], &["stats"], &["append", "--entity", "e", "--kind", "k"]] {
        place.run(args).refused(3, &["segment 0 is damaged at byte", "help: "]);
    }
}

#[test]
fn nothing_to_repair_changes_nothing() {
    let place = place(20);
    let before = fs::read(place.log()).unwrap();
    assert_eq!(place.ok(&["repair"]), "nothing to repair: 20 events check\n");
    assert_eq!(fs::read(place.log()).unwrap(), before);
}

#[test]
fn derived_files_are_made_anew() {
    let place = place(50);
    let root = place.last(&["stats"])["root"].clone();
    for entry in fs::read_dir(place.path("store")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "log") {
            fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(place.json(&["read"]).len(), 50);
    place.ok(&["append", "--entity", "e", "--kind", "k"]);
    assert_eq!(place.json(&["read", "--to", "50"]).len(), 50);
    assert_ne!(place.last(&["stats"])["root"], root);
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_torn_tail_is_cut_and_said() {
    let place = place(100);
    let bytes = fs::read(place.log()).unwrap();
    // The last commit is whole, but garbage follows that no commit promised.
    let torn = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut longer = bytes[..torn].to_vec();
    longer.extend([0xab; 100]);
    fs::write(place.log(), longer).unwrap();
    fs::remove_file(place.path("store/0000000000000000.idx")).ok();
    let said = place.run(&["append", "--entity", "e", "--kind", "k"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("cut ") && said.err.contains("segment 0"), "{said:?}");
    assert_eq!(place.last(&["stats"])["events"], json!(101));
}

#[test]
fn the_doctor_looks_at_everything() {
    let place = place(10);
    let looks = place.json(&["doctor"]);
    let checks: Vec<&str> = looks.iter().map(|look| look["check"].as_str().unwrap()).collect();
    assert_eq!(checks[..5], ["version", "folder", "files", "store", "lock"]);
    assert!(looks.iter().any(|look| look["check"] == "sync" && look["micros"].is_u64()), "{looks:?}");
    let files = fs::read_dir(place.path("store")).unwrap().count();
    fs::write(place.path("store/stranger.txt"), "hello").unwrap();
    place.run(&["doctor"]).refused(1, &["1 finding", "help: "]);
    assert_eq!(fs::read_dir(place.path("store")).unwrap().count(), files + 1);
}
