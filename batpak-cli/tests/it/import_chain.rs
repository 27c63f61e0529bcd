//! `import --chain`: each event is caused by the previous one with the same value, across runs too.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::harness::Place;

/// Every event's one cause is the previous event with the same `/c`, or it has none.
fn check_chains(place: &Place) {
    let mut last: HashMap<String, Value> = HashMap::new();
    for event in place.json(&["read"]) {
        let chain = event["payload"]["c"].to_string();
        let expected = match last.get(&chain) {
            Some(id) => json!([{ "id": id, "edge": "required" }]),
            None => json!([]),
        };
        if event["payload"]["c"].is_null() {
            assert_eq!(event["causes"], json!([]), "{event}");
            continue;
        }
        assert_eq!(event["causes"], expected, "{event}");
        last.insert(chain, event["id"].clone());
    }
}

fn lines(numbers: std::ops::Range<u32>) -> String {
    numbers
        .map(|n| match n % 4 {
            0 => format!("{{\"n\":{n},\"e\":\"x\"}}\n"),
            chain => format!("{{\"n\":{n},\"c\":\"c{chain}\",\"e\":\"e{}\"}}\n", n % 5),
        })
        .collect()
}

/// Every line is dealt with, and some of them were new.
fn check_new(summary: &Value) {
    let number = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(number("imported") + number("present") + number("bad"), number("lines"), "{summary}");
    assert_ne!(number("imported"), 0, "{summary}");
}

fn check(fields: &[&str]) {
    let place = Place::new();
    let import = |file: &str, batch: &str| {
        place.last(&[&["import", file, "--kind", "k", "--chain", "/c", "--batch", batch], fields].concat())
    };
    place.file("a", lines(1..30));
    import("a", "7");
    check_chains(&place);
    // Again, and grown.
    assert_eq!(import("a", "4")["imported"], json!(0));
    place.file("a", lines(1..40));
    check_new(&import("a", "100"));
    check_chains(&place);
    // Another file goes on where the store ends.
    place.file("b", lines(101..120));
    check_new(&import("b", "1"));
    assert_eq!(import("b", "100")["imported"], json!(0));
    check_chains(&place);
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn by_stream() {
    check(&["--entity", "/c", "--skip-bad", "bad"]);
}

#[test]
fn by_correlation() {
    check(&["--entity", "/e", "--correlation", "/c"]);
}

#[test]
fn by_tag() {
    check(&["--entity", "/e", "--tag", "chain=/c"]);
}

#[test]
fn by_a_tag_of_its_own_that_is_announced() {
    check(&["--entity", "/e"]);
    let place = Place::new();
    place.file("a", "{\"c\":\"v\"}\n");
    let ran = place.run(&["import", "a", "--entity", "e", "--kind", "k", "--chain", "/c"]);
    assert!(ran.err.contains("chain=/c:VALUE"), "{ran:?}");
    assert_eq!(place.last(&["read", "tag(chain=/c:v)"])["tags"], json!(["chain=/c:v"]));
}

#[test]
fn a_chain_adds_to_the_causes_that_are_named() {
    let place = Place::new();
    place.file(
        "a",
        "{\"id\":1,\"c\":1}\n{\"id\":2,\"c\":2}\n{\"id\":3,\"c\":1,\"p\":[2]}\n{\"id\":4,\"c\":1,\"p\":[3]}\n",
    );
    let args = ["import", "a", "--entity", "/c", "--kind", "k", "--id", "/id", "--causes", "/p", "--chain", "/c"];
    place.last(&args);
    let events = place.json(&["read"]);
    let ids = |index: usize| {
        events[index]["causes"].as_array().unwrap().iter().map(|cause| cause["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(2), [events[1]["id"].clone(), events[0]["id"].clone()]);
    assert_eq!(ids(3), [events[2]["id"].clone()]);
    assert_eq!(place.last(&args)["present"], json!(4));
}
