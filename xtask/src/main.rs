//! Verification and benchmarks of batpak: `cargo xtask verify` is the whole of it.

mod bench;
mod cargo;
mod say;
mod step;
mod tidy;
mod verify;

use std::env;
use std::process::ExitCode;

use say::say;
use verify::Settings;

const USAGE: &str = "\
Usage: cargo xtask <command>

  verify [--deep] [--keep-going]  formatting, rules, lints, documentation, models and tests
                                  --deep: for hours, with more seeds, cases and preemptions
                                  --keep-going: the remaining steps as well after one has failed
  ci                              verify with every finding in one run
  loom [--deep]                   the concurrency models alone
  tidy                            the rules of the source tree alone
  bench [NAME]                    all benchmarks, or one

BATPAK_SEEDS, PROPTEST_CASES and LOOM_MAX_PREEMPTIONS, where set, win over what a command would choose.
Exit codes: 0 passed, 1 failed, 2 usage.";

/// One command line, understood.
#[derive(Debug, PartialEq, Eq)]
enum Task {
    Verify(Settings),
    Loom(Settings),
    Tidy,
    Bench(Option<String>),
    Help,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let passed = match parse(&arguments) {
        Some(Task::Verify(settings)) => verify::verify(settings),
        Some(Task::Loom(settings)) => verify::models(settings),
        Some(Task::Tidy) => verify::tidy(),
        Some(Task::Bench(name)) => match bench::bench(name.as_deref()) {
            Ok(passed) => passed,
            Err(message) => {
                eprintln!("{message}");
                return ExitCode::from(2);
            }
        },
        Some(Task::Help) => {
            say(USAGE);
            true
        }
        None => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(arguments: &[&str]) -> Option<Task> {
    match arguments {
        ["verify", flags @ ..] => settings(flags).map(Task::Verify),
        ["ci"] => Some(Task::Verify(Settings { keep_going: true, ..Settings::default() })),
        ["loom", flags @ ..] => settings(flags).map(Task::Loom),
        ["tidy"] => Some(Task::Tidy),
        ["bench"] => Some(Task::Bench(None)),
        ["bench", name] if !name.starts_with('-') => Some(Task::Bench(Some((*name).to_owned()))),
        ["help" | "--help" | "-h"] => Some(Task::Help),
        _ => None,
    }
}

fn settings(flags: &[&str]) -> Option<Settings> {
    let mut settings = Settings::default();
    for flag in flags {
        match *flag {
            "--deep" => settings.deep = true,
            "--keep-going" => settings.keep_going = true,
            _ => return None,
        }
    }
    Some(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_understood_or_refused() {
        let deep = Settings { deep: true, keep_going: false };
        assert_eq!(parse(&["verify"]), Some(Task::Verify(Settings::default())));
        assert_eq!(parse(&["loom", "--deep"]), Some(Task::Loom(deep)));
        assert_eq!(parse(&["bench", "cost"]), Some(Task::Bench(Some("cost".to_owned()))));
        for refused in [&["verify", "--deeper"][..], &["tidy", "x"], &["bench", "--x"], &["fuzz"], &[]] {
            assert_eq!(parse(refused), None, "{refused:?}");
        }
    }
}
