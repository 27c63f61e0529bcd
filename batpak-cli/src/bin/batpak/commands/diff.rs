//! `batpak diff`: where two runs part, and what each did that the other did not.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use batpak::causality::{Change, Run, RunDiff, Step};
use batpak::{CausalGraph, Codec, EventRef, Node, NodeSet};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use crate::commands::naming;
use crate::exit::{CliError, Exit};
use crate::input::pointer::Pointer;
use crate::render::number::grouped;
use crate::render::{DIM, GREEN, Out, RED, YELLOW, event};

const DETAILS: &str = "\
A run is a set of events: a correlation, a stream, or what came before a point. Events of the two runs belong together if they are of
the same kind, in streams that play the same part (the first, the second.. to appear), and rest on events that belong together.

  batpak diff 'entity(173688)' 'entity(173715)' --ignore /case --ignore /time
  batpak diff 'correlation(a)' 'correlation(b)' --by keys";

/// How closely payloads are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum By {
    /// Their types and versions.
    Shape,
    /// And the names of their fields.
    Keys,
    /// And their values.
    Payload,
}

/// Compares two runs: where they part, what one added, left out and did differently.
#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub struct Diff {
    /// The first run, an expression.
    #[arg(value_name = "A")]
    a: String,
    /// The second run.
    #[arg(value_name = "B")]
    b: String,
    /// How closely payloads are compared.
    #[arg(long, value_enum, default_value_t = By::Payload)]
    by: By,
    /// A part of JSON payloads that does not count. May be repeated.
    #[arg(long, value_name = "/POINTER")]
    ignore: Vec<Pointer>,
    /// Exits with 1 if the runs differ.
    #[arg(long)]
    fail_on_difference: bool,
}

/// One step of the comparison as a JSON object.
#[derive(Serialize)]
struct Object {
    change: &'static str,
    a: Option<u64>,
    b: Option<u64>,
}

/// What the comparison came to, as the last JSON object.
#[derive(Serialize)]
struct Summary {
    same: usize,
    changed: usize,
    removed: usize,
    added: usize,
    parts_at_a: Option<u64>,
    parts_at_b: Option<u64>,
}

/// An event, as far as runs are compared, with its kind.
struct Seen {
    node: Node,
    kind: String,
    role: u64,
    shape: u64,
    keys: u64,
    payload: u64,
}

impl Diff {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let graph = naming::open(dir)?;
        let (a, b) = (naming::events(&graph, "A", &self.a)?, naming::events(&graph, "B", &self.b)?);
        let (a, b) = (self.seen(&graph, &a)?, self.seen(&graph, &b)?);
        let a: Vec<Step<'_>> = a.iter().map(Seen::step).collect();
        let b: Vec<Step<'_>> = b.iter().map(Seen::step).collect();
        let diff = Run::new(graph.graph(), &a).diff(&Run::new(graph.graph(), &b));
        show(&graph, &diff, out)?;
        let differs = !(diff.changed.is_empty() && diff.removed.is_empty() && diff.added.is_empty());
        if differs && self.fail_on_difference {
            return Err(CliError::new(Exit::Finding, "the runs differ"));
        }
        Ok(())
    }

    fn seen(&self, graph: &CausalGraph, set: &NodeSet) -> Result<Vec<Seen>, CliError> {
        let mut roles: HashMap<(String, String), u64> = HashMap::new();
        let mut seen = Vec::new();
        for node in set.iter() {
            seen.push(graph.with_event(node, |event| {
                let next = roles.len() as u64;
                let stream = (event.scope().to_owned(), event.entity().to_owned());
                let role = *roles.entry(stream).or_insert(next);
                self.see(node, event, role)
            })?);
        }
        Ok(seen)
    }

    fn see(&self, node: Node, event: &EventRef<'_>, role: u64) -> Seen {
        let mut seen = Seen {
            node,
            kind: event.kind().to_owned(),
            role,
            shape: hash(&(event.codec().get(), event.version())),
            keys: 0,
            payload: 0,
        };
        let value =
            (event.codec() == Codec::JSON).then(|| serde_json::from_slice::<Value>(event.payload()).ok()).flatten();
        let Some(mut value) = value else {
            seen.payload = if self.by >= By::Payload { hash(event.payload()) } else { 0 };
            return seen;
        };
        self.ignore.iter().for_each(|pointer| pointer.remove(&mut value));
        if self.by >= By::Keys {
            let mut hasher = DefaultHasher::new();
            hash_keys(&value, &mut hasher);
            seen.keys = hasher.finish();
        }
        if self.by >= By::Payload {
            // Objects are sorted by their keys, so equal values are equal texts.
            seen.payload = hash(&value.to_string());
        }
        seen
    }
}

