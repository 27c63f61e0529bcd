//! OpenTelemetry traces in OTLP JSON: a correlation is a trace, an event a span.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::drawing::{Dot, Drawing, Link, LinkKind};
use super::json::written;

/// `SPAN_KIND_INTERNAL` of the protocol.
const INTERNAL: u32 = 1;

/// The drawing as one `ExportTraceServiceRequest`, which the OTLP/HTTP receiver of a collector takes as it is.
///
/// The events of one correlation are one trace; an event without one joins the trace of its first required cause, if
/// that has no correlation either, and starts a trace otherwise. The first required cause within the trace is the
/// parent span; every other cause is a span link. A scope is a service. Ids are hashes of the names, the same in every
/// export. A span begins and ends at the time of its event, since an event takes none.
#[must_use]
pub fn otlp(drawing: &Drawing) -> String {
    let spans = Spans::of(drawing);
    let mut services = BTreeMap::<&str, Vec<Value>>::new();
    for (number, dot) in drawing.dots().iter().enumerate() {
        services.entry(&dot.scope).or_default().push(spans.span(number, dot));
    }
    let resources = services.into_iter().map(|(scope, spans)| {
        json!({
            "resource": { "attributes": [text("service.name", scope)] },
            "scopeSpans": [{ "scope": { "name": "batpak" }, "spans": spans }],
        })
    });
    written(&json!({ "resourceSpans": resources.collect::<Vec<_>>() }))
}

/// What a span needs to know of the others.
struct Spans {
    /// Trace and span id of each event.
    ids: Vec<(String, String)>,
    /// The link to the parent, if there is one, and the other links, each with the number of its cause.
    causes: Vec<(Option<Link>, Vec<Link>)>,
}

impl Spans {
    fn of(drawing: &Drawing) -> Self {
        let mut causes = vec![(None, Vec::new()); drawing.dots().len()];
        let mut ids = Vec::<(String, String)>::with_capacity(drawing.dots().len());
        for link in drawing.links() {
            if let Some((_, others)) = causes.get_mut(link.to) {
                others.push(*link);
            }
        }
        for (number, dot) in drawing.dots().iter().enumerate() {
            let Some((parent, links)) = causes.get_mut(number) else { continue };
            // Of folds, causes may be later ones, whose trace is not known yet: they stay links.
            let required = |link: &Link| link.kind == LinkKind::Required && link.from < number;
            let orphan = |link: &Link| drawing.dots().get(link.from).is_some_and(|cause| cause.correlation.is_none());
            let trace = match &dot.correlation {
                Some(correlation) => hashed("correlation", correlation.as_bytes(), 16),
                None => {
                    let first = links.iter().find(|link| required(link)).filter(|link| orphan(link));
                    let joined = first.and_then(|link| ids.get(link.from));
                    joined.map_or_else(|| hashed("trace", dot.id.as_bytes(), 16), |(trace, _)| trace.clone())
                }
            };
            let within = |link: &Link| ids.get(link.from).is_some_and(|(other, _)| *other == trace);
            if let Some(at) = links.iter().position(|link| required(link) && within(link)) {
                *parent = Some(links.remove(at));
            }
            ids.push((trace, hashed("span", dot.id.as_bytes(), 8)));
        }
        Self { ids, causes }
    }

    fn span(&self, number: usize, dot: &Dot) -> Value {
        let (parent, links) = self.causes.get(number).cloned().unwrap_or_default();
        let (trace, span) = self.ids.get(number).cloned().unwrap_or_default();
        let nanos = u64::try_from(dot.time_us).unwrap_or(0).saturating_mul(1000).to_string();
        let mut attributes = vec![
            text("batpak.id", &dot.id.to_string()),
            number_of("batpak.position", dot.position.get()),
            text("batpak.scope", &dot.scope),
            text("batpak.entity", &dot.entity),
            number_of("batpak.revision", dot.revision),
            json!({ "key": "batpak.recorded_us", "value": { "intValue": dot.recorded_us.to_string() } }),
        ];
        attributes.extend(dot.correlation.as_deref().map(|name| text("batpak.correlation", name)));
        if !dot.tags.is_empty() {
            let tags: Vec<Value> = dot.tags.iter().map(|tag| json!({ "stringValue": tag })).collect();
            attributes.push(json!({ "key": "batpak.tags", "value": { "arrayValue": { "values": tags } } }));
        }
        if !dot.payload_head.is_empty() {
            attributes.push(text("batpak.payload", &dot.payload_head));
        }
        if dot.marked {
            attributes.push(json!({ "key": "batpak.marked", "value": { "boolValue": true } }));
        }
        if dot.is_fold() {
            attributes.push(number_of("batpak.count", dot.count));
        }
        if let Some(parent) = parent.filter(|link| link.count > 1) {
            attributes.push(number_of("batpak.parent.count", parent.count));
        }
        let mut value = json!({
            "traceId": trace,
            "spanId": span,
            "name": dot.kind,
            "kind": INTERNAL,
            "startTimeUnixNano": nanos,
            "endTimeUnixNano": nanos,
            "attributes": attributes,
            "links": links.iter().filter_map(|link| self.link(link)).collect::<Vec<_>>(),
        });
        if let (Some((_, id)), Some(fields)) = (parent.and_then(|link| self.ids.get(link.from)), value.as_object_mut())
        {
            fields.insert("parentSpanId".to_owned(), json!(id));
        }
        value
    }

    fn link(&self, link: &Link) -> Option<Value> {
        let (trace, span) = self.ids.get(link.from)?;
        let mut attributes = vec![text("batpak.link", link.kind.name())];
        attributes.extend(link.kind.group().map(|group| number_of("batpak.group", u64::from(group))));
        if link.count > 1 {
            attributes.push(number_of("batpak.count", link.count));
        }
        Some(json!({ "traceId": trace, "spanId": span, "attributes": attributes }))
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// 64-bit numbers are texts in the JSON form of protocol buffers, and signed there.
fn number_of(key: &str, value: u64) -> Value {
    json!({ "key": key, "value": { "intValue": i64::try_from(value).unwrap_or(i64::MAX).to_string() } })
}

/// The first bytes of a hash, in hexadecimal, as OTLP wants its ids.
fn hashed(role: &str, name: &[u8], bytes: usize) -> String {
    let digest =
        Sha256::new().chain_update(b"batpak otlp\0").chain_update(role).chain_update([0]).chain_update(name).finalize();
    digest.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}
