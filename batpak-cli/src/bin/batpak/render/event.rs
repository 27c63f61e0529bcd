//! Events: as one JSON object, as one line, and in full.

use batpak::{Cause, Codec, Edge, EventRef};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::exit::CliError;
use crate::render::{DIM, Out, STRONG, base64, head, plain, time};

/// Characters of a line that goes to a file or another program.
const WIDTH_ELSEWHERE: usize = 200;

/// An event as one JSON object. The names and the order of the fields are stable; those without a value are null, and
/// there is either `payload` or `payload_base64`.
#[derive(Serialize)]
struct Object<'a> {
    position: u64,
    id: String,
    scope: &'a str,
    entity: &'a str,
    revision: u64,
    kind: &'a str,
    version: u16,
    tags: Vec<&'a str>,
    causes: Vec<CauseObject>,
    correlation: Option<&'a str>,
    recorded_at: String,
    recorded_counter: u16,
    valid_at: Option<String>,
    codec: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_base64: Option<String>,
}

#[derive(Serialize)]
struct CauseObject {
    id: String,
    edge: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<u8>,
}

/// Writes the event as one JSON object on one line. JSON payloads stand in it as they are stored.
pub fn object(out: &mut Out, event: &EventRef<'_>) -> Result<(), CliError> {
    let one_line = Payload::of(event);
    out.object(&Object {
        position: event.position().get(),
        id: event.id().to_string(),
        scope: event.scope(),
        entity: event.entity(),
        revision: event.revision().get(),
        kind: event.kind(),
        version: event.version(),
        tags: event.tags().collect(),
        causes: event.causes().map(cause_object).collect(),
        correlation: event.correlation(),
        recorded_at: time::micros(time::wall(event.recorded_at())),
        recorded_counter: event.recorded_at().counter,
        valid_at: event.valid_at().map(time::micros),
        codec: event.codec().name(),
        payload: one_line.json(),
        payload_base64: one_line.json().is_none().then(|| base64::encode(event.payload())),
    })
}

/// Writes the event as one JSON object, if the user wants that, or else as one line.
pub fn any(out: &mut Out, event: &EventRef<'_>) -> Result<(), CliError> {
    if out.json() { object(out, event) } else { line(out, event) }
}

/// Writes the event as one line: position, time, kind, coordinate and the beginning of the payload. The time is the
/// event's own, or else when it was recorded.
pub fn line(out: &mut Out, event: &EventRef<'_>) -> Result<(), CliError> {
    let start = format!("{:>8}  {}  ", event.position(), happened_at(event));
    let middle = format!("{}  {}/{}  ", event.kind(), event.scope(), event.entity());
    let used = start.chars().count() + middle.chars().count();
    let room = out.width(WIDTH_ELSEWHERE).saturating_sub(used).max(16);
    let payload = head(event.payload(), room);
    let (start, kind) = (out.styled(DIM, start), out.styled(STRONG, event.kind()));
    let payload = out.styled(DIM, payload);
    out.line(format_args!("{start}{kind}  {}/{}  {payload}", event.scope(), event.entity()))
}

/// When the event happened: its own time, or else when it was recorded.
fn happened_at(event: &EventRef<'_>) -> String {
    time::seconds(event.valid_at().unwrap_or_else(|| time::wall(event.recorded_at())))
}

/// The event in a few words: position, time, kind, coordinate.
pub fn brief(event: &EventRef<'_>) -> String {
    let (kind, scope, entity) = (event.kind(), event.scope(), event.entity());
    format!("{:>8}  {}  {kind}  {scope}/{entity}", event.position(), happened_at(event))
}

/// The parts of an event that stand in columns: position, time, kind, stream.
pub struct Columns {
    position: u64,
    time: String,
    kind: String,
    stream: String,
}

impl Columns {
    /// The columns of an event.
    pub fn of(event: &EventRef<'_>) -> Self {
        Self {
            position: event.position().get(),
            time: happened_at(event),
            kind: event.kind().to_owned(),
            stream: format!("{}/{}", event.scope(), event.entity()),
        }
    }

