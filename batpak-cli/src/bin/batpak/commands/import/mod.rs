//! `batpak import`: lines of JSON become events, each exactly once.

mod bad;
mod chain;
mod compare;
mod load;
mod plan;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use batpak::Journal;
use batpak::limits::BATCH_EVENTS_MAX;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde::Serialize;

use crate::commands::import::bad::BadLines;
use crate::commands::import::chain::{Chains, Lookup};
use crate::commands::import::load::{Listener, Loader};
use crate::commands::opening;
use crate::exit::{CliError, Exit};
use crate::input::ahead::{Ahead, Item};
use crate::input::fields::Fields;
use crate::input::pointer::{Name, Pointer};
use crate::input::source::Source;
use crate::render::number::{counted, duration, grouped, rate};
use crate::render::progress::Progress;
use crate::render::{Out, note};

/// How long a slow input may keep lines waiting before they are appended as a smaller batch.
const PATIENCE: Duration = Duration::from_millis(200);

const DETAILS: &str = "\
A value that starts with `/` is a JSON pointer into the line (RFC 6901), anything else is meant as it stands.
What is absent from a line, or null, is left out; the entity, the kind, the id and the payload must be there.
A pointer to a list makes one tag, or one cause, of each element.

Event ids derive from the scope and the id in the source (--id), or else the source's name and the line number.
So a second import adds only what is new: a file that has grown, or an import that was interrupted. An event that is
there already must be the same; otherwise the line is bad, and the message names both.

--time takes RFC 3339 with an offset, or a number since 1970: below 100,000,000,000 it is seconds, else milliseconds.

--chain makes each event caused by the one before it that has the same value. The first one of this import follows the
newest event of its stream, correlation or tag, whichever --entity, --correlation or --tag take from the same pointer.
If none of them does, the events get a tag such as `chain=/case:173688`, so that the next import finds them.";

/// Imports lines of JSON, each as one event.
#[derive(Debug, Args)]
#[command(after_long_help = DETAILS)]
pub struct Import {
    /// The file, plain or gzip; `-` is standard input.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// The scope, or where it is.
    #[arg(long, default_value = "default", value_name = "NAME|/POINTER")]
    scope: Name,
    /// The entity, or where it is.
    #[arg(long, value_name = "NAME|/POINTER")]
    entity: Name,
    /// The kind, or where it is.
    #[arg(long, value_name = "NAME|/POINTER")]
    kind: Name,
    /// Where the event's own time is.
    #[arg(long, value_name = "/POINTER")]
    time: Option<Pointer>,
    /// Where the event's id in its own system is.
    #[arg(long, value_name = "/POINTER")]
    id: Option<Pointer>,
    /// Where the ids of its causes are.
    #[arg(long, value_name = "/POINTER")]
    causes: Option<Pointer>,
    /// Makes each event caused by the previous one with the same value.
    #[arg(long, value_name = "/POINTER")]
    chain: Option<Pointer>,
    /// A tag: its key, and where its value is. May be repeated.
    #[arg(long = "tag", value_name = "KEY=/POINTER", value_parser = parse_tag)]
    tags: Vec<(String, Pointer)>,
    /// Where the id of the business transaction is.
    #[arg(long, value_name = "/POINTER")]
    correlation: Option<Pointer>,
    /// Where the payload is; otherwise it is the whole line.
    #[arg(long, value_name = "/POINTER")]
    payload: Option<Pointer>,
    /// Events of one batch, which is written as a whole or not at all.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=BATCH_EVENTS_MAX as u64))]
    batch: usize,
    /// Writes bad lines to this file and goes on.
    #[arg(long, value_name = "FILE")]
    skip_bad: Option<PathBuf>,
    /// What stands for the file in event ids; otherwise its name without `.gz`.
    #[arg(long, value_name = "NAME")]
    source_name: Option<String>,
}

/// What an import came to, as one JSON object.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Events that were added.
    pub imported: u64,
    /// Events that were there already.
    pub present: u64,
    /// Lines that were skipped because something is wrong with them.
    pub bad: u64,
    /// Lines of the input.
    pub lines: u64,
    /// The newest position in the store.
    pub position: u64,
    /// How long it took.
    pub seconds: f64,
}

fn parse_tag(text: &str) -> Result<(String, Pointer), String> {
    match text.split_once('=') {
        Some((key, pointer)) => Ok((key.to_owned(), pointer.parse()?)),
        None => Err("a tag is written KEY=/POINTER, as in `resource=/resource`".to_owned()),
    }
}

