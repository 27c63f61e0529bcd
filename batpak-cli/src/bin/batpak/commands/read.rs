//! `batpak read`: events that match, one a line.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use batpak::{Field, JournalReader, Pattern, Position, Query, QueryItem, Term, View};
use clap::Args;

use crate::commands::{naming, opening};
use crate::exit::CliError;
use crate::render::{Out, event};

/// How long a look for new events may take.
const FOLLOW_WAIT: Duration = Duration::from_millis(500);

const DETAILS: &str = "\
QUERY is made of all() none() kind(p) scope(p) entity(p) tag(p) correlation(p), `&`, `|` and parentheses.
p is a name as it stands, or prefix:NAME, glob:\"A_*\" or regex:\"^A_\"; the options take the same, without quotes.
All that is said must hold; of several --kind, any; of several --tag, all.

  batpak read 'kind(A_APPROVED) & tag(resource:112)'
  batpak read --entity 173688 --kind glob:'A_*' --json
  batpak read --as-known-to 'latest(kind(A_APPROVED))'";

/// Reads events, oldest first.
#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub struct Read {
    /// Which events; otherwise all.
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// Only of this entity.
    #[arg(long, value_name = "NAME")]
    entity: Option<String>,
    /// Only of this scope; otherwise of all scopes.
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,
    /// Only of this kind. May be repeated.
    #[arg(long = "kind", value_name = "NAME")]
    kinds: Vec<String>,
    /// Only with this tag. May be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Nothing before this position.
    #[arg(long, value_name = "POSITION")]
    from: Option<u64>,
    /// Nothing after this position.
    #[arg(long, value_name = "POSITION")]
    to: Option<u64>,
    /// At most so many events.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Newest first.
    #[arg(long, conflicts_with = "follow")]
    reverse: bool,
    /// Goes on with events as they are added, until interrupted.
    #[arg(long, conflicts_with = "as_known_to")]
    follow: bool,
    /// Only what this event could have known: its causes, what its decision read, and all that those rest on.
    #[arg(long, value_name = "EVENT")]
    as_known_to: Option<String>,
    /// Shows the system's own events too.
    #[arg(long)]
    system: bool,
}

impl Read {
    /// Reads from the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let query = self.query()?;
        let reader = opening::for_reading(dir)?;
        let mut left = self.limit.unwrap_or(u64::MAX);
        let from = Position::new(self.from.unwrap_or(0));
        let to = Position::new(self.to.unwrap_or(u64::MAX));
        let mut read = batpak::Read::query(query.clone()).from(from).to(to).limit(left);
        if self.reverse {
            read = read.backward();
        }
        if let Some(event) = &self.as_known_to {
            let graph = reader.graph()?;
            let event = naming::event(&graph, "--as-known-to", event)?;
            let read = read.within(Arc::new(graph.past(event)));
            return show(graph.view(), read, &mut left, out);
        }
        let view = reader.view();
        show(&view, read, &mut left, out)?;
        if self.follow { follow(&reader, &query, view.position().next().max(from), to, &mut left, out) } else { Ok(()) }
    }

    /// The query and the options, which must all hold.
    fn query(&self) -> Result<Query, CliError> {
        let mut query = match &self.query {
            Some(text) => parse("QUERY", text)?,
            None => Query::all(),
        };
        let mut narrow =
            |option: &str, field: Field, pattern: &str| narrowed(&mut query, option, &term(option, field, pattern)?);
        if let Some(scope) = &self.scope {
            narrow("--scope", Field::Scope, scope)?;
        }
        if let Some(entity) = &self.entity {
            narrow("--entity", Field::Entity, entity)?;
        }
        for tag in &self.tags {
            narrow("--tag", Field::Tag, tag)?;
        }
        if !self.kinds.is_empty() {
            let mut any = Query::none();
            for kind in &self.kinds {
                any = any.or(term("--kind", Field::Kind, kind)?);
            }
            narrowed(&mut query, "--kind", &any)?;
        }
        Ok(if self.system { query.system(true) } else { query })
    }
}

fn parse(option: &str, text: &str) -> Result<Query, CliError> {
    Query::parse(text).map_err(|error| CliError::argument(option, &error))
}

fn narrowed(query: &mut Query, option: &str, other: &Query) -> Result<(), CliError> {
    let whole = std::mem::take(query);
    *query = whole.and(other).map_err(|error| CliError::argument(option, &error))?;
    Ok(())
}

/// One condition: a name, or a pattern as in a query.
fn term(option: &str, field: Field, text: &str) -> Result<Query, CliError> {
    let pattern = if let Some(text) = text.strip_prefix("prefix:") {
        Pattern::prefix(text)
    } else if let Some(text) = text.strip_prefix("glob:") {
        Pattern::glob(text)
    } else if let Some(text) = text.strip_prefix("regex:") {
        Pattern::regex(text).map_err(|error| CliError::argument(option, &error.into()))?
    } else {
        Pattern::exact(text.strip_prefix("exact:").unwrap_or(text))
    };
    if pattern.text().is_empty() {
        return Err(CliError::usage(format!("{option}: the name is empty")).help("leave the option out to mean all"));
    }
    Ok(Query::from(QueryItem { terms: vec![Term { field, pattern }], system: false }))
}

/// Shows what the view has of it.
fn show(view: &View, read: batpak::Read, left: &mut u64, out: &mut Out) -> Result<(), CliError> {
    let mut scan = view.read(read);
    while let Some(found) = scan.next_ref() {
        event::any(out, &found?)?;
        *left = left.saturating_sub(1);
    }
    Ok(())
}

/// Shows what is added, as it becomes durable.
fn follow(
    reader: &JournalReader,
    query: &Query,
    from: Position,
    to: Position,
    left: &mut u64,
    out: &mut Out,
) -> Result<(), CliError> {
    let mut next = from;
    while *left > 0 && next <= to {
        out.flush()?;
        reader.wait_for(next, FOLLOW_WAIT)?;
        let view = reader.view();
        if view.position() < next {
            continue;
        }
        show(&view, batpak::Read::query(query.clone()).from(next).to(to).limit(*left), left, out)?;
        next = view.position().next();
    }
    Ok(())
}