    /// Characters of the widest kind and of the widest stream, within reason.
    pub fn widths(rows: &[Self]) -> (usize, usize) {
        let widest =
            |text: fn(&Self) -> &str| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0).min(40);
        (widest(|row| &row.kind), widest(|row| &row.stream))
    }

    /// Writes the columns, and a note at the end.
    pub fn write(&self, out: &mut Out, (kind, stream): (usize, usize), note: &str) -> Result<(), CliError> {
        let start = out.styled(DIM, format_args!("{:>8}  {}  ", self.position, self.time));
        let name = out.styled(STRONG, format_args!("{:kind$}", self.kind));
        let line = format!("{start}{name}  {:stream$}  {}", self.stream, out.styled(DIM, note));
        out.line(line.trim_end())
    }
}

/// Writes everything about the event, one part a line.
pub fn full(out: &mut Out, event: &EventRef<'_>) -> Result<(), CliError> {
    let mut part = |name: &str, text: String| {
        let name = out.styled(DIM, format_args!("{name:<12}"));
        out.line(format_args!("{name}{text}"))
    };
    part("position", event.position().to_string())?;
    part("id", event.id().to_string())?;
    part("kind", format!("{} (version {})", event.kind(), event.version()))?;
    part("stream", format!("{}/{} at revision {}", event.scope(), event.entity(), event.revision()))?;
    for tag in event.tags() {
        part("tag", tag.to_owned())?;
    }
    for cause in event.causes() {
        let CauseObject { id, edge, group } = cause_object(cause);
        let group = group.map(|group| format!(", group {group}")).unwrap_or_default();
        part("cause", format!("{id} ({edge}{group})"))?;
    }
    if let Some(correlation) = event.correlation() {
        part("correlation", correlation.to_owned())?;
    }
    let recorded_at = event.recorded_at();
    part("recorded at", format!("{} ({})", time::micros(time::wall(recorded_at)), recorded_at.counter))?;
    if let Some(valid_at) = event.valid_at() {
        part("valid at", time::micros(valid_at))?;
    }
    part("batch", format!("{} of {}", event.batch_index().saturating_add(1), event.batch_count()))?;
    part("codec", event.codec().name().to_owned())?;
    let text = match event.codec() {
        Codec::RAW | Codec::JSON => plain(event.payload()),
        _ => base64::encode(event.payload()),
    };
    part("payload", text)
}

fn cause_object(cause: Cause) -> CauseObject {
    let group = match cause.edge {
        Edge::Alternative { group } => Some(group),
        Edge::Required | Edge::Context => None,
    };
    CauseObject { id: cause.id.to_string(), edge: edge_name(cause.edge), group }
}

/// The name of an edge's kind in every output.
pub const fn edge_name(edge: Edge) -> &'static str {
    match edge {
        Edge::Required => "required",
        Edge::Alternative { .. } => "alternative",
        Edge::Context => "context",
    }
}

/// A payload that can stand in a line of JSON, or cannot.
enum Payload<'a> {
    Verbatim(&'a RawValue),
    Joined(Box<RawValue>),
    Other,
}

impl<'a> Payload<'a> {
    fn of(event: &EventRef<'a>) -> Self {
        Self::parse(event.codec(), event.payload())
    }

    fn parse(codec: Codec, bytes: &'a [u8]) -> Self {
        if codec != Codec::JSON {
            return Self::Other;
        }
        let Ok(value) = serde_json::from_slice::<&RawValue>(bytes) else { return Self::Other };
        if !value.get().contains(['\n', '\r']) {
            return Self::Verbatim(value);
        }
        // A raw line break in JSON stands between tokens, where a space means the same.
        let joined = value.get().replace(['\n', '\r'], " ");
        RawValue::from_string(joined).map_or(Self::Other, Self::Joined)
    }

    fn json(&self) -> Option<&RawValue> {
        match self {
            Self::Verbatim(value) => Some(value),
            Self::Joined(value) => Some(value),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(codec: Codec, bytes: &[u8]) -> Option<String> {
        Payload::parse(codec, bytes).json().map(|value| value.get().to_owned())
    }

    #[test]
    fn json_payloads_stand_as_they_are_on_one_line() {
        assert_eq!(shown(Codec::JSON, br#"{"n":1.00, "a":"x"}"#).as_deref(), Some(r#"{"n":1.00, "a":"x"}"#));
        assert_eq!(shown(Codec::JSON, b"{\n\"n\":\r\n1}").as_deref(), Some("{ \"n\":  1}"));
        assert_eq!(shown(Codec::JSON, b"{"), None);
        assert_eq!(shown(Codec::JSON, b"\"\xff\""), None);
        assert_eq!(shown(Codec::RAW, b"1"), None);
    }
}
