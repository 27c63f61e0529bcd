//! JSON pointers (RFC 6901), and names that are either said or pointed at.

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::input::json::{Parts, scalar};

/// A place in a JSON document, as in `/customer/id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    names: Vec<String>,
}

impl Pointer {
    /// The value at the place, if there is one.
    pub fn find<'a>(&self, line: &Parts<'a>) -> Option<&'a RawValue> {
        let (first, rest) = self.names.split_first()?;
        let mut value = line.get(first)?;
        for name in rest {
            value = Parts::of(value.get().as_bytes()).ok()?.get(name)?;
        }
        Some(value)
    }

    /// The scalar at the place as text, or none if nothing is there, or null.
    ///
    /// # Errors
    /// Names the place, and what is there instead.
    pub fn find_text<'a>(&self, line: &Parts<'a>) -> Result<Option<Cow<'a, str>>, String> {
        match self.find(line) {
            None => Ok(None),
            Some(value) => scalar(value).map_err(|what| format!("`{self}` {what}, not a string or a number")),
        }
    }

    /// The scalars at the place as texts: one, or those of a list, or none.
    ///
    /// # Errors
    /// As [`Pointer::find_text`], for any of them.
    pub fn find_texts<'a>(&self, line: &Parts<'a>) -> Result<Vec<Cow<'a, str>>, String> {
        let Some(value) = self.find(line) else { return Ok(Vec::new()) };
        let wrong = |what| format!("`{self}` {what}, not a string or a number, or a list of them");
        match Parts::of(value.get().as_bytes()) {
            Ok(Parts::Elements(elements)) => {
                let texts = elements
                    .into_iter()
                    .map(|element| scalar(element).map_err(|what| format!("an element of `{self}` {what}")));
                texts.filter_map(Result::transpose).collect()
            }
            _ => Ok(scalar(value).map_err(wrong)?.into_iter().collect()),
        }
    }

    /// Takes out what is at the place, if anything is.
    pub fn remove(&self, value: &mut Value) {
        let Some((last, names)) = self.names.split_last() else { return };
        let within = names.iter().try_fold(value, |value, name| match value {
            Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
            other => other.get_mut(name),
        });
        if let Some(Value::Object(fields)) = within {
            fields.remove(last);
        }
    }
}

impl FromStr for Pointer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!("a JSON pointer starts with `/`; did you mean `/{text}`?"));
        };
        let names = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        Ok(Self { text: text.to_owned(), names })
    }
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// A name that is the same for every line, or that a pointer finds in each: what starts with `/` is a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The same for every line.
    Said(String),
    /// Found in each line.
    Pointed(Pointer),
}

impl Name {
    /// The name for a line. `what` is the name's role, for the message.
    ///
    /// # Errors
    /// If the pointer finds nothing, null, a list or an object.
    pub fn of<'a>(&'a self, line: &Parts<'a>, what: &str) -> Result<Cow<'a, str>, String> {
        match self {
            Self::Said(text) => Ok(Cow::Borrowed(text)),
            Self::Pointed(pointer) => {
                pointer.find_text(line)?.ok_or_else(|| format!("there is nothing at `{pointer}` for the {what}"))
            }
        }
    }

    /// The pointer, if it is one.
    pub const fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Said(_) => None,
            Self::Pointed(pointer) => Some(pointer),
        }
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('/') { text.parse().map(Self::Pointed) } else { Ok(Self::Said(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pointer: &str, line: &str) -> Result<Vec<String>, String> {
        let pointer: Pointer = pointer.parse().unwrap();
        pointer
            .find_texts(&Parts::of(line.as_bytes()).unwrap())
            .map(|texts| texts.into_iter().map(Cow::into_owned).collect())
    }

    /// The document of RFC 6901, section 5.
    #[test]
    fn follows_the_examples_of_the_rfc() {
        let line = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
        let expected = [
            ("/foo/0", "bar"),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ];
        for (pointer, text) in expected {
            assert_eq!(texts(pointer, line), Ok(vec![text.to_owned()]), "{pointer}");
        }
        assert_eq!(texts("/foo", line), Ok(vec!["bar".to_owned(), "baz".to_owned()]));
        assert_eq!(texts("/foo/2", line), Ok(Vec::new()));
        assert_eq!(texts("/a~1b/c", line), Ok(Vec::new()));
    }

    #[test]
    fn lists_and_objects_are_no_names() {
        let line = r#"{"o":{"p":[[1]]},"n":null}"#;
        let text = |pointer: &str| {
            pointer
                .parse::<Pointer>()
                .unwrap()
                .find_text(&Parts::of(line.as_bytes()).unwrap())
                .map(|text| text.is_some())
        };
        assert_eq!(text("/n"), Ok(false));
        assert!(text("/o").unwrap_err().contains("is an object"));
        assert!(text("/o/p").unwrap_err().contains("is a list"));
        assert!(texts("/o/p", line).unwrap_err().contains("an element of `/o/p` is a list"));
        assert!("case".parse::<Pointer>().unwrap_err().contains("did you mean `/case`"));
    }
}
