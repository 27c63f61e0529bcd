//! `batpak kinds`: what happens, and how often.

use std::path::Path;

use clap::Args;

use crate::commands::opening;
use crate::exit::CliError;
use crate::render::number::grouped;
use crate::render::{Column, Out, Table};

const COLUMNS: &[Column] = &[("kind", false), ("events", true)];

/// Lists the kinds and how many events there are of each.
#[derive(Debug, Args)]
pub struct Kinds {
    /// Shows the system's own kinds too.
    #[arg(long)]
    system: bool,
}

impl Kinds {
    /// Lists those of the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let view = opening::for_reading(dir)?.view();
        let mut table = Table::new(COLUMNS);
        for info in view.kinds(self.system)? {
            if out.json() {
                out.object(&info)?;
            } else {
                table.row(out, vec![info.kind, grouped(info.events)])?;
            }
        }
        if out.json() { Ok(()) } else { table.finish(out) }
    }
}
