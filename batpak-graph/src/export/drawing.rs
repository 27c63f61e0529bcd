//! What is drawn: events and the links between them, without a graph or a store behind it.

use std::collections::HashSet;

use batpak_core::{EventId, Position};

/// A selection of events and the links between them, which every format starts from.
///
/// Events stand in the order of the log, each position and id once, and every link has both of its ends. The order is
/// what makes the past lie to the left, and at the bottom of a terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    title: String,
    dots: Vec<Dot>,
    links: Vec<Link>,
    /// The earliest and the latest time, which a fold's boxes do not tell.
    span_us: Option<(i64, i64)>,
    arrangement: Arrangement,
}

/// What a picture goes by from left to right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arrangement {
    /// The order of the log.
    Log,
    /// A column and a row for each box, no two in one place, and a row a stream.
    Cells(Vec<(usize, usize)>),
    /// The links alone, which may go both ways; streams mean nothing.
    Layers,
}

/// One event of a drawing, or a fold of many.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// The place of the event; of a fold, the first one's.
    pub position: Position,
    /// The id of the event; of a fold, the first one's.
    pub id: EventId,
    /// What happened.
    pub kind: String,
    /// The first half of the stream's name; empty for a fold over many.
    pub scope: String,
    /// The second half of the stream's name; empty for a fold over many.
    pub entity: String,
    /// The place in the stream; 0 for a fold.
    pub revision: u64,
    /// The business transaction.
    pub correlation: Option<String>,
    /// The tags of the event.
    pub tags: Vec<String>,
    /// Microseconds since the Unix epoch at which it happened: the caller's time if there is one, else the recorded.
    pub time_us: i64,
    /// Microseconds since the Unix epoch at which it was recorded.
    pub recorded_us: i64,
    /// The beginning of the payload as text.
    pub payload_head: String,
    /// Whether this is an event that was asked about.
    pub marked: bool,
    /// Events in this place: 1, or more for a fold.
    pub count: u64,
}

impl Dot {
    /// Whether this stands for many events.
    #[must_use]
    pub fn is_fold(&self) -> bool {
        self.count > 1
    }

    /// The kind, with the number of events before it if there are many: `17 x loan.approved`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.is_fold() { format!("{} x {}", grouped(self.count), self.kind) } else { self.kind.clone() }
    }

    /// The stream, as `scope/entity`; only one of them if a fold has only one.
    #[must_use]
    pub fn stream(&self) -> String {
        let between = if self.scope.is_empty() || self.entity.is_empty() { "" } else { "/" };
        format!("{}{between}{}", self.scope, self.entity)
    }
}

/// A line from a cause to its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link {
    /// The number of the cause among the events of the drawing.
    pub from: usize,
    /// The number of the effect.
    pub to: usize,
    /// In which way the one led to the other.
    pub kind: LinkKind,
    /// Links in this place: 1, or more between folds.
    pub count: u64,
}

/// In which way one event led to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// The effect would not have happened without it.
    Required,
    /// One of its group would have been enough.
    Alternative {
        /// The group of alternatives.
        group: u8,
    },
    /// Known, and worth a mention.
    Context,
    /// Read by the decision that the effect is.
    Observed,
    /// By events that are not in the drawing.
    Indirect,
    /// No cause: only the next event of the same stream.
    StreamOrder,
}

impl LinkKind {
    /// The name in every format.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Alternative { .. } => "alternative",
            Self::Context => "context",
            Self::Observed => "observed",
            Self::Indirect => "indirect",
            Self::StreamOrder => "stream order",
        }
    }

    /// The group, if this is an alternative.
    #[must_use]
    pub const fn group(self) -> Option<u8> {
        match self {
            Self::Alternative { group } => Some(group),
            _ => None,
        }
    }

    /// What is written beside a line where the line's style does not tell: nothing for a required cause.
    pub(crate) fn note(self) -> String {
        match self {
            Self::Required | Self::StreamOrder => String::new(),
            Self::Alternative { group } => format!("alternative {group}"),
            Self::Context | Self::Observed | Self::Indirect => self.name().to_owned(),
        }
    }
}

