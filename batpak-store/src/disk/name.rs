//! The names that files of a store can have; no caller's string ever becomes part of a path.

use std::fmt;

/// A file of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileName {
    /// A log segment, `%016x.log`.
    Segment(u64),
    /// The index of a sealed segment, `%016x.idx`.
    Index(u64),
    /// An index that is being written, `%016x.idx.new`.
    Partial(u64),
    /// A piece of what somebody derived from the log (the causal graph), `%016x.graph`.
    Derived(u64),
    /// Such a piece that is being written, `%016x.graph.new`.
    DerivedPartial(u64),
    /// What `repair` cut out of a segment, `%016x.cut`.
    Side(u64),
    /// The next segment, filled ahead, `spare.new`.
    Spare,
    /// The lock file, `lock`.
    Lock,
}

impl FileName {
    /// The name that this text is, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "spare.new" => return Some(Self::Spare),
            "lock" => return Some(Self::Lock),
            _ => {}
        }
        let (number, ending) = text.split_once('.')?;
        let digits = number.len() == 16 && number.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let number = digits.then(|| u64::from_str_radix(number, 16).ok())??;
        match ending {
            "log" => Some(Self::Segment(number)),
            "idx" => Some(Self::Index(number)),
            "idx.new" => Some(Self::Partial(number)),
            "graph" => Some(Self::Derived(number)),
            "graph.new" => Some(Self::DerivedPartial(number)),
            "cut" => Some(Self::Side(number)),
            _ => None,
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Segment(number) => write!(f, "{number:016x}.log"),
            Self::Index(number) => write!(f, "{number:016x}.idx"),
            Self::Partial(number) => write!(f, "{number:016x}.idx.new"),
            Self::Derived(number) => write!(f, "{number:016x}.graph"),
            Self::DerivedPartial(number) => write!(f, "{number:016x}.graph.new"),
            Self::Side(number) => write!(f, "{number:016x}.cut"),
            Self::Spare => f.write_str("spare.new"),
            Self::Lock => f.write_str("lock"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_nothing_else_does() {
        for name in [
            FileName::Segment(0),
            FileName::Index(u64::MAX),
            FileName::Partial(7),
            FileName::Derived(8),
            FileName::DerivedPartial(9),
            FileName::Side(8),
            FileName::Spare,
            FileName::Lock,
        ] {
            assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }
        for text in [
            "",
            "../x.log",
            "0.log",
            "000000000000000G.log",
            "000000000000000A.log",
            "0000000000000001.log.bak",
            "+000000000000001.log",
        ] {
            assert_eq!(FileName::parse(text), None, "{text}");
        }
    }
}
