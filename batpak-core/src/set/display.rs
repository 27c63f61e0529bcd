//! Writing sets as text that parses back to the same set.

use std::fmt::{self, Display, Write};

use super::cursor::word_len;
use super::node::{Set, SetNode};
use crate::query::{write_joined, write_text};

/// Steps that are written as signs instead of a number.
const SIGNS_MAX: u32 = 3;

/// How strongly an expression holds together, as written here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Union,
    Intersection,
    Complement,
    Range,
    Neighbours,
    Primary,
}

/// A set where at least some strength is needed: in parentheses if it has less.
struct At<'a>(Strength, &'a Set);

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(needed, set) = self;
        if set.node.strength() >= *needed { set.fmt(f) } else { write!(f, "({set})") }
    }
}

impl SetNode {
    fn strength(&self) -> Strength {
        match self {
            Self::Union(members) => match members.as_slice() {
                [] => Strength::Primary,
                [only] => only.node.strength(),
                _ => Strength::Union,
            },
            Self::Intersection(members) => match members.as_slice() {
                [] => Strength::Primary,
                [only] => only.node.strength(),
                _ => Strength::Intersection,
            },
            Self::Not(_) => Strength::Complement,
            Self::Ancestors { depth: None, .. }
            | Self::Descendants { depth: None, .. }
            | Self::Between(..)
            | Self::Range(..) => Strength::Range,
            Self::Parents { depth: 1..=SIGNS_MAX, .. } | Self::Children { depth: 1..=SIGNS_MAX, .. } => {
                Strength::Neighbours
            }
            _ => Strength::Primary,
        }
    }
}

impl fmt::Display for SetNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Strength::{Complement, Intersection, Neighbours};
        match self {
            Self::All => f.write_str("all()"),
            Self::None => f.write_str("none()"),
            Self::Head => f.write_char('@'),
            Self::Position(position) => position.fmt(f),
            Self::Id(digits) => write!(f, "id({digits})"),
            Self::Revision { scope, entity, revision } => {
                if let Some(scope) = scope {
                    write_word(f, scope.as_str())?;
                    f.write_char('/')?;
                }
                write_word(f, entity.as_str())?;
                write!(f, "@{revision}")
            }
            Self::Source { source, scope } => {
                f.write_str("source(")?;
                write_text(f, source, true)?;
                if let Some(scope) = scope {
                    f.write_str(", ")?;
                    write_text(f, scope.as_str(), false)?;
                }
                f.write_char(')')
            }
            Self::Term(term) => term.fmt(f),
            Self::System(of) => write!(f, "system({of})"),
            Self::Since(time) => write_call(f, "since", time, None),
            Self::Until(time) => write_call(f, "until", time, None),
            Self::At { place, of } => write_call(f, "at", place, Some(of)),
            Self::Joins => f.write_str("joins()"),
            Self::Forks => f.write_str("forks()"),
            Self::Dangling => f.write_str("dangling()"),
            Self::Union(members) if members.is_empty() => f.write_str("none()"),
            Self::Union(members) => {
                let members: Vec<_> = members.iter().map(|member| At(Intersection, member)).collect();
                write_joined(f, &members, " | ")
            }
            Self::Intersection(members) => write_intersection(f, members),
            Self::Not(of) => write!(f, "~{}", At(Complement, of)),
            Self::Parents { of, depth } => write_steps(f, "parents", '-', of, *depth),
            Self::Children { of, depth } => write_steps(f, "children", '+', of, *depth),
            Self::Ancestors { of, depth: None } => write!(f, "::{}", At(Neighbours, of)),
            Self::Ancestors { of, depth: Some(depth) } => write!(f, "ancestors({of}, {depth})"),
            Self::Descendants { of, depth: None } => write!(f, "{}::", At(Neighbours, of)),
            Self::Descendants { of, depth: Some(depth) } => write!(f, "descendants({of}, {depth})"),
            Self::Between(from, to) => write!(f, "{}::{}", At(Neighbours, from), At(Neighbours, to)),
            Self::Range(from, to) => write!(f, "{}..{}", At(Neighbours, from), At(Neighbours, to)),
            Self::Latest { of, count: 1 } => write!(f, "latest({of})"),
            Self::Latest { of, count } => write!(f, "latest({of}, {count})"),
            Self::Earliest { of, count: 1 } => write!(f, "earliest({of})"),
            Self::Earliest { of, count } => write!(f, "earliest({of}, {count})"),
            Self::Apply(function, of) => write!(f, "{}({of})", function.name()),
            Self::Under(relation, of) => write!(f, "{}({of})", relation.name()),
        }
    }
}

fn write_intersection(f: &mut fmt::Formatter<'_>, members: &[Set]) -> fmt::Result {
    let Some((first, rest)) = members.split_first() else { return f.write_str("all()") };
    if rest.is_empty() {
        return first.fmt(f);
    }
    At(Strength::Complement, first).fmt(f)?;
    for member in rest {
        match &member.node {
            SetNode::Not(of) => write!(f, " ~ {}", At(Strength::Complement, of))?,
            _ => write!(f, " & {}", At(Strength::Complement, member))?,
        }
    }
    Ok(())
}

fn write_steps(f: &mut fmt::Formatter<'_>, function: &str, sign: char, of: &Set, depth: u32) -> fmt::Result {
    match depth {
        1..=SIGNS_MAX => {
            At(Strength::Neighbours, of).fmt(f)?;
            (0..depth).try_for_each(|_| f.write_char(sign))
        }
        _ => write!(f, "{function}({of}, {depth})"),
    }
}

fn write_call(f: &mut fmt::Formatter<'_>, function: &str, text: &str, of: Option<&Set>) -> fmt::Result {
    write!(f, "{function}(")?;
    write_text(f, text, false)?;
    if let Some(of) = of {
        write!(f, ", {of}")?;
    }
    f.write_char(')')
}

/// A name where the rule for words of an expression holds, which is stricter than that for names in functions.
fn write_word(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if word_len(name) == name.len() { f.write_str(name) } else { write_text(f, name, true) }
}
