//! JSON values as text: nothing is decoded that nobody asks for, and numbers keep their digits.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The members of an object in their order, or the elements of a list. Any other value has neither.
#[derive(Debug)]
pub enum Parts<'a> {
    /// Of an object.
    Members(Vec<(Cow<'a, str>, &'a RawValue)>),
    /// Of a list.
    Elements(Vec<&'a RawValue>),
    /// The value is a string, a number, true, false or null.
    Scalar,
}

impl<'a> Parts<'a> {
    /// Parses one level. The whole text must be one JSON value.
    pub fn of(text: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(text)
    }

    /// The member or element with this name. Of members with the same name, the last one counts.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        match self {
            Self::Members(members) => members.iter().rev().find(|(member, _)| member == name).map(|(_, value)| *value),
            Self::Elements(elements) => {
                let canonical = name == "0" || !name.starts_with('0');
                let index: usize = name.parse().ok().filter(|_| canonical && !name.starts_with('+'))?;
                elements.get(index).copied()
            }
            Self::Scalar => None,
        }
    }
}

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some(Name(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Parts::Members(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Parts::Elements(elements))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Parts::Scalar)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Parts::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Parts::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Parts::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Parts::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Parts::Scalar)
    }
}

/// The name of a member: borrowed unless it holds escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Name)
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    struct TextVisitor;
    impl<'de> Visitor<'de> for TextVisitor {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }
    }
    deserializer.deserialize_str(TextVisitor)
}

/// A scalar as text: a string without its quotes, a number with its digits as written, `true` or `false`. Null is
/// `Ok(None)`, a list or an object is an error.
pub fn scalar(value: &RawValue) -> Result<Option<Cow<'_, str>>, &'static str> {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'"') => match text(&mut serde_json::Deserializer::from_str(raw)) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err("is a string with a broken escape"),
        },
        Some(b'n') => Ok(None),
        Some(b'[') => Err("is a list"),
        Some(b'{') => Err("is an object"),
        _ => Ok(Some(Cow::Borrowed(raw))),
    }
}

/// Whether the text is one JSON value.
pub fn check(text: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<IgnoredAny>(text).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn scalars_keep_their_text() {
        let shown = |text: &str| scalar(&raw(text)).map(|text| text.map(Cow::into_owned));
        for (text, expected) in [
            (r#""a\u00e9\n""#, "aé\n"),
            ("1.00", "1.00"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("true", "true"),
        ] {
            assert_eq!(shown(text), Ok(Some(expected.to_owned())));
        }
        assert_eq!(shown("null"), Ok(None));
        assert_eq!(shown("[1]"), Err("is a list"));
        assert_eq!(shown("{}"), Err("is an object"));
    }

    #[test]
    fn members_and_elements_are_found() {
        let parts = Parts::of(br#" {"a":1,"b":[1,2],"a":{"x":null},"\u0063":3} "#).unwrap();
        let get = |name| parts.get(name).map(RawValue::get);
        assert_eq!((get("a"), get("b"), get("c"), get("d")), (Some(r#"{"x":null}"#), Some("[1,2]"), Some("3"), None));
        let parts = Parts::of(b"[10,20]").unwrap();
        let get = |name| parts.get(name).map(RawValue::get);
        assert_eq!(
            (get("0"), get("1"), get("2"), get("01"), get("+1"), get("-")),
            (Some("10"), Some("20"), None, None, None, None)
        );
    }

    #[test]
    fn what_is_no_json_is_refused_also_deep_inside() {
        for text in ["", "{", r#"{"a":}"#, r#"{"a":[1,}"#, "1 2", r#"{"a":1}x"#, "nul"] {
            assert!(Parts::of(text.as_bytes()).is_err(), "{text}");
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        // Either answer is fine; the stack must survive.
        Parts::of(deep.as_bytes()).ok();
        check(deep.as_bytes()).ok();
    }
}
