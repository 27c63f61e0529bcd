//! From a line to a draft: which part of a line becomes which part of an event.

use std::borrow::Cow;

use batpak::limits::CAUSES_MAX;
use batpak::{Cause, Codec, Coordinate, CoreError, Correlation, Draft, Entity, EventId, Kind, Scope, Tag};

use crate::input::json::Parts;
use crate::input::pointer::{Name, Pointer};

/// Which part of a line becomes which part of an event.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The space of the entity.
    pub scope: Name,
    /// What the stream is about.
    pub entity: Name,
    /// What happened.
    pub kind: Name,
    /// The event's own time.
    pub time: Option<Pointer>,
    /// The event's id in its own system.
    pub id: Option<Pointer>,
    /// The ids of its causes there, in the same scope.
    pub causes: Option<Pointer>,
    /// The value that links events to a chain.
    pub chain: Option<Pointer>,
    /// Whether chained events get a tag of [`chain_tag`], as nothing else of them can be looked up by that value.
    pub chain_tagged: bool,
    /// Keys of tags, and where their values are.
    pub tags: Vec<(String, Pointer)>,
    /// The business transaction.
    pub correlation: Option<Pointer>,
    /// The payload, if it is not the whole line.
    pub payload: Option<Pointer>,
    /// What stands before the line number in the ids of events without an id of their own.
    pub source_name: String,
}

/// A line that became an event.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number of the line, from 1.
    pub number: u64,
    /// The line without its end.
    pub line: Vec<u8>,
    /// The event's id, made from the scope and `source`.
    pub id: EventId,
    /// The id in its own system, or the source's name and the line number.
    pub source: String,
    /// The value that links it to a chain.
    pub chain: Option<String>,
    /// Everything else; the payload is missing if it is the whole line.
    parts: Draft<'static>,
    whole_line: bool,
}

/// A line that cannot become an event.
#[derive(Debug)]
pub struct BadLine {
    /// The number of the line, from 1.
    pub number: u64,
    /// The line without its end.
    pub line: Vec<u8>,
    /// What is wrong with it.
    pub reason: String,
}

impl Row {
    /// The event, without the cause that its chain adds.
    pub fn draft(&self) -> Draft<'_> {
        let parts = self.parts.clone();
        if self.whole_line { Draft { payload: Cow::Borrowed(&self.line), ..parts } } else { parts }
    }

    /// Everything but the payload.
    pub const fn parts(&self) -> &Draft<'static> {
        &self.parts
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        if self.whole_line { &self.line } else { &self.parts.payload }
    }
}

/// The tag of a chained event that could not be found by the chain's value otherwise: `chain=/case:173688`.
pub fn chain_tag(pointer: &Pointer, value: &str) -> Result<Tag, CoreError> {
    Tag::new(format!("chain={pointer}:{value}"))
}

impl Fields {
    /// Checks the names that are the same for every line.
    pub fn check(&self) -> Result<(), (&'static str, CoreError)> {
        if let Name::Said(scope) = &self.scope {
            Scope::new(scope).map_err(|error| ("--scope", error))?;
        }
        if let Name::Said(entity) = &self.entity {
            Entity::new(entity).map_err(|error| ("--entity", error))?;
        }
        if let Name::Said(kind) = &self.kind {
            Kind::new(kind).map_err(|error| ("--kind", error))?;
        }
        self.tags.iter().try_for_each(|(key, _)| Tag::pair(key, "").map(|_| ()).map_err(|error| ("--tag", error)))
    }

