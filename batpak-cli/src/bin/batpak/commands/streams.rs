//! `batpak streams`: which streams there are.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::commands::opening;
use crate::exit::CliError;
use crate::render::number::grouped;
use crate::render::{Column, Out, Table};

const COLUMNS: &[Column] = &[("scope", false), ("entity", false), ("events", true), ("revision", true)];

/// Lists the streams, by entity.
#[derive(Debug, Args)]
pub struct Streams {
    /// Only entities that start so.
    #[arg(long, default_value = "", value_name = "TEXT", hide_default_value = true)]
    prefix: String,
    /// Only of this scope; otherwise of all scopes.
    #[arg(long, value_name = "NAME")]
    scope: Option<String>,
}

#[derive(Serialize)]
struct Stream<'a> {
    scope: &'a str,
    entity: &'a str,
    events: u64,
    revision: u64,
}

impl Streams {
    /// Lists those of the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let view = opening::for_reading(dir)?.view();
        let mut table = Table::new(COLUMNS);
        for info in view.streams(&self.prefix, self.scope.as_deref())? {
            let (scope, entity) = (info.coordinate.scope.as_str(), info.coordinate.entity.as_str());
            let (events, revision) = (info.events, info.last_revision.get());
            if out.json() {
                out.object(&Stream { scope, entity, events, revision })?;
            } else {
                table.row(out, vec![scope.to_owned(), entity.to_owned(), grouped(events), grouped(revision)])?;
            }
        }
        if out.json() { Ok(()) } else { table.finish(out) }
    }
}
