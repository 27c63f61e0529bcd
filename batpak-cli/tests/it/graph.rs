//! `graph`, `why`, `effects`, `path`, `relation`, `diff`, `read --as-known-to`: causes, as they were declared.

use serde_json::{Value, json};

use crate::harness::Place;

/// A merge: two branches from one root, joined; then a note on the side, and an event of another component.
const COMMITS: &str = r#"{"commit":"a","who":"ann"}
{"commit":"b","who":"ann","parents":["a"]}
{"commit":"c","who":"bob","parents":["a"]}
{"commit":"d","who":"ann","parents":["b","c"]}
{"commit":"e","who":"cem"}
{"commit":"f","who":"bob","parents":["d"]}
"#;

fn commits() -> Place {
    let place = Place::new();
    place.file("commits.ndjson", COMMITS);
    let import = ["import", "commits.ndjson", "--scope", "git", "--entity", "/who", "--kind", "commit"];
    place.ok(&[&import[..], &["--id", "/commit", "--causes", "/parents"]].concat());
    place
}

fn positions(place: &Place, set: &str) -> Vec<u64> {
    place.json(&["graph", set]).iter().map(|event| event["position"].as_u64().unwrap()).collect()
}

#[test]
fn sets_mean_what_they_say() {
    let place = commits();
    for (set, expected) in [
        ("::source(\"d\")", &[1, 2, 3, 4][..]),
        ("source(\"b\", git)::", &[2, 4, 6]),
        ("4-", &[2, 3]),
        ("1+", &[2, 3]),
        ("2::6 ~ 4", &[2, 6]),
        ("heads(all())", &[5, 6]),
        ("roots(all())", &[1, 5]),
        ("joins() | forks()", &[1, 4]),
        ("fork_point(2 | 3)", &[1]),
        ("dominators(6)", &[1, 4, 6]),
        ("must(2)", &[2, 4, 6]),
        ("support(6)", &[1]),
        ("concurrent(2)", &[3, 5]),
        ("critical_path(all())", &[1, 2, 4, 6]),
        ("cut(6)", &[1, 2, 3, 4, 6]),
        ("hb(::3)", &[1, 3]),
        ("hb(3::)", &[3, 4, 6]),
        ("git/ann@2 | cem@1", &[2, 5]),
        ("entity(ann) & ::6", &[1, 2, 4]),
        ("@", &[6]),
        ("at(4, @ | heads(all()))", &[4]),
        ("latest(entity(ann), 2)", &[2, 4]),
        ("present(source(\"zz\"))", &[]),
    ] {
        assert_eq!(positions(&place, set), expected, "{set}");
    }
    let place_by_alias = place.json(&["graph", "mine(ann)", "--alias", "mine(x) = entity(x) & ::6"]);
    assert_eq!(place_by_alias.len(), 3);
}

#[test]
fn what_is_wrong_with_a_set_is_pointed_at() {
    let place = commits();
    place.run(&["graph", "kind(commit) & :6"]).refused(2, &["SET: ", "kind(commit) & :6", "^", "`::`"]);
    place.run(&["graph", "kind(commit) & ::60"]).refused(6, &["no event at position 60", "^"]);
    place.run(&["graph", "kindd(commit)"]).refused(2, &["did you mean `kind`?"]);
    place.run(&["why", "nobody@3"]).refused(6, &["EVENT: ", "no event"]);
    place.run(&["why", "entity(ann)"]).refused(6, &["gives 3 events", "latest(entity(ann))"]);
    place.run(&["why", "none()"]).refused(6, &["gives no event"]);
    place.run(&["why", "00000000-0000-4000-8000-000000000001"]).refused(6, &["no event"]);
    place.run(&["read", "::4"]).refused(2, &["asks for the causal graph"]);
    place.run(&["graph", "all()", "--alias", "kind = all()"]).refused(2, &["--alias"]);
}

#[test]
fn a_plan_is_explained() {
    let place = commits();
    let plan = place.ok(&["graph", "entity(ann) & ::6", "--explain"]);
    assert!(plan.contains("index: entity(ann): 3 events") && plan.contains("ancestors of"), "{plan}");
    let object = place.last(&["graph", "entity(ann) & ::6", "--explain"]);
    assert_eq!((object["events"].as_u64(), object["plan"].as_str().unwrap().trim()), (Some(3), plan.trim()));
}