    /// Makes an event of a line. `None` is a line of white space.
    ///
    /// # Errors
    /// What is wrong with the line, and the line itself.
    pub fn row(&self, number: u64, line: Vec<u8>) -> Result<Option<Row>, BadLine> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        match self.parse(number, &line) {
            Ok(mut row) => {
                row.line = line;
                row.draft().check().map_err(|error| BadLine {
                    number,
                    line: row.line.clone(),
                    reason: error.to_string(),
                })?;
                Ok(Some(row))
            }
            Err(reason) => Err(BadLine { number, line, reason }),
        }
    }

    /// The row without its line.
    fn parse(&self, number: u64, line: &[u8]) -> Result<Row, String> {
        let parts = Parts::of(line).map_err(|error| not_json(&error))?;
        let entity = self.entity.of(&parts, "entity")?;
        let kind = self.kind.of(&parts, "kind")?;
        let scope = Scope::new(self.scope.of(&parts, "scope")?).map_err(refused)?;
        let coordinate = Coordinate { scope, entity: Entity::new(entity).map_err(refused)? };
        let kind = Kind::new(kind).map_err(refused)?;

        let source = match &self.id {
            None => format!("{}:{number}", self.source_name),
            Some(pointer) => match pointer.find_text(&parts)? {
                Some(text) => text.into_owned(),
                None => return Err(format!("there is nothing at `{pointer}` for the id")),
            },
        };
        let id = EventId::from_source(&coordinate.scope, &source);
        let causes = self.causes_of(&parts, &coordinate.scope)?;
        let chain = match &self.chain {
            Some(pointer) => pointer.find_text(&parts)?.map(Cow::into_owned),
            None => None,
        };
        if chain.is_some() && causes.len() >= CAUSES_MAX {
            return Err(format!(
                "{} causes leave no room for the previous event of the chain; {CAUSES_MAX} are possible",
                causes.len()
            ));
        }

        let mut draft = Draft::new(coordinate, kind, Codec::JSON, self.payload_of(&parts)?);
        draft.tags = self.tags_of(&parts, chain.as_deref())?;
        draft.causes = causes;
        draft.id = Some(id);
        if let Some(pointer) = &self.correlation {
            draft.correlation = pointer.find_text(&parts)?.map(Correlation::new).transpose().map_err(refused)?;
        }
        if let Some(pointer) = &self.time {
            let wrong =
                |text: &str, what| format!("`{}` at `{pointer}` {what}", text.chars().take(64).collect::<String>());
            draft.valid_at = match pointer.find_text(&parts)? {
                Some(text) => Some(batpak::time::parse(&text).map_err(|what| wrong(&text, what))?),
                None => None,
            };
        }
        draft.normalize();
        Ok(Row { number, line: Vec::new(), id, source, chain, parts: draft, whole_line: self.payload.is_none() })
    }

    /// What a line calls a cause.
    pub fn source_of_cause(&self, row: &Row, cause: EventId) -> Option<String> {
        let parts = Parts::of(&row.line).ok()?;
        let sources = self.causes.as_ref()?.find_texts(&parts).ok()?;
        let scope = &row.parts.coordinate.scope;
        sources.into_iter().find(|source| EventId::from_source(scope, source) == cause).map(Cow::into_owned)
    }

    fn causes_of(&self, parts: &Parts<'_>, scope: &Scope) -> Result<Vec<Cause>, String> {
        let Some(pointer) = &self.causes else { return Ok(Vec::new()) };
        let mut causes = Vec::new();
        for source in pointer.find_texts(parts)? {
            let cause = Cause::required(EventId::from_source(scope, &source));
            // Some systems name a cause twice; it is one cause.
            if !causes.contains(&cause) {
                causes.push(cause);
            }
            if causes.len() > CAUSES_MAX {
                return Err(format!("`{pointer}` names more than {CAUSES_MAX} causes"));
            }
        }
        Ok(causes)
    }

    fn tags_of(&self, parts: &Parts<'_>, chain: Option<&str>) -> Result<Vec<Tag>, String> {
        let mut tags = Vec::new();
        for (key, pointer) in &self.tags {
            for value in pointer.find_texts(parts)? {
                tags.push(Tag::pair(key, value).map_err(refused)?);
            }
        }
        if let (Some(pointer), Some(value), true) = (&self.chain, chain, self.chain_tagged) {
            tags.push(chain_tag(pointer, value).map_err(refused)?);
        }
        Ok(tags)
    }

    fn payload_of(&self, parts: &Parts<'_>) -> Result<Vec<u8>, String> {
        let Some(pointer) = &self.payload else { return Ok(Vec::new()) };
        match pointer.find(parts) {
            Some(value) => Ok(value.get().as_bytes().to_vec()),
            None => Err(format!("there is nothing at `{pointer}` for the payload")),
        }
    }
}

fn refused(error: CoreError) -> String {
    error.to_string()
}

