//! `import`: what becomes of lines, and that nothing is added twice.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Place, gzip};

const LINES: &str = r#"{"case":"7","act":"open","at":"2011-10-01T00:38:44.546+02:00","by":"112","sum":20000.0}
{"case":"8","act":"open","at":"2011-10-01T00:39:00Z"}

 {"case":"7","act":"close","at":"2011-10-01T00:38:44.546+02:00","by":"9"}
{"case":"8","act":"open","at":"2011-10-01T00:39:00Z"}
"#;
const FIELDS: &[&str] =
    &["--scope", "loans", "--entity", "/case", "--kind", "/act", "--time", "/at", "--tag", "by=/by"];

fn import(place: &Place, file: &str, fields: &[&str]) -> Value {
    place.last(&[&["import", file], fields].concat())
}

#[test]
fn a_file_plain_or_packed_goes_in_once() {
    let place = Place::new();
    place.file("a.ndjson", LINES);
    place.file("a.ndjson.gz", gzip(LINES.as_bytes()));
    let summary = import(&place, "a.ndjson.gz", FIELDS);
    // Two equal lines are two events; an empty line is none.
    assert_eq!(
        (&summary["imported"], &summary["present"], &summary["bad"], &summary["lines"]),
        (&json!(4), &json!(0), &json!(0), &json!(5))
    );
    let events = place.json(&["read"]);
    assert_eq!(events[0]["valid_at"], json!("2011-09-30T22:38:44.546000Z"));
    assert_eq!((&events[0]["tags"], &events[1]["tags"]), (&json!(["by:112"]), &json!([])));
    // The same file under its other name: the name without `.gz` counts.
    let summary = import(&place, "a.ndjson", FIELDS);
    assert_eq!((&summary["imported"], &summary["present"]), (&json!(0), &json!(4)));
    let text = place.ok(&[
        "import", "a.ndjson", "--batch", "1", "--scope", "loans", "--entity", "/case", "--kind", "/act", "--time",
        "/at", "--tag", "by=/by",
    ]);
    assert_eq!(text, "0 events imported, 4 there already, 0 bad lines skipped\n");
    assert_eq!(place.last(&["stats"])["events"], json!(4));
}

#[test]
fn every_payload_is_its_line() {
    let place = Place::new();
    place.file("a.ndjson", LINES);
    import(&place, "a.ndjson", FIELDS);
    let shown = place.ok(&["read", "--json"]);
    for (event, line) in shown.lines().zip(LINES.lines().filter(|line| !line.is_empty())) {
        assert!(event.ends_with(&format!("\"payload\":{}}}", line.trim_start())), "{event}");
    }
}

#[test]
fn a_file_that_has_grown_adds_its_new_lines() {
    let place = Place::new();
    place.file("a.ndjson", LINES);
    import(&place, "a.ndjson", FIELDS);
    place.file("a.ndjson", format!("{LINES}{}", r#"{"case":"9","act":"open"}"#));
    let summary = import(&place, "a.ndjson", &[FIELDS, &["--batch", "2"]].concat());
    assert_eq!((&summary["imported"], &summary["present"]), (&json!(1), &json!(4)));
    // A copy under another name is another source, unless it is said to be the same.
    std::fs::copy(place.path("a.ndjson"), place.path("b.ndjson")).unwrap();
    let summary = import(&place, "b.ndjson", &[FIELDS, &["--source-name", "a.ndjson"]].concat());
    assert_eq!((&summary["imported"], &summary["present"]), (&json!(0), &json!(5)));
    assert_eq!(import(&place, "b.ndjson", FIELDS)["imported"], json!(5));
}

#[test]
fn batches_are_acknowledged_one_by_one() {
    let place = Place::new();
    place.file("a.ndjson", LINES);
    let said = place.json(&[&["import", "a.ndjson", "--batch", "3"], FIELDS].concat());
    assert_eq!(said[0], json!({ "acknowledged": 3, "line": 4, "imported": 3, "present": 0 }));
    assert_eq!(said[1], json!({ "acknowledged": 4, "line": 5, "imported": 4, "present": 0 }));
    assert_eq!((said.len(), &said[2]["position"]), (3, &json!(4)));
    assert_eq!(place.last(&["verify"])["commits"], json!(2));
}

#[test]
fn causes_are_found_in_the_file_and_in_the_store() {
    let place = Place::new();
    let fields =
        ["--scope", "git", "--entity", "/who", "--kind", "commit", "--id", "/c", "--causes", "/p", "--time", "/t"];
    place.file("a", "{\"c\":\"a\",\"who\":\"x\",\"p\":[],\"t\":1112911993}\n{\"c\":\"b\",\"who\":\"y\",\"p\":\"a\",\"t\":1112911993000}\n");
    place.file("b", "{\"c\":\"m\",\"who\":\"x\",\"p\":[\"b\",\"a\",\"b\"]}\n");
    import(&place, "a", &fields);
    import(&place, "b", &fields);
    let events = place.json(&["read"]);
    let id = |index: usize| json!({ "id": events[index]["id"], "edge": "required" });
    assert_eq!((&events[1]["causes"], &events[2]["causes"]), (&json!([id(0)]), &json!([id(1), id(0)])));
    assert_eq!(events[0]["valid_at"], events[1]["valid_at"]);
    // The same commits from another file are the same events.
    place.file("c", std::fs::read(place.path("a")).unwrap());
    assert_eq!(import(&place, "c", &fields)["present"], json!(2));
    // The same ids in another scope are others.
    let other: Vec<&str> = fields.iter().map(|field| if *field == "git" { "fork" } else { field }).collect();
    assert_eq!(import(&place, "a", &other)["imported"], json!(2));
}

#[test]
fn parts_of_a_line_can_be_anything() {
    let place = Place::new();
    place.file("a", r#"{"tenant":"t1","e":{"id":5},"k":"k","tags":["x",2,null,true],"corr":"c1","data":{"n": 1.00}}"#);
    let fields = [
        "--scope",
        "/tenant",
        "--entity",
        "/e/id",
        "--kind",
        "/k",
        "--tag",
        "t=/tags",
        "--correlation",
        "/corr",
        "--payload",
        "/data",
    ];
    import(&place, "a", &fields);
    let event = place.last(&["read", "correlation(c1)"]);
    assert_eq!(
        (&event["scope"], &event["entity"], &event["tags"]),
        (&json!("t1"), &json!("5"), &json!(["t:2", "t:true", "t:x"]))
    );
    assert!(place.ok(&["read", "--json"]).contains("\"payload\":{\"n\": 1.00}}"));
}

#[test]
fn standard_input_has_a_name_and_may_be_packed() {
    let place = Place::new();
    let args = [&["import", "-", "--source-name", "feed"], FIELDS].concat();
    assert!(place.run_with(&args, &gzip(LINES.as_bytes())).out.starts_with("4 events imported in "));
    assert!(place.run_with(&args, LINES.as_bytes()).out.starts_with("0 events imported, 4 there already"));
}

#[test]
fn an_import_goes_on_when_nobody_listens() {
    let place = Place::new();
    let lines: String = (0..5000).map(|n| format!("{{\"e\":{n}}}\n")).collect();
    place.file("in", lines);
    let mut child = place
        .command(&["import", "in", "--entity", "/e", "--kind", "k", "--batch", "5", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(place.last(&["stats"])["events"], json!(5000));
}
