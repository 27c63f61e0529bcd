//! `import`: lines that cannot be events, and lines that contradict what is there.

use serde_json::json;

use crate::harness::{Place, gzip};

const FIELDS: &[&str] = &["--entity", "/e", "--kind", "k", "--time", "/t"];

fn lines(numbers: std::ops::RangeInclusive<u32>) -> String {
    numbers.map(|n| format!("{{\"e\":{n}}}\n")).collect()
}

fn args<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["import", file], FIELDS, more].concat()
}

#[test]
fn a_bad_line_stops_and_a_second_run_goes_on() {
    let place = Place::new();
    place.file("in", lines(1..=7) + "{\"e\":8\n" + &lines(9..=12));
    for batch in ["3", "1000"] {
        place.run(&args("in", &["--batch", batch])).refused(1, &["line 8 of `in`: this is no JSON", "help: "]);
        assert_eq!(place.last(&["stats"])["events"], json!(7));
    }
    place.file("in", lines(1..=12));
    let summary = place.last(&args("in", &[]));
    assert_eq!((&summary["imported"], &summary["present"]), (&json!(5), &json!(7)));
    let entities: Vec<u32> =
        place.json(&["read"]).iter().map(|event| event["entity"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(entities, (1..=12).collect::<Vec<_>>());
}

#[test]
fn bad_lines_can_be_set_aside() {
    let place = Place::new();
    let bad = "nonsense\n{\"e\":{}}\n{\"e\":1,\"t\":\"noon\"}\n";
    place.file("in", lines(1..=2) + bad + &lines(3..=4));
    let ran = place.run(&args("in", &["--skip-bad", "bad", "--json"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.err.contains("line 3: ")
            && ran.err.contains("line 4: `/e` is an object")
            && ran.err.contains("line 5: `noon` at `/t`"),
        "{ran:?}"
    );
    assert!(ran.out.contains("\"imported\":4,\"present\":0,\"bad\":3"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(place.path("bad")).unwrap(), bad);
    assert!(place.ok(&args("in", &["--skip-bad", "bad"])).ends_with("4 there already, 3 bad lines skipped\n"));
}

#[test]
fn the_input_is_never_overwritten() {
    let place = Place::new();
    place.file("in", "nonsense\n");
    std::fs::hard_link(place.path("in"), place.path("link")).unwrap();
    for target in ["in", "./in", "link"] {
        place.run(&args("in", &["--skip-bad", target])).refused(2, &["is the input itself"]);
    }
    assert_eq!(std::fs::read_to_string(place.path("in")).unwrap(), "nonsense\n");
}

#[test]
fn an_id_with_other_contents_is_an_error_that_names_both() {
    let place = Place::new();
    place.file("in", lines(1..=3));
    place.ok(&args("in", &[]));
    place.file("in", lines(1..=1) + "{\"e\":2,\"new\":true}\n" + &lines(3..=4));
    place.run(&args("in", &[])).refused(
        1,
        &["line 2 of `in`: the event at position 2 has the same id", "source id `in:2`", "another payload"],
    );
    assert_eq!(place.last(&["stats"])["events"], json!(3));
    let ran = place.run(&args("in", &["--skip-bad", "bad", "--json"]));
    assert!(ran.out.contains("\"imported\":1,\"present\":2,\"bad\":1"), "{ran:?}");
    // Other fields make another event of the same line.
    place.run(&args("in", &["--tag", "e=/e"])).refused(1, &["another tags"]);
}

#[test]
fn equal_ids_in_one_file_are_one_event_or_an_error() {
    let place = Place::new();
    let id = ["--id", "/id"];
    place.file("in", "{\"id\":1,\"e\":\"a\"}\n{\"id\":1,\"e\":\"a\"}\n{\"id\":2,\"e\":\"a\"}\n");
    let summary = place.last(&args("in", &id));
    assert_eq!((&summary["imported"], &summary["present"]), (&json!(2), &json!(1)));
    place.file("in", "{\"id\":3,\"e\":\"a\"}\n{\"id\":3,\"e\":\"b\"}\n");
    place.run(&args("in", &id)).refused(1, &["line 2 of `in`: line 1 has the same id", "another stream"]);
    assert_eq!(place.last(&["stats"])["events"], json!(3));
}

#[test]
fn a_cause_that_is_not_there_is_a_bad_line() {
    let place = Place::new();
    let fields = ["--id", "/id", "--causes", "/p"];
    place.file("in", "{\"id\":1,\"e\":1}\n{\"id\":2,\"e\":1,\"p\":[1,9]}\n{\"id\":3,\"e\":1,\"p\":[1]}\n{\"id\":4,\"e\":1,\"p\":[2]}\n");
    place
        .run(&args("in", &fields))
        .refused(1, &["line 2 of `in`: its cause `9` is neither in the store nor on an earlier line"]);
    assert_eq!(place.last(&["stats"])["events"], json!(1));
    // What rests on a line that was set aside is set aside too.
    let ran = place.run(&args("in", &["--id", "/id", "--causes", "/p", "--skip-bad", "bad", "--json"]));
    assert!(ran.out.contains("\"imported\":1,\"present\":1,\"bad\":2"), "{ran:?}");
}

#[test]
fn cut_gzip_is_an_error_that_keeps_what_was_whole() {
    let place = Place::new();
    let mut packed = gzip(lines(1..=20_000).as_bytes());
    packed.truncate(packed.len() / 2);
    place.file("in.gz", packed);
    place.run(&args("in.gz", &[])).refused(4, &["cannot read line", "in.gz", "help: "]);
    let kept = place.last(&["stats"])["events"].as_u64().unwrap();
    assert!(kept > 1000, "{kept}");
    place.file("in.gz", gzip(lines(1..=20_000).as_bytes()));
    assert_eq!(place.last(&args("in.gz", &[]))["present"], json!(kept));
}
