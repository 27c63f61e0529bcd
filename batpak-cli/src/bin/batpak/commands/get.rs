//! `batpak get`: one event in full.

use std::path::Path;

use batpak::{EventId, Position};
use clap::Args;

use crate::commands::opening;
use crate::exit::{CliError, Exit};
use crate::render::{Out, event};

/// Shows one event in full.
#[derive(Debug, Args)]
pub struct Get {
    /// The event's id, or its position, which is all digits.
    #[arg(value_name = "ID|POSITION")]
    which: String,
}

impl Get {
    /// Looks in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let which = Which::parse(&self.which)?;
        let view = opening::for_reading(dir)?.view();
        let position = match which {
            Which::Position(position) => Some(position),
            Which::Id(id) => view.position_of(id)?,
        };
        let shown =
            match position {
                Some(position) => view.with_event(position, |event| {
                    if out.json() { event::object(out, event) } else { event::full(out, event) }
                })?,
                None => None,
            };
        shown.unwrap_or_else(|| {
            let last = view.position();
            Err(CliError::new(Exit::NotFound, format!("no event `{}` in `{}`", self.which, dir.display()))
                .help(format!("positions go from 1 to {last}; `batpak read --json` shows positions and ids")))
        })
    }
}

enum Which {
    Id(EventId),
    Position(Position),
}

impl Which {
    fn parse(text: &str) -> Result<Self, CliError> {
        if text.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(position) = text.parse()
        {
            return Ok(Self::Position(Position::new(position)));
        }
        text.parse().map(Self::Id).map_err(|error| CliError::argument("ID|POSITION", &error))
    }
}
