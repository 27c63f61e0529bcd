//! What of some rows is new, and what each event of a chain follows.

use std::collections::HashMap;

use batpak::{Cause, Draft, EventId, Position, View};

use crate::commands::import::chain::{Chains, Changes};
use crate::commands::import::compare;
use crate::exit::CliError;
use crate::input::fields::Row;

/// A row that is refused: its index, and why.
pub type Refused = (usize, String);

/// What of some rows is new, up to the first one that is refused.
pub struct Plan<'r> {
    /// The new events, with the causes that their chains add.
    pub drafts: Vec<Draft<'r>>,
    /// The line of the last new event.
    pub last_line: u64,
    /// Events that are there already.
    pub present: u64,
    /// What the chains become.
    pub changes: Changes,
    /// The row that is refused.
    pub refused: Option<Refused>,
}

/// Whether the event of a row is there already.
enum Presence {
    New,
    Same,
    Different(String),
}

impl<'r> Plan<'r> {
    /// Takes all rows as new: the store refuses the batch if one is not. So no row is looked up in vain.
    pub fn trusting(rows: &'r [Row], chains: &Chains, view: &View) -> Result<Self, CliError> {
        let mut plan = Self::with_room(rows.len());
        for row in rows {
            plan.add(row, chains, view)?;
        }
        Ok(plan)
    }

    /// Looks each row up.
    pub fn checking(rows: &'r [Row], chains: &Chains, view: &View) -> Result<Self, CliError> {
        let mut plan = Self::with_room(rows.len());
        let mut seen = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            match presence(row, &seen, chains, view)? {
                Presence::New => {
                    plan.add(row, chains, view)?;
                    seen.insert(row.id, row);
                }
                Presence::Same => {
                    plan.present = plan.present.saturating_add(1);
                    chains.pass(&mut plan.changes, row);
                }
                Presence::Different(reason) => {
                    plan.refused = Some((index, reason));
                    break;
                }
            }
        }
        Ok(plan)
    }

    fn with_room(rows: usize) -> Self {
        let drafts = Vec::with_capacity(rows);
        Self { drafts, last_line: 0, present: 0, changes: Changes::default(), refused: None }
    }

    fn add(&mut self, row: &'r Row, chains: &Chains, view: &View) -> Result<(), CliError> {
        let mut draft = row.draft();
        if let Some(before) = chains.follow(&mut self.changes, view, row)?
            && draft.causes.iter().all(|cause| cause.id != before)
        {
            draft.causes.push(Cause::required(before));
        }
        self.drafts.push(draft);
        self.last_line = row.number;
        Ok(())
    }
}

fn presence(row: &Row, seen: &HashMap<EventId, &Row>, chains: &Chains, view: &View) -> Result<Presence, CliError> {
    let (different, other) = if let Some(other) = seen.get(&row.id) {
        (compare::with_row(row, other), Other::Line(other.number))
    } else if let Some(position) = view.position_of(row.id)? {
        let different = view.with_event(position, |event| compare::with_event(row, event, chains.exist()))?;
        (different.flatten(), Other::Event(position))
    } else {
        return Ok(Presence::New);
    };
    let Some(part) = different else { return Ok(Presence::Same) };
    let other = match other {
        Other::Line(number) => format!("line {number}"),
        Other::Event(position) => format!("the event at position {position}"),
    };
    let (id, source) = (row.id, &row.source);
    Ok(Presence::Different(format!("{other} has the same id, {id} (from source id `{source}`), but another {part}")))
}

/// What has the id of a row.
enum Other {
    Line(u64),
    Event(Position),
}
