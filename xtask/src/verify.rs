//! The verification: which steps there are, in which order, and how their results are told.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::cargo;
use crate::say::say;
use crate::step::{self, Call, Done, Outcome, Step, Work};

/// How far a verification goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Hours instead of minutes.
    pub deep: bool,
    /// Runs the remaining steps after one has failed.
    pub keep_going: bool,
}

/// How many preemptions loom tries in one execution; without a bound some models take days.
const PREEMPTIONS: &str = "3";
const PREEMPTIONS_DEEP: &str = "5";

/// What a deep run gives the tests: more seeds and cases, in optimised code that keeps its assertions.
const DEEP: [(&str, &str); 4] = [
    ("BATPAK_SEEDS", "1000000"),
    ("BATPAK_EVENTS", "1000000"),
    ("PROPTEST_CASES", "20000"),
    ("CARGO_PROFILE_TEST_OPT_LEVEL", "3"),
];

/// Runs everything and returns whether all of it passed.
pub fn verify(settings: Settings) -> bool {
    let nextest = cargo::has("nextest");
    if !nextest {
        say(format_args!("cargo-nextest is not installed: `cargo test` runs the tests instead"));
    }
    run(&steps(settings, nextest), settings.keep_going)
}

/// Runs the concurrency models alone.
pub fn models(settings: Settings) -> bool {
    run(&[loom(settings)], settings.keep_going)
}

/// Runs the rules of the source tree alone.
pub fn tidy() -> bool {
    run(&[Step { name: "tidy", work: Work::Tidy }], false)
}

