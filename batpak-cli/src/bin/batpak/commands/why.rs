//! `batpak why`: the causal story of an event.

use std::path::Path;

use batpak::causality::{Entry, Role, Story};
use batpak::{CausalGraph, Edge, Node};
use clap::Args;
use serde::Serialize;

use crate::commands::naming;
use crate::exit::CliError;
use crate::render::number::{counted, grouped};
use crate::render::{DIM, Out, event, note};

const DETAILS: &str = "\
Follows required and alternative causes back to where they began. A story that is longer than --limit keeps its ends, what the
event names itself, what brought branches together and what everything went through, and says how much it leaves out.

  batpak why 30
  batpak why 'latest(kind(A_APPROVED))'
  batpak why 'source(\"30221a3389f4172940b7\")' --limit 40";

/// Tells why an event happened: the story of its causes, oldest first.
#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub struct Why {
    /// The event: a position, an id, or an expression that gives one.
    #[arg(value_name = "EVENT")]
    event: String,
    /// Entries of the story at most.
    #[arg(long, value_name = "N", default_value_t = 24)]
    limit: usize,
}

/// An entry as one JSON object.
#[derive(Serialize)]
struct Object {
    position: u64,
    id: String,
    kind: String,
    scope: String,
    entity: String,
    revision: u64,
    role: &'static str,
    leads_to: Option<u64>,
    edge: Option<&'static str>,
    left_out: usize,
}

/// What the story comes to, as the last JSON object.
#[derive(Serialize)]
struct Summary {
    declared: bool,
    events: usize,
    roots: usize,
    context: usize,
    missing: usize,
}

impl Why {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let graph = naming::open(dir)?;
        let subject = naming::event(&graph, "EVENT", &self.event)?;
        let story = graph.graph().why(subject, self.limit);
        if out.json() {
            for entry in &story.entries {
                out.object(&object(&graph, entry)?)?;
            }
            let Story { events, roots, context, missing, .. } = story;
            return out.object(&Summary { declared: !story.is_undeclared(), events, roots, context, missing });
        }
        if story.is_undeclared() {
            return undeclared(&graph, subject, self.limit, out);
        }
        let lines = story.entries.iter().map(|entry| graph.with_event(entry.node, event::Columns::of));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let widths = event::Columns::widths(&lines);
        let next = story.entries.iter().skip(1).map(|entry| Some(entry.node)).chain([None]);
        for ((entry, line), next) in story.entries.iter().zip(&lines).zip(next) {
            line.write(out, widths, &reason(entry, next))?;
            if entry.left_out > 0 {
                out.line(
                    out.styled(DIM, format_args!("{:>8}  {} left out", "⋮", counted(entry.left_out as u64, "event"))),
                )?;
            }
        }
        let others = story.events.saturating_sub(1) as u64;
        let mut end = match (others, story.roots) {
            (0, _) => "no required or alternative cause of it is in the log".to_owned(),
            (_, 1) => format!("it rests on {}; it began with one of them", counted(others, "event")),
            (_, roots) => {
                format!("it rests on {}; it began with {} of them", counted(others, "event"), grouped(roots as u64))
            }
        };
        if story.context > 0 {
            end += &format!("; context adds {}", counted(story.context as u64, "event"));
        }
        if story.missing > 0 {
            end += &format!("; {} not in the log any more", counted(story.missing as u64, "cause"));
        }
        out.line(out.styled(DIM, end))
    }
}

/// What is worth saying of an entry: of a step that leads to the next one, nothing.
fn reason(entry: &Entry, next: Option<Node>) -> String {
    let role = match entry.role {
        Role::Subject => "this is what was asked about",
        Role::Root => "it began here",
        Role::Join => "brought branches together",
        Role::Direct if next.is_some() && entry.left_out > 0 => "named as a cause",
        Role::Passage if entry.left_out > 0 => "everything went through it",
        Role::Direct | Role::Passage | Role::Step => "",
    };
    let way = match entry.leads_to {
        Some((effect, Edge::Required)) if Some(effect) == next => String::new(),
        Some((effect, Edge::Required)) => format!("led to {}", effect.position()),
        Some((effect, edge)) => format!("led to {} ({})", effect.position(), event::edge_name(edge)),
        None => String::new(),
    };
    let between = if role.is_empty() || way.is_empty() { "" } else { "; " };
    format!("{role}{between}{way}")
}

fn object(graph: &CausalGraph, entry: &Entry) -> Result<Object, CliError> {
    let role = match entry.role {
        Role::Subject => "subject",
        Role::Root => "root",
        Role::Join => "join",
        Role::Direct => "direct",
        Role::Passage => "passage",
        Role::Step => "step",
    };
    Ok(graph.with_event(entry.node, |event| Object {
        position: event.position().get(),
        id: event.id().to_string(),
        kind: event.kind().to_owned(),
        scope: event.scope().to_owned(),
        entity: event.entity().to_owned(),
        revision: event.revision().get(),
        role,
        leads_to: entry.leads_to.map(|(effect, _)| effect.position().get()),
        edge: entry.leads_to.map(|(_, edge)| event::edge_name(edge)),
        left_out: entry.left_out,
    })?)
}

/// Nothing was declared: says so, and shows the stream, which is no cause.
fn undeclared(graph: &CausalGraph, subject: Node, limit: usize, out: &mut Out) -> Result<(), CliError> {
    out.line(format_args!("no cause was declared for {}", subject.position()))?;
    let mut before = vec![subject];
    while before.len() < limit.max(2)
        && let Some(previous) = before.last().and_then(|last| graph.graph().previous(*last))
    {
        before.push(previous);
    }
    if before.len() > 1 {
        out.line("the order of its stream, which is no cause:")?;
        before.iter().rev().try_for_each(|node| graph.with_event(*node, |found| event::line(out, found))?)?;
    }
    out.flush()?;
    note::note(
        "`batpak import` declares causes with --chain /POINTER or --causes /POINTER, `batpak append` with --cause ID",
    );
    Ok(())
}