impl Seen {
    fn step(&self) -> Step<'_> {
        let Self { node, ref kind, role, shape, keys, payload } = *self;
        Step { node, kind, role, shape, keys, payload }
    }
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The names of all fields, and how they lie within one another. JSON that was parsed is at most 128 levels deep.
fn hash_keys(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Object(fields) => {
            fields.len().hash(hasher);
            for (name, value) in fields {
                name.hash(hasher);
                hash_keys(value, hasher);
            }
        }
        Value::Array(items) => {
            '['.hash(hasher);
            items.iter().for_each(|item| hash_keys(item, hasher));
        }
        _ => 0_u8.hash(hasher),
    }
}

/// What a change is called.
const fn name(change: Change) -> &'static str {
    match change {
        Change::Shape => "shape",
        Change::Keys => "keys",
        Change::Payload => "payload",
        Change::Causes => "causes",
    }
}

fn show(graph: &CausalGraph, diff: &RunDiff, out: &mut Out) -> Result<(), CliError> {
    let position = |node: Node| node.position().get();
    let (parts_a, parts_b) = diff.parts_at;
    if out.json() {
        let row = |change, a: Option<Node>, b: Option<Node>| Object { change, a: a.map(position), b: b.map(position) };
        let changed = diff.changed.iter().map(|(a, b, change)| row(name(*change), Some(*a), Some(*b)));
        let removed = diff.removed.iter().map(|a| row("removed", Some(*a), None));
        let added = diff.added.iter().map(|b| row("added", None, Some(*b)));
        for row in changed.chain(removed).chain(added) {
            out.object(&row)?;
        }
        return out.object(&Summary {
            same: diff.same.len(),
            changed: diff.changed.len(),
            removed: diff.removed.len(),
            added: diff.added.len(),
            parts_at_a: parts_a.map(position),
            parts_at_b: parts_b.map(position),
        });
    }
    let [same, changed, removed, added] =
        [diff.same.len(), diff.changed.len(), diff.removed.len(), diff.added.len()].map(|count| grouped(count as u64));
    out.line(format_args!(
        "{same} the same, {changed} changed, {removed} in the first alone, {added} in the second alone"
    ))?;
    match (parts_a, parts_b) {
        (Some(a), Some(b)) => out.line(format_args!("they part at {} and {}", a.position(), b.position()))?,
        (Some(one), None) | (None, Some(one)) => {
            out.line(format_args!("one is the beginning of the other, which goes on at {}", one.position()))?;
        }
        (None, None) => return Ok(()),
    }
    for (a, b, change) in &diff.changed {
        let note = format!("{}, now {}", name(*change), b.position());
        line(graph, *a, out.styled(YELLOW, "~"), &note, out)?;
    }
    for a in &diff.removed {
        line(graph, *a, out.styled(RED, "-"), "", out)?;
    }
    for b in &diff.added {
        line(graph, *b, out.styled(GREEN, "+"), "", out)?;
    }
    Ok(())
}

fn line(graph: &CausalGraph, node: Node, sign: String, note: &str, out: &mut Out) -> Result<(), CliError> {
    let text = graph.with_event(node, event::brief)?;
    let note = if note.is_empty() { String::new() } else { out.styled(DIM, format_args!("  {note}")) };
    out.line(format_args!("{sign} {text}{note}"))
}