/// Cheap steps first, and the tests last, so that their closing lines stand near the end.
fn steps(settings: Settings, nextest: bool) -> Vec<Step> {
    let cargo = |name, arguments: &[&'static str]| {
        let call = Call { arguments: arguments.to_vec(), ..Call::default() };
        Step { name, work: Work::Cargo(call) }
    };
    let tests = |name, arguments: &[&'static str]| {
        let mut call = Call { arguments: arguments.to_vec(), ..Call::default() };
        if settings.deep {
            call.environment = DEEP.map(|(name, value)| (name, value.to_owned())).to_vec();
        }
        Step { name, work: Work::Tests(call) }
    };
    let mut documents = cargo("doc", &["doc", "--workspace", "--no-deps"]);
    if let Work::Cargo(call) = &mut documents.work {
        call.environment.push(("RUSTDOCFLAGS", "-D warnings".to_owned()));
    }
    vec![
        cargo("fmt", &["fmt", "--all", "--check"]),
        Step { name: "tidy", work: Work::Tidy },
        cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        cargo("clippy-lean", &["clippy", "--package", "batpak-cli", "--no-default-features", "--", "-D", "warnings"]),
        documents,
        loom(settings),
        tests("doctests", &["test", "--workspace", "--doc"]),
        if nextest {
            tests("tests", &["nextest", "run", "--workspace", "--no-fail-fast"])
        } else {
            tests("tests", &["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
        },
    ]
}

/// Has a build folder of its own: `--cfg loom` changes every crate.
fn loom(settings: Settings) -> Step {
    let preemptions = if settings.deep { PREEMPTIONS_DEEP } else { PREEMPTIONS };
    let environment = vec![
        ("RUSTFLAGS", "--cfg loom".to_owned()),
        ("CARGO_TARGET_DIR", cargo::target_folder("loom").display().to_string()),
        ("LOOM_MAX_PREEMPTIONS", preemptions.to_owned()),
    ];
    let arguments = vec!["test", "--profile", "loom", "--package", "batpak-store", "--lib", "models"];
    Step { name: "loom", work: Work::Tests(Call { arguments, environment }) }
}

fn run(steps: &[Step], keep_going: bool) -> bool {
    let started = Instant::now();
    let done = in_order(steps, keep_going, step::run);
    say(format_args!("\n{}", report(&done, started.elapsed())));
    passed(&done)
}

/// Runs the steps up to the first that fails, or all of them.
fn in_order(steps: &[Step], keep_going: bool, mut run: impl FnMut(&Step) -> Done) -> Vec<Done> {
    let mut stopped = false;
    let one = |step: &Step| {
        if stopped {
            return Done::not_run(step.name);
        }
        let done = run(step);
        stopped = !keep_going && done.outcome != Outcome::Passed;
        done
    };
    steps.iter().map(one).collect()
}

fn passed(done: &[Done]) -> bool {
    done.iter().all(|done| done.outcome == Outcome::Passed)
}

/// The table, what was skipped, the closing lines of the test runners, and the verdict.
fn report(done: &[Done], took: Duration) -> String {
    let mut text = format!("{:<12} {:<8} {:>9}\n", "step", "result", "time");
    for done in done {
        let seconds = format!("{:.1} s", done.took.as_secs_f64());
        let (result, time) = match done.outcome {
            Outcome::Passed => ("passed", seconds),
            Outcome::Failed(_) => ("FAILED", seconds),
            Outcome::NotRun => ("not run", "-".to_owned()),
        };
        let _ = writeln!(text, "{:<12} {result:<8} {time:>9}", done.name);
    }
    for skipped in done.iter().flat_map(|done| &done.skipped) {
        let _ = writeln!(text, "\nSKIPPED: {skipped}");
    }
    for done in done.iter().filter(|done| !done.closing.is_empty()) {
        let _ = writeln!(text, "\n{}:", done.name);
        for line in &done.closing {
            let _ = writeln!(text, "  {line}");
        }
    }
    for done in done {
        if let Outcome::Failed(reason) = &done.outcome {
            let _ = writeln!(text, "\nFAILED at {}: {reason}", done.name);
        }
    }
    let verdict = if passed(done) { "all passed" } else { "NOT passed" };
    let _ = write!(text, "\n{verdict} in {:.0} s", took.as_secs_f64());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finish(step: &Step, outcome: Outcome) -> Done {
        Done { outcome, closing: vec![format!("test result of {}", step.name)], ..Done::not_run(step.name) }
    }

    fn failing_at(name: &str, keep_going: bool) -> Vec<Done> {
        in_order(&steps(Settings::default(), true), keep_going, |step| {
            let failed = step.name == name;
            finish(step, if failed { Outcome::Failed("broken".to_owned()) } else { Outcome::Passed })
        })
    }

    #[test]
    fn the_first_failure_stops_the_rest() {
        let done = failing_at("clippy", false);
        assert!(!passed(&done));
        let not_run = done.iter().filter(|done| done.outcome == Outcome::NotRun).count();
        assert_eq!(not_run, done.len() - 3);
        let text = report(&done, Duration::from_secs(3));
        assert!(text.contains("FAILED at clippy: broken") && text.ends_with("NOT passed in 3 s"), "{text}");
    }

    #[test]
    fn keep_going_runs_all_and_still_fails() {
        let done = failing_at("fmt", true);
        assert!(!passed(&done));
        assert!(done.iter().all(|done| done.outcome != Outcome::NotRun));
    }

    #[test]
    fn the_report_repeats_closing_lines_and_skips() {
        let mut done = failing_at("", false);
        if let Some(first) = done.first_mut() {
            first.skipped.push("no target".to_owned());
        }
        let text = report(&done, Duration::from_secs(9));
        for expected in ["SKIPPED: no target", "test result of tests", "test result of loom", "all passed in 9 s"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    #[test]
    fn a_deep_run_reaches_tests_and_models() {
        let deep = Settings { deep: true, ..Settings::default() };
        for step in steps(deep, false) {
            let text = match &step.work {
                Work::Cargo(call) | Work::Tests(call) => call.to_string(),
                Work::Tidy => continue,
            };
            let deeper = text.contains("BATPAK_SEEDS='1000000'") || text.contains("LOOM_MAX_PREEMPTIONS='5'");
            assert_eq!(deeper, matches!(step.work, Work::Tests(_)), "{text}");
        }
    }
}
