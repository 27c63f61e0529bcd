//! Writing queries as text that parses back to the same query.

use std::fmt::{self, Write};

use super::{EXACT, GLOB, PREFIX, Pattern, Query, QueryItem, REGEX, Term};
use crate::set::is_bare;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.items.is_empty() {
            return f.write_str("none()");
        }
        write_joined(f, &self.items, " | ")
    }
}

impl fmt::Display for QueryItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.system {
            f.write_str("system(")?;
        }
        if self.terms.is_empty() {
            f.write_str("all()")?;
        }
        write_joined(f, &self.terms, " & ")?;
        if self.system {
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.field.name(), self.pattern)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) => {
                let looks_like_kind = [EXACT, GLOB, PREFIX, REGEX].iter().any(|kind| text.starts_with(kind));
                write_text(f, text, looks_like_kind)
            }
            Self::Prefix(text) => {
                f.write_str(PREFIX)?;
                write_text(f, text, false)
            }
            Self::Glob(text) => {
                f.write_str(GLOB)?;
                write_text(f, text, false)
            }
            Self::Regex(regex) => {
                f.write_str(REGEX)?;
                write_text(f, regex.as_str(), false)
            }
        }
    }
}

/// Writes text that is read where a word or a string may stand: bare if it can be, and is not asked to be quoted.
pub(crate) fn write_text(f: &mut fmt::Formatter<'_>, text: &str, quote: bool) -> fmt::Result {
    if !quote && !text.is_empty() && text.chars().all(is_bare) {
        return f.write_str(text);
    }
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            // No name holds one; still, what is printed must not steer a terminal.
            _ if character.is_control() => write!(f, "\\u{{{:x}}}", u32::from(character))?,
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

pub(crate) fn write_joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, parts: &[T], between: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        part.fmt(f)?;
    }
    Ok(())
}
