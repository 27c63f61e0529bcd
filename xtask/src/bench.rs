//! The benchmarks: one entry, one question.

use crate::cargo;
use crate::say::say;

struct Bench {
    name: &'static str,
    question: &'static str,
    /// What cargo is asked to do.
    arguments: &'static [&'static str],
}

/// The micro benchmarks (`cargo bench`), then the comparisons (`cargo run --release --example`).
const BENCHES: &[Bench] = &[];

/// Runs the benchmark called `name`, or all of them, and returns whether each succeeded.
///
/// # Errors
///
/// When no benchmark has that name, or cargo cannot be started.
pub fn bench(name: Option<&str>) -> Result<bool, String> {
    let chosen: Vec<&Bench> = BENCHES.iter().filter(|bench| name.is_none_or(|name| name == bench.name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        let wanted = name.map_or("no benchmark".to_owned(), |name| format!("no benchmark `{name}`"));
        return Err(format!("{wanted}; there are: [{}]", names.join(", ")));
    }
    let mut all = true;
    for Bench { name, question, arguments } in chosen {
        say(format_args!("\n== {name}: {question}\n   cargo {}", arguments.join(" ")));
        let status = cargo::command().args(*arguments).status();
        all &= status.map_err(|error| format!("cannot start cargo: {error}"))?.success();
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_refused() {
        assert!(bench(Some("no-such-benchmark")).is_err());
    }
}
