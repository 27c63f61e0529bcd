//! `batpak append`: one event.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

use batpak::limits::PAYLOAD_BYTES_MAX;
use batpak::{
    Batch, Cause, Codec, Condition, Coordinate, CoreError, Draft, Entity, EventId, Expected, IdempotencyKey, Journal,
    Kind, Position, Query, Revision, Scope, Tag,
};
use clap::Args;
use serde::Serialize;

use crate::commands::opening;
use crate::exit::{CliError, Exit};
use crate::input::json;
use crate::render::{Out, note, time};

/// Appends one event; it is safe on disk when the command returns.
#[derive(Debug, Args)]
pub struct Append {
    /// The scope of the stream.
    #[arg(long, default_value = "default", value_name = "NAME")]
    scope: String,
    /// The entity that the stream is about.
    #[arg(long, value_name = "NAME")]
    entity: String,
    /// What happened.
    #[arg(long, value_name = "NAME")]
    kind: String,
    /// The payload; `-` reads it from standard input. Without it, the payload is `null`.
    #[arg(long, value_name = "JSON|-", allow_hyphen_values = true)]
    data: Option<String>,
    /// A tag. May be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// The id of an event that caused this one. May be repeated.
    #[arg(long = "cause", value_name = "ID")]
    causes: Vec<String>,
    /// Refuses unless this is the newest revision of the stream.
    #[arg(long, value_name = "N", conflicts_with = "expect_none")]
    expect_revision: Option<u64>,
    /// Refuses unless the stream is empty.
    #[arg(long)]
    expect_none: bool,
    /// Names the command, so that appending it again changes nothing.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Refuses if an event that matches landed after the position of --after.
    #[arg(long, value_name = "QUERY")]
    fail_if_matches: Option<String>,
    /// The position up to which the matching events are known; without it, none may be there.
    #[arg(long, value_name = "POSITION", requires = "fail_if_matches")]
    after: Option<u64>,
}

/// What was appended, as one JSON object.
#[derive(Serialize)]
struct Appended<'a> {
    position: Position,
    id: EventId,
    scope: &'a str,
    entity: &'a str,
    revision: Revision,
    kind: &'a str,
    recorded_at: String,
    recorded_counter: u16,
    duplicate: bool,
}

impl Append {
    /// Appends to the store in the folder, which is created if need be.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let batch = self.batch(self.payload()?)?;
        let journal = Journal::open(dir)?;
        opening::opened(journal.store().opened());
        let receipt = journal.append(batch)?;
        journal.close()?;
        let Some(appended) = receipt.first() else { return Ok(()) };
        if receipt.duplicate {
            note::note("this command was appended before, under the same key; nothing was added");
        }
        if out.json() {
            return out.object(&Appended {
                position: appended.position,
                id: appended.id,
                scope: &self.scope,
                entity: &self.entity,
                revision: appended.revision,
                kind: &self.kind,
                recorded_at: time::micros(time::wall(receipt.recorded_at)),
                recorded_counter: receipt.recorded_at.counter,
                duplicate: receipt.duplicate,
            });
        }
        let (position, revision) = (appended.position, appended.revision);
        out.line(format_args!(
            "{} at position {position}, {}/{} at revision {revision}",
            appended.id, self.scope, self.entity
        ))
    }

    /// Everything that the command line says, checked.
    fn batch(&self, payload: Cow<'static, [u8]>) -> Result<Batch<'static>, CliError> {
        let wrong = |option: &'static str| move |error: CoreError| CliError::argument(option, &error);
        let coordinate = Coordinate {
            scope: Scope::new(&self.scope).map_err(wrong("--scope"))?,
            entity: Entity::new(&self.entity).map_err(wrong("--entity"))?,
        };
        let mut draft = Draft::new(coordinate, Kind::new(&self.kind).map_err(wrong("--kind"))?, Codec::JSON, payload);
        draft.tags = self.tags.iter().map(Tag::new).collect::<Result<_, _>>().map_err(wrong("--tag"))?;
        for cause in &self.causes {
            draft.causes.push(Cause::required(cause.parse().map_err(wrong("--cause"))?));
        }
        draft.expected = match (self.expect_none, self.expect_revision) {
            (true, _) => Expected::NoStream,
            (false, Some(revision)) => Expected::Exact(Revision::new(revision)),
            (false, None) => Expected::Any,
        };
        draft.check().map_err(|error| CliError::usage(error.to_string()))?;
        let mut batch = Batch::from(draft);
        if let Some(key) = &self.key {
            batch = batch.key(IdempotencyKey::new(key).map_err(wrong("--key"))?);
        }
        if let Some(query) = &self.fail_if_matches {
            let query = Query::parse(query).map_err(wrong("--fail-if-matches"))?;
            batch = batch.when(Condition::new(query, Position::new(self.after.unwrap_or(0))));
        }
        Ok(batch)
    }

    fn payload(&self) -> Result<Cow<'static, [u8]>, CliError> {
        let (bytes, from) = match self.data.as_deref() {
            None => return Ok(Cow::Borrowed(b"null")),
            Some("-") => (standard_input()?, "standard input"),
            Some(text) => (text.as_bytes().to_vec(), "--data"),
        };
        json::check(&bytes).map_err(|error| {
            CliError::usage(format!("{from}: this is no JSON: {error}")).help("quote it for the shell, as in --data '{\"pieces\": 2}'; text needs quotes of its own, as in '\"text\"'")
        })?;
        Ok(Cow::Owned(bytes))
    }
}

/// All of standard input, without the line end that most programs write last.
fn standard_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let limit = PAYLOAD_BYTES_MAX as u64 + 2;
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::new(Exit::Io, format!("cannot read standard input: {error}")))?;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    if bytes.len() > PAYLOAD_BYTES_MAX {
        return Err(CliError::usage(format!("standard input: a payload has at most {PAYLOAD_BYTES_MAX} bytes"))
            .help("keep large data in a file, and its name and hash in the payload"));
    }
    Ok(bytes)
}
