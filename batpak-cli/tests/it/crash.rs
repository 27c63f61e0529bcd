//! A kill in the middle of an import loses nothing that was acknowledged, and adds nothing twice.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::Place;

const EVENTS: u64 = 3000;

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let lines: String = (1..=EVENTS).map(|n| format!("{{\"e\":\"e{}\",\"n\":{n}}}\n", n % 17)).collect();
    // The later kills meet a store that was recovered from the earlier ones.
    let place = Place::new();
    let import = [
        "import",
        "-",
        "--source-name",
        "in",
        "--entity",
        "/e",
        "--kind",
        "k",
        "--chain",
        "/e",
        "--batch",
        "7",
        "--json",
    ];
    for round in 1..=4u64 {
        let mut child = place.command(&import).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let text = lines.clone();
        let feeder = std::thread::spawn(move || {
            let whole = text.len() - 20;
            input.write_all(text.get(..whole).unwrap().as_bytes()).ok();
            input
        });
        let mut acknowledged = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let Ok(said) = serde_json::from_str::<Value>(&line.unwrap()) else { continue };
            acknowledged = said["acknowledged"].as_u64().unwrap();
            if acknowledged >= round * EVENTS / 5 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        drop(feeder.join());
        assert!(acknowledged >= round * EVENTS / 5 && acknowledged < EVENTS, "{acknowledged}");

        let verified = place.last(&["verify"]);
        assert_eq!(
            (&verified["clean"], verified["events"].as_u64() >= Some(acknowledged)),
            (&json!(true), true),
            "{verified}"
        );
        let last = place.last(&["get", &acknowledged.to_string()]);
        assert_eq!(last["position"], json!(acknowledged));
        let events = place.json(&["read"]);
        assert!(events.len() as u64 >= acknowledged);
        for (index, event) in events.iter().enumerate() {
            assert_eq!((&event["position"], &event["payload"]["n"]), (&json!(index + 1), &json!(index + 1)));
        }
    }
    let done = place.run_with(&import, lines.as_bytes());
    assert_eq!(done.code, 0, "{done:?}");
    let verified = place.last(&["verify"]);
    assert_eq!((&verified["events"], &verified["findings"]), (&json!(EVENTS), &json!(0)));
    assert_eq!(place.last(&["stats"])["streams"], json!(17));
}
