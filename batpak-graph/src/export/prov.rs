//! W3C PROV-JSON: provenance for tools that know nothing of events.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::drawing::{Dot, Drawing, LinkKind};
use super::json::written;
use super::when;

/// The drawing as PROV-JSON (W3C member submission of 24 April 2013).
///
/// An event is an activity, of which PROV says that it occurs over time, here from its time to its time: something
/// happened. Causes are `wasInformedBy`, the relation between activities. A stream is an entity, a thing with fixed
/// aspects which activities change: each event influences its stream (`wasInfluencedBy`). That one event follows
/// another in a stream is influence as well, and no information. Streams are no agents, since nobody says that they
/// bear responsibility.
#[must_use]
pub fn prov(drawing: &Drawing) -> String {
    let (streams, of_dots) = drawing.streams();
    let names: Vec<String> = streams.iter().map(|(scope, entity)| stream_name(scope, entity)).collect();
    let entities = streams.iter().zip(&names).map(|((scope, entity), name)| {
        let entity = json!({
            "prov:label": format!("{scope}/{entity}"),
            "prov:type": qualified("batpak:Stream"),
            "batpak:scope": scope,
            "batpak:entity": entity,
        });
        (name.clone(), entity)
    });
    let activities = drawing.dots().iter().map(|dot| (event_name(dot), activity(dot)));
    let mut informed = Map::new();
    let mut influenced = Map::new();
    for (number, (dot, stream)) in drawing.dots().iter().zip(&of_dots).enumerate() {
        let stream = names.get(*stream).map(String::as_str).unwrap_or_default();
        let relation = json!({ "prov:influencee": stream, "prov:influencer": event_name(dot) });
        influenced.insert(format!("_:event{number}"), relation);
    }
    for (number, link) in drawing.links().iter().enumerate() {
        let Some((cause, effect)) = drawing.ends(link) else { continue };
        let (relations, effect_role, cause_role) = match link.kind {
            LinkKind::StreamOrder => (&mut influenced, "prov:influencee", "prov:influencer"),
            _ => (&mut informed, "prov:informed", "prov:informant"),
        };
        let mut relation = json!({
            effect_role: event_name(effect),
            cause_role: event_name(cause),
            "batpak:link": link.kind.name(),
            "batpak:count": integer(link.count),
        });
        if let (Some(group), Some(fields)) = (link.kind.group(), relation.as_object_mut()) {
            fields.insert("batpak:group".to_owned(), integer(u64::from(group)));
        }
        relations.insert(format!("_:link{number}"), relation);
    }
    let mut document = json!({ "prefix": { "batpak": "urn:batpak:" } });
    if let Some(fields) = document.as_object_mut() {
        // PROV-JSON has no empty sections.
        let sections: [(&str, Map<String, Value>); 4] = [
            ("entity", entities.collect()),
            ("activity", activities.collect()),
            ("wasInformedBy", informed),
            ("wasInfluencedBy", influenced),
        ];
        for (name, section) in sections.into_iter().filter(|(_, section)| !section.is_empty()) {
            fields.insert(name.to_owned(), Value::Object(section));
        }
    }
    written(&document)
}

fn activity(dot: &Dot) -> Value {
    let mut value = json!({
        "prov:label": dot.name(),
        "prov:type": qualified("batpak:Event"),
        "batpak:kind": dot.kind,
        "batpak:position": integer(dot.position.get()),
        "batpak:revision": integer(dot.revision),
        "batpak:count": integer(dot.count),
        "batpak:marked": dot.marked,
    });
    let Some(fields) = value.as_object_mut() else { return value };
    if let Some(time) = when::rfc3339(dot.time_us) {
        fields.insert("prov:startTime".to_owned(), json!(time));
        fields.insert("prov:endTime".to_owned(), json!(time));
    }
    if let Some(time) = when::rfc3339(dot.recorded_us) {
        fields.insert("batpak:recorded".to_owned(), json!({ "$": time, "type": "xsd:dateTime" }));
    }
    if let Some(correlation) = &dot.correlation {
        fields.insert("batpak:correlation".to_owned(), json!(correlation));
    }
    if !dot.tags.is_empty() {
        fields.insert("batpak:tag".to_owned(), json!(dot.tags));
    }
    if !dot.payload_head.is_empty() {
        fields.insert("batpak:payload".to_owned(), json!(dot.payload_head));
    }
    value
}

fn event_name(dot: &Dot) -> String {
    format!("batpak:event-{}", dot.id)
}

/// Names of streams may hold anything, qualified names may not: a hash stands for them.
fn stream_name(scope: &str, entity: &str) -> String {
    let scope_len = (scope.len() as u64).to_le_bytes();
    let digest = Sha256::new().chain_update(scope_len).chain_update(scope).chain_update(entity).finalize();
    digest.iter().take(12).fold("batpak:stream-".to_owned(), |name, byte| name + &format!("{byte:02x}"))
}

fn qualified(name: &str) -> Value {
    json!({ "$": name, "type": "prov:QUALIFIED_NAME" })
}

fn integer(number: u64) -> Value {
    json!({ "$": number.to_string(), "type": "xsd:integer" })
}
