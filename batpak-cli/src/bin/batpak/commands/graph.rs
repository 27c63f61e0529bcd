//! `batpak graph`: a set of events as a lane graph, as a picture, or for other programs.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use batpak::causality::GraphStats;
use batpak::causality::export::{self, Direction, Drawing, Picture};
use batpak::core::Aliases;
use batpak::core::set::{FUNCTIONS, OPERATORS, Signature};
use batpak::{CausalGraph, Links, NodeSet};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::commands::naming;
use crate::exit::{CliError, Exit};
use crate::render::number::{counted, grouped};
use crate::render::{Out, Painter, Table, event, note};

/// Characters of a line that goes to a file or another program.
const WIDTH_ELSEWHERE: usize = 160;

/// What stands for the numbers about the whole graph instead of an expression.
const STATS: &str = "stats";

/// The language, for the long help.
pub fn details() -> String {
    let rows = |rows: &[Signature]| {
        let row = |row: &Signature| format!("  {:<24} {}\n", row.form, row.meaning);
        rows.iter().map(row).collect::<String>()
    };
    format!(
        "SET is written in the grammar of jj's revsets.\n\nOperators, the strongest first:\n{}\nFunctions:\n{}\n\
         A pattern is a name as it stands, or exact: prefix: glob: regex: and a text. All digits are a position, @ is the newest event,\n\
         entity@3 is the third event of a stream. docs/guide/sets.md says more.\n\n  \
         batpak graph '::latest(kind(A_APPROVED))'\n  \
         batpak graph 'entity(173688)' --format html --out case.html --mark 'kind(A_APPROVED)'\n  \
         batpak graph stats",
        rows(OPERATORS),
        rows(FUNCTIONS)
    )
}

/// How a set of events is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A lane graph for a terminal, newest first.
    Text,
    /// A tree for a terminal: effects below their causes.
    Tree,
    /// JSON of nodes and links, as NetworkX reads it.
    NodeLink,
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown.
    Mermaid,
    /// GraphML, for yEd, Gephi and others.
    Graphml,
    /// OpenTelemetry traces, as OTLP JSON.
    Otlp,
    /// W3C provenance, as PROV-JSON.
    Prov,
    /// A picture.
    Svg,
    /// A page with the picture, which needs nothing else.
    Html,
}

/// Shows a set of events and what leads from one to the other.
#[derive(Debug, Args)]
#[command(after_long_help = details())]
pub struct Graph {
    /// Which events: an expression; or `stats` for numbers about the whole graph.
    #[arg(value_name = "SET|stats")]
    set: String,
    /// How to write them.
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "json")]
    format: Format,
    /// Writes to this file instead of standard output.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "explain"])]
    out: Option<PathBuf>,
    /// Boxes of a picture at most; if there are more events, they are folded by stream or by kind.
    #[arg(long, value_name = "N", default_value_t = 500)]
    fold: usize,
    /// Emphasises these events of the set, an expression.
    #[arg(long, value_name = "SET")]
    mark: Option<String>,
    /// Prints how the set was found instead of the events.
    #[arg(long)]
    explain: bool,
    /// A name for an expression, as in 'mine = entity(173688)' or 'past(x) = ::x'. May be repeated.
    #[arg(long = "alias", value_name = "NAME=SET")]
    aliases: Vec<String>,
}

/// The plan, as one JSON object.
#[derive(Serialize)]
struct Explained {
    events: usize,
    plan: String,
}

