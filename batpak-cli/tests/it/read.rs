//! `read`, `get`, `streams`, `kinds`, `stats`: what is in the store, and nothing else.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Place, values};

const LINES: &str = r#"{"who":"ann","what":"opened","n":1,"tag":"x"}
{"who":"bob","what":"opened","n":2}
{"who":"ann","what":"closed","n":3,"tag":"y"}
{"who":"anna","what":"opened","n":4,"tag":"x"}
"#;

fn place() -> Place {
    let place = Place::new();
    place.file("in.ndjson", LINES);
    place.ok(&["import", "in.ndjson", "--scope", "s", "--entity", "/who", "--kind", "/what", "--tag", "t=/tag"]);
    place.ok(&["append", "--entity", "ann", "--kind", "opened"]);
    place
}

fn positions(place: &Place, args: &[&str]) -> Vec<u64> {
    place.json(&[&["read"], args].concat()).iter().map(|event| event["position"].as_u64().unwrap()).collect()
}

#[test]
fn query_and_options_must_all_hold() {
    let place = place();
    for (args, expected) in [
        (&[][..], &[1, 2, 3, 4, 5][..]),
        (&["all()"], &[1, 2, 3, 4, 5]),
        (&["none()"], &[]),
        (&["--scope", "s"], &[1, 2, 3, 4]),
        (&["--entity", "ann"], &[1, 3, 5]),
        (&["--entity", "prefix:ann"], &[1, 3, 4, 5]),
        (&["--scope", "s", "--entity", "ann"], &[1, 3]),
        (&["--kind", "closed", "--kind", "opened", "--entity", "ann"], &[1, 3, 5]),
        (&["--kind", "glob:c*"], &[3]),
        (&["--kind", "regex:^c"], &[3]),
        (&["--tag", "t:x"], &[1, 4]),
        (&["--tag", "t:x", "--tag", "t:y"], &[]),
        (&["kind(opened) & entity(ann) | tag(t:y)", "--scope", "s"], &[1, 3]),
        (&["--from", "2", "--to", "4"], &[2, 3, 4]),
        (&["--from", "2", "--to", "4", "--reverse"], &[4, 3, 2]),
        (&["--limit", "2"], &[1, 2]),
        (&["--limit", "2", "--reverse", "--scope", "s"], &[4, 3]),
        (&["--limit", "0"], &[]),
        (&["--from", "6"], &[]),
        (&["--system"], &[1, 2, 3, 4, 5]),
    ] {
        assert_eq!(positions(&place, args), expected, "{args:?}");
    }
    place.run(&["read", "kind(", "--json"]).refused(2, &["QUERY", "help: "]);
    place.run(&["read", "--follow", "--reverse"]).refused(2, &[]);
}

#[test]
fn an_event_has_the_promised_fields_in_order() {
    let place = place();
    let text = place.ok(&["read", "--json", "--limit", "1"]);
    let names = [
        "position",
        "id",
        "scope",
        "entity",
        "revision",
        "kind",
        "version",
        "tags",
        "causes",
        "correlation",
        "recorded_at",
        "recorded_counter",
        "valid_at",
        "codec",
        "payload",
    ];
    let mut at = 0;
    for name in names {
        let found = text.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name} in {text}"));
        assert!(found >= at, "{name} in {text}");
        at = found;
    }
    assert_eq!(text, place.ok(&["get", "1", "--json"]));
    let recorded_at = values(&text)[0]["recorded_at"].as_str().unwrap().to_owned();
    assert!(recorded_at.ends_with('Z') && recorded_at.len() == "2011-09-30T22:38:44.546000Z".len(), "{recorded_at}");
}

#[test]
fn people_see_one_line_an_event() {
    let place = place();
    let text = place.ok(&["read", "--scope", "s"]);
    assert_eq!(text.lines().count(), 4);
    let first = text.lines().next().unwrap();
    assert!(first.trim_start().starts_with("1  ") && first.contains("opened  s/ann  {\"who\":\"ann\""), "{first}");
    assert!(!text.contains('\x1b'), "no colours in a pipe");
    let full = place.ok(&["get", "1"]);
    assert!(full.contains("s/ann at revision 1") && full.contains("t:x"), "{full}");
}

#[test]
fn lists_and_numbers() {
    let place = place();
    assert_eq!(
        place.json(&["streams"]),
        [("default", "ann", 1), ("s", "ann", 2), ("s", "anna", 1), ("s", "bob", 1)].map(
            |(scope, entity, events)| json!({ "scope": scope, "entity": entity, "events": events, "revision": events })
        )
    );
    assert_eq!(place.json(&["streams", "--prefix", "b"]).len(), 1);
    assert_eq!(place.json(&["streams", "--scope", "s"]).len(), 3);
    assert_eq!(
        place.json(&["kinds"]),
        [json!({ "kind": "closed", "events": 1 }), json!({ "kind": "opened", "events": 4 })]
    );
    let stats = place.last(&["stats"]);
    assert_eq!((&stats["events"], &stats["streams"], &stats["kinds"]), (&json!(5), &json!(4), &json!(2)));
    assert_eq!(stats["root"], place.last(&["verify"])["root"]);
    let table = place.ok(&["streams"]);
    assert!(table.lines().count() == 5 && table.starts_with("scope"), "{table}");
    assert!(place.ok(&["kinds"]).contains("opened"));
    assert!(place.ok(&["stats"]).contains("log and index per event"));
}

#[test]
fn a_read_never_makes_a_folder() {
    let place = Place::new();
    for args in [
        &["read"][..],
        &["read", "--follow"],
        &["get", "1"],
        &["streams"],
        &["kinds"],
        &["stats"],
        &["verify"],
        &["repair"],
        &["doctor"],
    ] {
        place.run(args).refused(6, &["store", "help: "]);
        assert!(!place.has_store(), "{args:?}");
    }
    std::fs::create_dir(place.path("store")).unwrap();
    place.run(&["read"]).refused(6, &["no store at `store`"]);
    assert_eq!(std::fs::read_dir(place.path("store")).unwrap().count(), 0);
}

#[test]
fn following_shows_what_is_added() {
    let place = place();
    let mut child = place
        .command(&["read", "--follow", "--json", "--from", "5", "--limit", "3"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next =
        || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap()["position"].as_u64().unwrap();
    assert_eq!(next(), 5);
    // Each is shown before the next one is appended: nothing waits in a buffer.
    for position in [6, 7] {
        place.ok(&["append", "--entity", "x", "--kind", "later"]);
        assert_eq!(next(), position);
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let place = Place::new();
    let lines: String = (0..20_000).map(|n| format!("{{\"e\":{n}}}\n")).collect();
    place.file("in.ndjson", lines);
    place.ok(&["import", "in.ndjson", "--entity", "/e", "--kind", "k"]);
    for args in [&["read"][..], &["read", "--json"], &["streams"], &["streams", "--json"]] {
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]), "{args:?}");
    }
}