/// serde_json counts lines within its input, which is one line here.
fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("this is no JSON: {what} at column {}", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        Fields {
            scope: Name::Said("git".to_owned()),
            entity: "/author".parse().unwrap(),
            kind: "/kind".parse().unwrap(),
            time: Some("/time".parse().unwrap()),
            id: Some("/commit".parse().unwrap()),
            causes: Some("/parents".parse().unwrap()),
            chain: None,
            chain_tagged: false,
            tags: vec![("lang".to_owned(), "/langs".parse().unwrap())],
            correlation: Some("/series".parse().unwrap()),
            payload: None,
            source_name: "log".to_owned(),
        }
    }

    fn row(fields: &Fields, line: &str) -> Result<Row, String> {
        fields.row(7, line.as_bytes().to_vec()).map(|row| row.expect("no blank line")).map_err(|bad| bad.reason)
    }

    #[test]
    fn a_line_becomes_an_event_and_keeps_its_bytes() {
        let line = r#" {"commit":"c1","author":"ann","kind":"commit","time":1112911993,"parents":["c0","c9","c0"],"langs":["rust","c"],"series":4.50} "#;
        let row = row(&fields(), line).unwrap();
        let scope = Scope::new("git").unwrap();
        let draft = row.draft();
        assert_eq!(draft.id, Some(EventId::from_source(&scope, "c1")));
        assert_eq!(
            draft.causes,
            [Cause::required(EventId::from_source(&scope, "c0")), Cause::required(EventId::from_source(&scope, "c9"))]
        );
        assert_eq!(draft.coordinate.to_string(), "git/ann");
        assert_eq!(draft.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["lang:c", "lang:rust"]);
        assert_eq!(draft.correlation.as_ref().map(Correlation::as_str), Some("4.50"));
        assert_eq!(draft.valid_at.map(batpak::ValidTime::micros), Some(1_112_911_993_000_000));
        assert_eq!((draft.payload.as_ref(), draft.codec), (line.as_bytes(), Codec::JSON));
    }

    #[test]
    fn what_is_absent_or_null_is_left_out() {
        let row = row(&fields(), r#"{"commit":1,"author":"ann","kind":"commit","time":null,"langs":null}"#).unwrap();
        let draft = row.draft();
        assert_eq!((draft.tags.len(), draft.causes.len(), draft.valid_at, draft.correlation), (0, 0, None, None));
    }

    #[test]
    fn without_an_id_the_line_number_counts() {
        let fields = Fields { id: None, ..fields() };
        let row = row(&fields, r#"{"author":"ann","kind":"commit"}"#).unwrap();
        assert_eq!(
            (row.source.as_str(), row.id),
            ("log:7", EventId::from_source(&Scope::new("git").unwrap(), "log:7"))
        );
    }

    #[test]
    fn a_part_of_the_line_can_be_the_payload() {
        let fields = Fields { payload: Some("/data".parse().unwrap()), ..fields() };
        let row = row(&fields, r#"{"commit":1,"author":"ann","kind":"k","data": {"n": 1.0 } }"#).unwrap();
        assert_eq!(row.draft().payload.as_ref(), br#"{"n": 1.0 }"#);
    }

    #[test]
    fn bad_lines_say_what_is_wrong() {
        let reasons = [
            (r#"{"commit":1"#, "this is no JSON: EOF while parsing an object at column 11"),
            (r#"{"commit":1,"kind":"k"}"#, "there is nothing at `/author` for the entity"),
            (r#"{"commit":1,"kind":"k","author":["a"]}"#, "`/author` is a list, not a string or a number"),
            (r#"{"author":"a","kind":"k"}"#, "there is nothing at `/commit` for the id"),
            (r#"{"commit":1,"author":"a","kind":"k","time":"noon"}"#, "`noon` at `/time` is no time"),
            (r#"{"commit":1,"author":"a","kind":"batpak.x"}"#, "reserved"),
            (r#"{"commit":1,"author":"a\n","kind":"k"}"#, "control character"),
            (r#"{"commit":1,"author":"a","kind":"k","parents":[1]}"#, "names itself as a cause"),
            (r#"{"commit":1,"author":"a","kind":"k","parents":[{}]}"#, "an element of `/parents` is an object"),
            ("\u{feff}{}", "this is no JSON: expected value at column 1"),
            ("3", "there is nothing at `/author` for the entity"),
        ];
        for (line, reason) in reasons {
            let found = row(&fields(), line).expect_err(line);
            assert!(found.contains(reason), "{found}");
        }
        assert!(fields().row(1, b" \t".to_vec()).unwrap().is_none());
    }
}