/// Why events and links make no drawing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawingError {
    /// Sort the events by position and take each once.
    #[error("the event at {position} does not come after the one before it")]
    Order {
        /// The position that is too low.
        position: Position,
    },
    /// Ids tell events apart in exchange formats.
    #[error("the event {id} is there twice")]
    Twice {
        /// The id.
        id: EventId,
    },
    /// A link names an event that is not in the drawing.
    #[error("a link goes from {from} to {to}, and there are {dots} events")]
    NoSuchEvent {
        /// The cause.
        from: usize,
        /// The effect.
        to: usize,
        /// The events of the drawing.
        dots: usize,
    },
    /// Causes are earlier than effects. Only folds may be linked in both directions, or with themselves.
    #[error("a link goes back from {from} to {to}")]
    Backwards {
        /// The cause.
        from: usize,
        /// The effect.
        to: usize,
    },
}

impl Drawing {
    /// Checks the order of the events and the ends of the links.
    ///
    /// # Errors
    /// What [`DrawingError`] lists.
    pub fn new(title: impl Into<String>, dots: Vec<Dot>, links: Vec<Link>) -> Result<Self, DrawingError> {
        let mut ids = HashSet::with_capacity(dots.len());
        let mut last = Position::START;
        for dot in &dots {
            if dot.position <= last {
                return Err(DrawingError::Order { position: dot.position });
            }
            if !ids.insert(dot.id) {
                return Err(DrawingError::Twice { id: dot.id });
            }
            last = dot.position;
        }
        for &Link { from, to, .. } in &links {
            let (Some(cause), Some(effect)) = (dots.get(from), dots.get(to)) else {
                return Err(DrawingError::NoSuchEvent { from, to, dots: dots.len() });
            };
            if from >= to && !(cause.is_fold() || effect.is_fold()) {
                return Err(DrawingError::Backwards { from, to });
            }
        }
        Ok(Self::trusted(title.into(), dots, links))
    }

    /// For parts of this module that keep the rules by construction.
    pub(crate) fn trusted(title: String, dots: Vec<Dot>, links: Vec<Link>) -> Self {
        let times = dots.iter().map(|dot| dot.time_us);
        let span_us = times.clone().min().zip(times.max());
        Self { title, dots, links, span_us, arrangement: Arrangement::Log }
    }

    /// What became of a larger drawing: seen in another way, over the same time.
    pub(crate) fn folded_from(self, whole: &Self, arrangement: Arrangement) -> Self {
        Self { span_us: whole.span_us, arrangement, ..self }
    }

    /// What a picture goes by.
    pub(crate) fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// What the drawing shows, in a line.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The events, in the order of the log.
    #[must_use]
    pub fn dots(&self) -> &[Dot] {
        &self.dots
    }

    /// The links, in the order they were given.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Events, those within folds counted.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.dots.iter().map(|dot| dot.count).fold(0, u64::saturating_add)
    }

    /// The earliest and the latest time, in microseconds since the Unix epoch; `None` without events.
    #[must_use]
    pub fn span_us(&self) -> Option<(i64, i64)> {
        self.span_us
    }

    /// Both ends of a link.
    pub(crate) fn ends(&self, link: &Link) -> Option<(&Dot, &Dot)> {
        Some((self.dots.get(link.from)?, self.dots.get(link.to)?))
    }

    /// The streams in the order in which they first appear, each with the numbers of its events.
    pub(crate) fn members(&self) -> Vec<((&str, &str), Vec<usize>)> {
        let (streams, of_dots) = self.streams();
        let mut members: Vec<_> = streams.into_iter().map(|stream| (stream, Vec::new())).collect();
        for (number, stream) in of_dots.into_iter().enumerate() {
            if let Some((_, members)) = members.get_mut(stream) {
                members.push(number);
            }
        }
        members
    }

    /// The streams in the order in which they first appear, and for each event the number of its stream.
    pub(crate) fn streams(&self) -> (Vec<(&str, &str)>, Vec<usize>) {
        let mut streams = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        let of_dots = self.dots.iter().map(|dot| {
            let stream = (dot.scope.as_str(), dot.entity.as_str());
            *numbers.entry(stream).or_insert_with(|| {
                streams.push(stream);
                streams.len() - 1
            })
        });
        let of_dots = of_dots.collect();
        (streams, of_dots)
    }
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