#[test]
fn a_story_begins_at_the_roots_and_ends_with_the_event() {
    let place = commits();
    let story = place.json(&["why", "source(\"f\")"]);
    let roles: Vec<&str> = story.iter().filter_map(|entry| entry["role"].as_str()).collect();
    assert_eq!(roles, ["root", "step", "step", "join", "subject"]);
    assert_eq!(story[3]["leads_to"], json!(6));
    assert_eq!(story.last().unwrap(), &json!({"declared":true,"events":5,"roots":1,"context":0,"missing":0}));
    let text = place.ok(&["why", "6"]);
    assert!(text.contains("it began here") && text.contains("it rests on 4 events"), "{text}");
}

/// Where nothing was declared, the order of the stream is shown, and called that.
#[test]
fn an_event_without_causes_has_an_order_and_no_story() {
    let place = Place::new();
    for kind in ["opened", "closed"] {
        place.ok(&["append", "--entity", "door", "--kind", kind]);
    }
    let ran = place.run(&["why", "2"]);
    assert_eq!(ran.code, 0);
    for part in ["no cause was declared for 2", "the order of its stream, which is no cause", "opened"] {
        assert!(ran.out.contains(part), "{ran:?}");
    }
    assert!(ran.err.contains("--chain") && ran.err.contains("--causes"), "{ran:?}");
    assert_eq!(place.last(&["why", "2"])["declared"], json!(false));
}

#[test]
fn effects_are_said_with_their_strength() {
    let place = commits();
    place.ok(&["append", "--entity", "mail", "--kind", "sent"]);
    let ids: Vec<Value> = place.json(&["read"]).iter().map(|event| event["id"].clone()).collect();
    let [first, last] = [ids[0].as_str().unwrap(), ids[5].as_str().unwrap()];
    let of = |args: &[&str]| -> Vec<u64> {
        let mut lines = place.json(args);
        let end = lines.pop().unwrap();
        let strength = if args.contains(&"may") { "may" } else { "must" };
        assert_eq!((&end["strength"], &end["events"]), (&json!(strength), &json!(lines.len())));
        lines.iter().map(|event| event["position"].as_u64().unwrap()).collect()
    };
    assert_eq!(of(&["effects", first]), [2, 3, 4, 6]);
    assert_eq!(of(&["effects", "2 | 3", "--strength", "may"]), [4, 6]);
    assert!(of(&["effects", last]).is_empty());
    assert!(place.ok(&["effects", "2"]).starts_with("Without 1 event, 2 other events could not have happened (must):"));
    assert!(place.ok(&["effects", "2", "--strength", "may"]).contains("may have been different (may)"));
}

#[test]
fn paths_and_relations() {
    let place = commits();
    let paths = place.json(&["path", "6", "1"]);
    assert_eq!(paths, [json!({"path":[1,2,4,6]}), json!({"path":[1,3,4,6]})]);
    assert_eq!(place.json(&["path", "1", "6", "--limit", "1"]).len(), 1);
    assert!(place.ok(&["path", "1", "6", "--limit", "1"]).starts_with("2 shortest paths, of 3 steps:"));
    place.run(&["path", "5", "6"]).refused(1, &["no chain of causes leads from 5 to 6", "--hb"]);
    assert_eq!(place.last(&["path", "3", "6", "--hb"]), json!({"path":[3,6]}));
    let relation = |a: &str, b: &str| place.last(&["relation", a, b])["caused"].as_str().unwrap().to_owned();
    assert_eq!(
        ["before", "after", "same", "concurrent"].map(str::to_owned),
        [relation("1", "6"), relation("6", "1"), relation("4", "4"), relation("2", "3"),]
    );
    let place = Place::new();
    for kind in ["opened", "closed"] {
        place.ok(&["append", "--entity", "door", "--kind", kind]);
    }
    let found = place.last(&["relation", "1", "2"]);
    assert_eq!(found, json!({"a":1,"b":2,"caused":"concurrent","observed":"concurrent","happened_before":"before"}));
}

