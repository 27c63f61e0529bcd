//! The benchmarks: one entry, one question.

use crate::cargo;
use crate::say::say;

struct Bench {
    name: &'static str,
    question: &'static str,
    /// What cargo is asked to do.
    arguments: &'static [&'static str],
}

/// The micro benchmarks, then the comparisons.
const BENCHES: &[Bench] = &[
    Bench {
        name: "envelope",
        question: "what do encoding, parsing and hashing an event cost?",
        arguments: &["bench", "--package", "batpak-core", "--bench", "envelope"],
    },
    Bench {
        name: "index",
        question: "what do look-ups in a sealed segment's index cost, and making it?",
        arguments: &["bench", "--package", "batpak-store", "--bench", "index"],
    },
    Bench {
        name: "durable",
        question: "what does a durable append cost against the disk itself?",
        arguments: &["bench", "--package", "batpak-store", "--bench", "durable"],
    },
    Bench {
        name: "scale",
        question: "what do ten million small events cost: memory, bytes, opening?",
        arguments: &["bench", "--package", "batpak-store", "--bench", "scale"],
    },
    Bench {
        name: "journal-graph",
        question: "what does the graph of a journal of ten million events cost?",
        arguments: &["bench", "--package", "batpak-cli", "--bench", "journal_graph"],
    },
    Bench {
        name: "graph",
        question: "what do causal questions cost, against petgraph?",
        arguments: &["bench", "--package", "batpak-graph", "--bench", "graph"],
    },
];

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
