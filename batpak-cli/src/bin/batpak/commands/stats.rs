//! `batpak stats`: how much is stored.

use std::path::Path;

use batpak::Stats as Numbers;
use clap::Args;
use serde::Serialize;

use crate::commands::opening;
use crate::exit::CliError;
use crate::render::number::{bytes, grouped};
use crate::render::{Column, DIM, Out, Table};

const COLUMNS: &[Column] = &[("", false), ("", true)];

/// Shows how much is stored, and the root of its Merkle tree.
#[derive(Debug, Args)]
pub struct Stats {}

#[derive(Serialize)]
struct Object<'a> {
    store: String,
    events: u64,
    streams: u64,
    kinds: u64,
    segments: u64,
    segments_sealed: u64,
    segments_unsealed: u64,
    bytes: u64,
    bytes_log: u64,
    bytes_log_sealed: u64,
    bytes_log_unsealed: u64,
    bytes_index: u64,
    bytes_index_parts: std::collections::BTreeMap<&'a str, u64>,
    unproven_events: u64,
    root: String,
}

impl Stats {
    /// Counts in the store in the folder.
    pub fn run(self, dir: &Path, out: &mut Out) -> Result<(), CliError> {
        let reader = opening::for_reading(dir)?;
        let numbers = reader.reader().stats()?;
        let kinds = reader.view().kinds(false)?.len() as u64;
        let unproven = reader.reader().unproven().map_or(0, |unproven| unproven.events);
        if out.json() { object(&numbers, kinds, unproven, out) } else { table(&numbers, kinds, out) }
    }
}

fn object(numbers: &Numbers, kinds: u64, unproven_events: u64, out: &mut Out) -> Result<(), CliError> {
    let bytes_log = numbers.bytes_log_sealed + numbers.bytes_log_unsealed;
    out.object(&Object {
        store: numbers.store.to_string(),
        events: numbers.events,
        streams: numbers.streams,
        kinds,
        segments: numbers.segments_sealed + numbers.segments_unsealed,
        segments_sealed: numbers.segments_sealed,
        segments_unsealed: numbers.segments_unsealed,
        bytes: bytes_log + numbers.bytes_index,
        bytes_log,
        bytes_log_sealed: numbers.bytes_log_sealed,
        bytes_log_unsealed: numbers.bytes_log_unsealed,
        bytes_index: numbers.bytes_index,
        bytes_index_parts: numbers.bytes_index_parts.iter().map(|(part, bytes)| (part.as_str(), *bytes)).collect(),
        unproven_events,
        root: numbers.root.to_string(),
    })
}

fn table(numbers: &Numbers, kinds: u64, out: &mut Out) -> Result<(), CliError> {
    let log = numbers.bytes_log_sealed + numbers.bytes_log_unsealed;
    let mut table = Table::without_header(COLUMNS);
    let mut row = |name: &str, value: String| table.row(out, vec![name.to_owned(), value]);
    row("events", grouped(numbers.events))?;
    row("streams", grouped(numbers.streams))?;
    row("kinds", grouped(kinds))?;
    row(
        "segments",
        format!("{} sealed, {} not", grouped(numbers.segments_sealed), grouped(numbers.segments_unsealed)),
    )?;
    row("log", bytes(log))?;
    row("index", bytes(numbers.bytes_index))?;
    for (part, size) in &numbers.bytes_index_parts {
        row(&format!("  {part}"), bytes(*size))?;
    }
    if let Some(each) = (log + numbers.bytes_index).checked_div(numbers.events) {
        row("log and index per event", bytes(each))?;
    }
    table.finish(out)?;
    let (store, root) = (out.styled(DIM, "store"), out.styled(DIM, "root "));
    out.line(format_args!("{store} {}", numbers.store))?;
    out.line(format_args!("{root} {}", numbers.root))
}