impl Graph {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let mut aliases = Aliases::new();
        for definition in &self.aliases {
            aliases
                .define_line(definition)
                .map_err(|error| naming::in_text(Exit::Usage, "--alias", definition, &error))?;
        }
        let graph = naming::open(dir)?;
        if self.set == STATS {
            if self.out.is_some() {
                return Err(CliError::usage("`batpak graph stats` prints numbers; --out is for sets"));
            }
            return stats(&graph, out);
        }
        let selection = naming::set(&graph, "SET", &self.set, &aliases)?;
        if self.explain {
            let plan = selection.explain().to_string();
            return if out.json() {
                out.object(&Explained { events: selection.set().len(), plan })
            } else {
                out.line(plan)
            };
        }
        let set = selection.into_set();
        if out.json() {
            return set.iter().try_for_each(|node| graph.with_event(node, |found| event::object(out, found))?);
        }
        let marked = match &self.mark {
            Some(mark) => naming::set(&graph, "--mark", mark, &aliases)?.into_set(),
            None => NodeSet::new(0),
        };
        self.write(&graph, &set, &marked, out)
    }

    fn write(&self, graph: &CausalGraph, set: &NodeSet, marked: &NodeSet, out: &mut Out) -> Result<(), CliError> {
        let count = set.len();
        if count == 0 {
            note::note(format_args!("`{}` gives no event", self.set));
        }
        let links = match self.format {
            Format::NodeLink | Format::Graphml | Format::Otlp | Format::Prov => Links::Declared,
            _ => Links::Reduced,
        };
        let title = format!("{}: {}", self.set, counted(count as u64, "event"));
        let drawing = graph.drawing(title, set, marked, links)?;
        let picture = Picture { dots_max: self.fold, ..Picture::default() };
        let width = out.width(WIDTH_ELSEWHERE);
        let painter = Painter::new(out, self.out.is_some());
        let text = match self.format {
            Format::Text => export::lanes(&drawing, width, &painter),
            Format::Tree => export::tree(&drawing, &beginnings(&drawing), Direction::Effects, width, &painter),
            Format::NodeLink => export::node_link(&drawing),
            Format::Graphml => export::graphml(&drawing),
            Format::Otlp => export::otlp(&drawing),
            Format::Prov => export::prov(&drawing),
            Format::Dot => export::dot(&export::fold(&drawing, self.fold)),
            Format::Mermaid => export::mermaid(&export::fold(&drawing, self.fold)),
            Format::Svg => export::svg(&drawing, &picture),
            Format::Html => export::html(&drawing, &picture),
        };
        match &self.out {
            None => out.line(text.trim_end()),
            Some(path) => write_file(path, format!("{}\n", text.trim_end()).as_bytes()),
        }
    }
}

/// The events that nothing in a drawing leads to.
fn beginnings(drawing: &Drawing) -> Vec<usize> {
    let led_to: HashSet<usize> = drawing.links().iter().map(|link| link.to).collect();
    (0..drawing.dots().len()).filter(|dot| !led_to.contains(dot)).collect()
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    fs::write(path, bytes).map_err(|error| CliError::file("write", &path.display().to_string(), &error))?;
    note::note(format_args!("wrote `{}`", path.display()));
    Ok(())
}

/// Numbers about the whole graph, as one JSON object.
#[derive(Serialize)]
struct Numbers {
    events: u64,
    roots: u64,
    heads: u64,
    joins: u64,
    forks: u64,
    components: u64,
    required: u64,
    alternative: u64,
    context: u64,
    dangling: u64,
    depth: u32,
    fan_in_max: u32,
    fan_in_at: Option<u64>,
    fan_out_max: u32,
    fan_out_at: Option<u64>,
}

fn stats(graph: &CausalGraph, out: &mut Out) -> Result<(), CliError> {
    let stats = graph.graph().stats();
    let GraphStats { events, roots, heads, joins, forks, components, required, alternative, context, dangling, .. } =
        stats;
    let fan = |widest: Option<(batpak::Node, u32)>| match widest {
        Some((node, count)) if count > 0 => (count, Some(node.position().get())),
        _ => (0, None),
    };
    let ((fan_in_max, fan_in_at), (fan_out_max, fan_out_at)) = (fan(stats.widest_fan_in), fan(stats.widest_fan_out));
    let depth = stats.depth;
    if out.json() {
        return out.object(&Numbers {
            events,
            roots,
            heads,
            joins,
            forks,
            components,
            required,
            alternative,
            context,
            dangling,
            depth,
            fan_in_max,
            fan_in_at,
            fan_out_max,
            fan_out_at,
        });
    }
    let mut table = Table::without_header(&[("", false), ("", true), ("", false)]);
    let at = |position: Option<u64>| position.map_or(String::new(), |position| format!("at {position}"));
    let rows = [
        ("events", events, String::new()),
        ("roots", roots, "without a cause".to_owned()),
        ("heads", heads, "without an effect".to_owned()),
        ("components", components, "that no cause connects".to_owned()),
        ("joins", joins, "of two causes or more".to_owned()),
        ("forks", forks, "with two effects or more".to_owned()),
        ("required causes", required, String::new()),
        ("alternative causes", alternative, String::new()),
        ("context", context, String::new()),
        ("dangling causes", dangling, "that are not in the log any more".to_owned()),
        ("depth", u64::from(depth), "causes on the longest chain".to_owned()),
        ("most causes", u64::from(fan_in_max), at(fan_in_at)),
        ("most effects", u64::from(fan_out_max), at(fan_out_at)),
    ];
    for (name, number, remark) in rows {
        table.row(out, vec![name.to_owned(), grouped(number), remark])?;
    }
    table.finish(out)
}
