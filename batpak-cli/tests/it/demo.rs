//! `demo`: runs from beginning to end, and leaves nothing behind.

use serde_json::json;

use crate::harness::{Place, values};

#[test]
fn the_demonstration_says_what_happened() {
    let place = Place::new();
    let temporary = place.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let run = |args: &[&str]| {
        String::from_utf8(place.command(args).env("TMPDIR", &temporary).output().unwrap().stdout).unwrap()
    };
    let text = run(&["demo"]);
    for says in ["26,348 events of 2,000 loan applications", "was refused", "SIGKILL", "none twice", "Every byte"] {
        assert!(text.contains(says), "`{says}` is missing: {text}");
    }
    let steps = values(&run(&["demo", "--json"]));
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(names, ["import", "read", "conflict", "crash", "verify", "done"]);
    assert_eq!((&steps[3]["total"], &steps[4]["events"]), (&json!(26_348), &json!(2 * 26_348 + 2)));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    assert!(!place.has_store());
}
