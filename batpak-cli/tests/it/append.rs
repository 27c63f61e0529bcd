//! `append`: what it says, and when it refuses.

use serde_json::json;

use crate::harness::Place;

const NOTE: &[&str] = &["append", "--entity", "case:1", "--kind", "note.added"];

fn note(more: &[&str]) -> Vec<&'static str> {
    // The arguments live as long as the test run.
    NOTE.iter().copied().chain(more.iter().map(|arg| &*arg.to_string().leak())).collect()
}

#[test]
fn an_event_is_appended_and_found_again() {
    let place = Place::new();
    let first = place.last(&note(&["--data", r#"{"n": 1.50}"#, "--tag", "b:2", "--tag", "a:1"]));
    assert_eq!(
        (&first["position"], &first["revision"], &first["scope"], &first["duplicate"]),
        (&json!(1), &json!(1), &json!("default"), &json!(false))
    );
    let id = first["id"].as_str().unwrap();
    let second = place.last(&note(&["--scope", "other", "--cause", id, "--data", "\"text\""]));
    let text = place.ok(&["read", "--json"]);
    assert!(text.contains(r#""payload":{"n": 1.50}}"#), "{text}");
    let events = place.json(&["read"]);
    assert_eq!(events[0]["tags"], json!(["a:1", "b:2"]));
    assert_eq!(events[1]["causes"], json!([{ "id": id, "edge": "required" }]));
    assert_eq!(
        (&events[1]["scope"], &events[1]["revision"], &events[1]["payload"]),
        (&json!("other"), &json!(1), &json!("text"))
    );
    assert_eq!(place.json(&["get", second["id"].as_str().unwrap()]), place.json(&["get", "2"]));
}

#[test]
fn the_payload_comes_from_standard_input_or_is_null() {
    let place = Place::new();
    assert_eq!(place.run_with(&note(&["--data", "-"]), b"[1,\n2]\n").code, 0);
    place.ok(&note(&[]));
    // One object a line, whatever the payload looks like.
    let events = place.json(&["read"]);
    assert_eq!((&events[0]["payload"], &events[1]["payload"]), (&json!([1, 2]), &json!(null)));
    place.run_with(&note(&["--data", "-"]), b"[1,").refused(2, &["standard input: this is no JSON", "help: "]);
}

#[test]
fn an_outdated_expectation_is_a_conflict() {
    let place = Place::new();
    place.ok(&note(&["--expect-none"]));
    place.run(&note(&["--expect-none"])).refused(5, &["found revision 1", "help: "]);
    place.ok(&note(&["--expect-revision", "1"]));
    place.run(&note(&["--expect-revision", "1"])).refused(5, &["at revision 1", "found revision 2"]);
    place.run(&note(&["--expect-revision", "1", "--expect-none"])).refused(2, &[]);
    assert_eq!(place.json(&["read"]).len(), 2);
}

#[test]
fn a_condition_fails_if_something_landed_after_the_position() {
    let place = Place::new();
    place.ok(&note(&["--tag", "seat:7"]));
    let seat = ["--fail-if-matches", "tag(seat:7)", "--after"];
    place.run(&note(&[&seat[..2], &["--tag", "seat:7"]].concat())).refused(5, &["position 1"]);
    place.ok(&note(&[&seat[..], &["1", "--tag", "seat:7"]].concat()));
    place.run(&note(&[&seat[..], &["1"]].concat())).refused(5, &["help: "]);
    place.run(&note(&["--after", "1"])).refused(2, &[]);
    place.run(&note(&["--fail-if-matches", "tagg(x)"])).refused(2, &["did you mean `tag`?", "--fail-if-matches"]);
}

#[test]
fn a_key_makes_a_retry_harmless() {
    let place = Place::new();
    let keyed = note(&["--key", "k1", "--data", "1", "--expect-none"]);
    let first = place.last(&keyed);
    let again = place.last(&keyed);
    assert_eq!(
        (&again["id"], &again["position"], &again["duplicate"]),
        (&first["id"], &first["position"], &json!(true))
    );
    place.run(&note(&["--key", "k1", "--data", "2"])).refused(1, &["`k1`", "help: "]);
    assert_eq!(place.json(&["read"]).len(), 1);
}

#[test]
fn what_cannot_be_is_refused_before_a_folder_is_made() {
    let place = Place::new();
    place.run(&["append", "--entity", "a", "--kind", "batpak.decision"]).refused(2, &["reserved"]);
    place.run(&["append", "--entity", "", "--kind", "k"]).refused(2, &["--entity: entity is empty"]);
    place.run(&["append", "--entity", "a\u{7}", "--kind", "k"]).refused(2, &["control character"]);
    place.run(&note(&["--data", "{"])).refused(2, &["--data: this is no JSON"]);
    place.run(&note(&["--cause", "xyz"])).refused(2, &["--cause"]);
    assert!(!place.has_store());
    place.run(&note(&["--cause", "7d444840-9dc0-11d1-b245-5ffdce74fad2"])).refused(1, &["does not exist"]);
}
