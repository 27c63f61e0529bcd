//! One step of the verification: runs it, times it, and keeps what the test runner said last.

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::time::{Duration, Instant};

use crate::cargo;
use crate::say::say;
use crate::tidy;

pub struct Step {
    pub name: &'static str,
    pub work: Work,
}

pub enum Work {
    /// Passes when cargo does.
    Cargo(Call),
    /// Passes when cargo does and at least one test has run.
    Tests(Call),
    Tidy,
}

/// The arguments of one cargo, and what its environment gets on top of ours.
#[derive(Default)]
pub struct Call {
    pub arguments: Vec<&'static str>,
    pub environment: Vec<(&'static str, String)>,
}

/// As one would type it.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.environment {
            write!(f, "{name}='{value}' ")?;
        }
        write!(f, "cargo {}", self.arguments.join(" "))
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed(String),
    /// An earlier step failed.
    NotRun,
}

/// A step that is over.
pub struct Done {
    pub name: &'static str,
    pub outcome: Outcome,
    pub took: Duration,
    /// The closing lines of the test runner, as it wrote them.
    pub closing: Vec<String>,
    /// What could not be checked on this machine.
    pub skipped: Vec<String>,
}

impl Done {
    pub fn not_run(name: &'static str) -> Done {
        Done { name, outcome: Outcome::NotRun, took: Duration::ZERO, closing: Vec::new(), skipped: Vec::new() }
    }
}

/// Runs one step; everything that it prints goes through.
pub fn run(step: &Step) -> Done {
    match &step.work {
        Work::Cargo(call) | Work::Tests(call) => say(format_args!("\n== {}: {call}", step.name)),
        Work::Tidy => say(format_args!("\n== {}: cargo xtask tidy", step.name)),
    }
    let started = Instant::now();
    let mut done = Done { outcome: Outcome::Passed, ..Done::not_run(step.name) };
    let outcome = match &step.work {
        Work::Cargo(call) => run_call(call),
        Work::Tests(call) => run_tests(call, &mut done.closing),
        Work::Tidy => run_tidy(&mut done.skipped),
    };
    done.outcome = outcome.unwrap_or_else(|error| Outcome::Failed(error.to_string()));
    done.took = started.elapsed();
    done
}

fn run_call(call: &Call) -> io::Result<Outcome> {
    let status = command(call).status()?;
    Ok(judge(call, status.success()))
}

fn judge(call: &Call, success: bool) -> Outcome {
    if success { Outcome::Passed } else { Outcome::Failed(format!("`{call}` failed")) }
}

/// Relays the output line by line, so that the closing lines can be shown again at the very end.
fn run_tests(call: &Call, closing: &mut Vec<String>) -> io::Result<Outcome> {
    let (reader, writer) = io::pipe()?;
    let mut command = command(call);
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // It holds the writing ends; while they are open the reading below does not end.
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        io::stdout().write_all(&line)?;
        let text = String::from_utf8_lossy(&line);
        if is_closing(&text) {
            closing.push(text.trim().to_owned());
        }
        line.clear();
    }
    let outcome = judge(call, child.wait()?.success());
    let ran: u64 = closing.iter().map(|line| passed(line)).sum();
    if outcome == Outcome::Passed && ran == 0 {
        return Ok(Outcome::Failed(format!("`{call}` ran no test")));
    }
    Ok(outcome)
}

fn run_tidy(skipped: &mut Vec<String>) -> io::Result<Outcome> {
    let report = tidy::run()?;
    *skipped = report.skipped;
    Ok(match report.findings {
        0 => Outcome::Passed,
        count => Outcome::Failed(format!("tidy: {count} findings")),
    })
}

/// A value that the caller's environment already has stays; flags are added to it.
fn command(call: &Call) -> std::process::Command {
    let mut command = cargo::command();
    command.args(&call.arguments);
    for (name, value) in &call.environment {
        match env::var(name) {
            Ok(before) if name.ends_with("FLAGS") => command.env(name, format!("{before} {value}")),
            Ok(_) if *name != "CARGO_TARGET_DIR" => &mut command,
            _ => command.env(name, value),
        };
    }
    command
}

/// The line that `cargo test` or `cargo nextest` ends a run with.
fn is_closing(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("test result:") || line.starts_with("Summary [")
}

/// The number before `passed` in a closing line.
fn passed(line: &str) -> u64 {
    let before = line.split(" passed").next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_runners_are_understood() {
        let nextest = "     Summary [   0.012s] 31 tests run: 30 passed (1 slow), 1 failed, 2 skipped\n";
        let libtest = "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert!(is_closing(nextest) && is_closing(libtest) && !is_closing("test a::b ... ok"));
        assert_eq!((passed(nextest), passed(libtest), passed("Summary [ 0s] 0 tests run")), (30, 7, 0));
    }

    #[test]
    fn a_call_reads_as_one_would_type_it() {
        let call = Call { arguments: vec!["doc", "--no-deps"], environment: vec![("A", "b c".to_owned())] };
        assert_eq!(call.to_string(), "A='b c' cargo doc --no-deps");
    }

    #[test]
    fn a_run_without_tests_fails() {
        let call = Call { arguments: vec!["--version"], ..Call::default() };
        let done = run(&Step { name: "tests", work: Work::Tests(call) });
        assert_eq!(done.outcome, Outcome::Failed("`cargo --version` ran no test".to_owned()));
    }

    #[test]
    fn a_failing_cargo_fails_its_step() {
        let call = Call { arguments: vec!["fmt"], ..Call::default() };
        assert_eq!(judge(&call, true), Outcome::Passed);
        assert_eq!(judge(&call, false), Outcome::Failed("`cargo fmt` failed".to_owned()));
    }
}