#[test]
fn runs_are_compared_as_closely_as_asked() {
    let place = Place::new();
    let lines = r#"{"run":"x","step":"start","n":1}
{"run":"x","step":"work","n":2}
{"run":"x","step":"end","n":3}
{"run":"y","step":"start","n":1}
{"run":"y","step":"work","n":9}
{"run":"y","step":"check","n":4}
{"run":"y","step":"end","n":3}
"#;
    place.file("runs.ndjson", lines);
    place.ok(&[
        "import",
        "runs.ndjson",
        "--entity",
        "/run",
        "--kind",
        "/step",
        "--chain",
        "/run",
        "--correlation",
        "/run",
    ]);
    let diff =
        |args: &[&str]| place.json(&[&["diff", "correlation(x)", "correlation(y)", "--ignore", "/run"], args].concat());
    let found = diff(&[]);
    assert_eq!(found[0], json!({"change":"payload","a":2,"b":5}));
    assert!(found.contains(&json!({"change":"added","a":null,"b":6})), "{found:?}");
    let end = found.last().unwrap();
    assert_eq!((&end["same"], &end["added"], &end["removed"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!((&end["parts_at_a"], &end["parts_at_b"]), (&json!(2), &json!(5)));
    assert!(!diff(&["--by", "keys"]).iter().any(|row| row["change"] == "payload"));
    let failing = ["diff", "correlation(x)", "correlation(y)", "--fail-on-difference"];
    place.run(&failing).refused(1, &["the runs differ"]);
    place.ok(&["diff", "correlation(x)", "correlation(x)", "--fail-on-difference"]);
}

/// What an event could have known is its past, and nothing that merely came earlier.
#[test]
fn reads_can_be_as_known_to_an_event() {
    let place = commits();
    let known = |args: &[&str]| -> Vec<u64> {
        let all = place.json(&[&["read"], args].concat());
        all.iter().map(|event| event["position"].as_u64().unwrap()).collect()
    };
    assert_eq!(known(&["--as-known-to", "source(\"c\")"]), [1, 3]);
    assert_eq!(known(&["--as-known-to", "6", "--reverse", "--limit", "3"]), [6, 4, 3]);
    assert_eq!(known(&["entity(ann)", "--as-known-to", "3"]), [1]);
    place.run(&["read", "--as-known-to", "77"]).refused(6, &["--as-known-to: ", "position 77"]);
}

#[test]
fn numbers_about_the_graph() {
    let place = commits();
    let stats = place.last(&["graph", "stats"]);
    for (name, number) in [
        ("events", 6),
        ("roots", 2),
        ("heads", 2),
        ("joins", 1),
        ("forks", 1),
        ("components", 2),
        ("required", 5),
        ("alternative", 0),
        ("context", 0),
        ("dangling", 0),
        ("depth", 3),
        ("fan_in_max", 2),
        ("fan_in_at", 4),
        ("fan_out_max", 2),
        ("fan_out_at", 1),
    ] {
        assert_eq!(stats[name], json!(number), "{name}");
    }
    assert!(place.ok(&["graph", "stats"]).contains("depth"));
}

#[test]
fn every_format_holds_every_event() {
    let place = commits();
    for format in ["text", "tree", "node-link", "dot", "mermaid", "graphml", "otlp", "prov", "svg", "html"] {
        let text = place.ok(&["graph", "all()", "--format", format]);
        place.ok(&["graph", "all()", "--format", format, "--out", "picture"]);
        let written = std::fs::read_to_string(place.path("picture")).unwrap();
        assert_eq!(written.trim_end(), text.trim_end(), "{format}");
        if matches!(format, "node-link" | "otlp" | "prov") {
            serde_json::from_str::<Value>(&text).unwrap();
        }
        for who in ["ann", "bob", "cem"] {
            assert!(text.contains(who), "{format}: {who} is missing in {text}");
        }
    }
    let lanes = place.ok(&["graph", "all()"]);
    assert_eq!(lanes.lines().filter(|line| line.contains("commit")).count(), 6, "{lanes}");
    place.run(&["graph", "all()", "--format", "svg", "--json"]).refused(2, &[]);
    place.run(&["graph", "all()", "--format", "svg", "--out", "no/such/folder.svg"]).refused(6, &["cannot write"]);
}
