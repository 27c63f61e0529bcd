//! Patterns: how the text of a name is recognised.

use smol_str::SmolStr;

use super::Regex;
use crate::error::ParseError;
use crate::kind::is_system_kind;

pub(crate) const EXACT: &str = "exact:";
pub(crate) const PREFIX: &str = "prefix:";
pub(crate) const GLOB: &str = "glob:";
pub(crate) const REGEX: &str = "regex:";

/// What a name must look like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// This name and no other.
    Exact(SmolStr),
    /// Names that start with this text.
    Prefix(SmolStr),
    /// Names of this shape: `*` stands for any text, `?` for one character, everything else for itself.
    Glob(SmolStr),
    /// Names in which this regular expression is found.
    Regex(Regex),
}

impl Pattern {
    /// This name and no other.
    pub fn exact(text: impl AsRef<str>) -> Self {
        Self::Exact(SmolStr::new(text))
    }

    /// Names that start with this text.
    pub fn prefix(text: impl AsRef<str>) -> Self {
        Self::Prefix(SmolStr::new(text))
    }

    /// Names of this shape: `*` stands for any text, `?` for one character.
    pub fn glob(text: impl AsRef<str>) -> Self {
        Self::Glob(SmolStr::new(text))
    }

    /// Names in which this regular expression is found, anywhere unless it says `^` or `$`: see [`Regex`].
    ///
    /// # Errors
    /// What is wrong with the expression, at byte 0.
    pub fn regex(text: impl AsRef<str>) -> Result<Self, ParseError> {
        Regex::new(text).map(Self::Regex)
    }

    /// Whether the name is meant.
    ///
    /// A glob costs at worst its length times the name's, in constant room.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(text) => text == name,
            Self::Prefix(text) => name.starts_with(text.as_str()),
            Self::Glob(text) => glob_matches(text, name),
            Self::Regex(regex) => regex.is_match(name),
        }
    }

    /// The text of the pattern, whatever its kind.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Prefix(text) | Self::Glob(text) => text,
            Self::Regex(regex) => regex.as_str(),
        }
    }

    /// What every name that matches starts with, as far as the pattern says so plainly; often nothing.
    #[must_use]
    pub fn literal_prefix(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Prefix(text) => text,
            Self::Glob(text) => text.split(['*', '?']).next().unwrap_or_default(),
            Self::Regex(regex) => regex.literal_prefix(),
        }
    }

    /// Whether the pattern, for a kind, can only mean the system's.
    #[must_use]
    pub fn names_system(&self) -> bool {
        is_system_kind(self.literal_prefix())
    }
}

impl<T: AsRef<str>> From<T> for Pattern {
    /// The exact pattern.
    fn from(text: T) -> Self {
        Self::exact(text)
    }
}

/// Goes back to the last `*` only: an earlier one never has to take more.
fn glob_matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    let mut last_star = None;
    loop {
        let (mut rest, mut after) = (pattern.clone(), name.clone());
        match (rest.next(), after.next()) {
            (Some('*'), _) => {
                last_star = Some((rest.clone(), name.clone()));
                pattern = rest;
                continue;
            }
            (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                (pattern, name) = (rest, after);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((rest, after)) = &mut last_star else {
            return false;
        };
        if after.next().is_none() {
            return false;
        }
        (pattern, name) = (rest.clone(), after.clone());
    }
}