impl Import {
    /// Imports into the store in the folder, which is created if need be.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let summary = self.load(dir, &mut |acknowledged| if out.json() { out.report(acknowledged) } else { Ok(()) })?;
        if out.json() {
            return out.report(&summary);
        }
        let time = Duration::from_secs_f64(summary.seconds);
        let mut text = format!("{} imported", counted(summary.imported, "event"));
        if summary.imported > 0 {
            text += &format!(" in {} ({} a second)", duration(time), grouped(rate(summary.imported, time)));
        }
        text += &format!(", {} there already, {} skipped", grouped(summary.present), counted(summary.bad, "bad line"));
        out.line(text)
    }

    /// The import itself; `listener` hears of each batch once it is safe on disk.
    pub fn load(self, dir: &Path, listener: &mut Listener<'_>) -> Result<Summary, CliError> {
        let fields = Arc::new(self.fields()?);
        fields.check().map_err(|(option, error)| CliError::argument(option, &error))?;
        let mut bad = BadLines::new(self.skip_bad.as_deref(), &self.file)?;
        let source = Source::open(&self.file)?;
        let journal = Journal::open(dir)?;
        opening::opened(journal.store().opened());
        if fields.chain_tagged
            && let Some(pointer) = &self.chain
        {
            note::note(format_args!(
                "events get a tag such as `chain={pointer}:VALUE`, so that the next import finds them; --correlation {pointer} would do as well"
            ));
        }

        let progress = Progress::start(source.bytes_total);
        let chains = Chains::new(self.lookup());
        let mut loader = Loader::new(&journal, &fields, self.batch, chains);
        let mut ahead = Ahead::start(source.reader, Arc::clone(&fields))
            .map_err(|error| CliError::new(Exit::Io, format!("cannot start a thread: {error}")))?;
        let lines = loop {
            match ahead.next(PATIENCE) {
                Ok(Some(Item::Row(row))) => {
                    if !loader.add(*row) {
                        continue;
                    }
                    loader.flush(&mut bad, listener)?;
                }
                Ok(None) => loader.flush(&mut bad, listener)?,
                Ok(Some(Item::Bad(line))) => {
                    // What stands before a bad line is kept.
                    if bad.stops() {
                        loader.flush(&mut bad, listener)?;
                    }
                    bad.take(line.number, &line.line, &line.reason)?;
                }
                Ok(Some(Item::Failed { number, error })) => {
                    loader.flush(&mut bad, listener)?;
                    return Err(CliError::new(Exit::Io, format!("cannot read line {number} of `{}`: {error}", source.label))
                        .help("what stands before that line is imported; once the input is whole, the same command goes on from there"));
                }
                Ok(Some(Item::End { lines })) => {
                    loader.flush(&mut bad, listener)?;
                    break lines;
                }
                Err(_) => {
                    return Err(CliError::new(Exit::Io, "the thread that reads the input is gone")
                        .help("run the same command again; it goes on from there"));
                }
            }
            progress.update(
                source.bytes_read.load(Ordering::Relaxed),
                loader.imported() + loader.present(),
                loader.acknowledged().get(),
            );
        };
        bad.finish()?;
        let summary = Summary {
            imported: loader.imported(),
            present: loader.present(),
            bad: bad.count(),
            lines,
            position: journal.position().get(),
            seconds: progress.elapsed().as_secs_f64(),
        };
        drop(progress);
        if self.causes.is_some() || self.chain.is_some() {
            keep_graph(&journal);
        }
        journal.close()?;
        Ok(summary)
    }

    fn fields(&self) -> Result<Fields, CliError> {
        Ok(Fields {
            scope: self.scope.clone(),
            entity: self.entity.clone(),
            kind: self.kind.clone(),
            time: self.time.clone(),
            id: self.id.clone(),
            causes: self.causes.clone(),
            chain: self.chain.clone(),
            chain_tagged: matches!(self.lookup(), Some(Lookup::ChainTag(_))),
            tags: self.tags.clone(),
            correlation: self.correlation.clone(),
            payload: self.payload.clone(),
            source_name: self.source_name()?,
        })
    }

    /// How the newest event of a chain is found in the store.
    fn lookup(&self) -> Option<Lookup> {
        let chain = self.chain.as_ref()?;
        let tag = self.tags.iter().find(|(_, pointer)| pointer == chain);
        Some(if self.entity.pointer() == Some(chain) {
            Lookup::Stream
        } else if self.correlation.as_ref() == Some(chain) {
            Lookup::Correlation
        } else if let Some((key, _)) = tag {
            Lookup::Tag(key.clone())
        } else {
            Lookup::ChainTag(chain.clone())
        })
    }

    fn source_name(&self) -> Result<String, CliError> {
        if let Some(name) = &self.source_name {
            return Ok(name.clone());
        }
        if self.file.as_os_str() == "-" {
            if self.id.is_some() {
                return Ok("-".to_owned());
            }
            return Err(CliError::usage("standard input has no name to make event ids from")
                .help("say --source-name NAME, the same one whenever the same data is imported, or --id /POINTER"));
        }
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        Ok(name.strip_suffix(".gz").unwrap_or(&name).to_owned())
    }
}

/// Who imports causes will ask for them: leaves the pieces of the graph beside the log. What is imported is safe without them.
fn keep_graph(journal: &Journal) {
    if let Err(error) = journal.graph() {
        note::warning(format_args!(
            "the pieces of the causal graph are not kept, and will be made when it is asked for: {error}"
        ));
    }
}
