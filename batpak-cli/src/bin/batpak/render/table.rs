//! Tables for people, in bounded memory however many rows there are.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, Width};

use crate::exit::CliError;
use crate::render::Out;
use crate::render::style::STRONG;

/// Rows that are laid out together. Later ones keep the widths of earlier ones, and widen them if they must.
const ROWS_TOGETHER: usize = 1000;

/// A column: its name, and whether it holds numbers, which stand to the right.
pub type Column = (&'static str, bool);

/// A table that is written as it grows.
pub struct Table {
    columns: &'static [Column],
    rows: Vec<Vec<String>>,
    widths: Vec<u16>,
    header_due: bool,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &'static [Column]) -> Self {
        Self { columns, rows: Vec::new(), widths: Vec::new(), header_due: true }
    }

    /// A table whose columns need no names.
    pub fn without_header(columns: &'static [Column]) -> Self {
        Self { header_due: false, ..Self::new(columns) }
    }

    /// Adds a row, and writes some of them if there are many.
    pub fn row(&mut self, out: &mut Out, row: Vec<String>) -> Result<(), CliError> {
        self.rows.push(row);
        if self.rows.len() >= ROWS_TOGETHER { self.write(out) } else { Ok(()) }
    }

    /// Writes what is left.
    pub fn finish(mut self, out: &mut Out) -> Result<(), CliError> {
        if self.header_due || !self.rows.is_empty() { self.write(out) } else { Ok(()) }
    }

    fn write(&mut self, out: &mut Out) -> Result<(), CliError> {
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        table.set_header(self.columns.iter().map(|(name, _)| Cell::new(name)));
        table.add_rows(self.rows.drain(..));
        for (index, (_, number)) in self.columns.iter().enumerate() {
            let Some(column) = table.column_mut(index) else { continue };
            let left_padding = if index == 0 { 0 } else { 1 };
            column.set_padding((left_padding, 1));
            if *number {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if let Some(width) = self.widths.get(index) {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(*width)));
            }
        }
        let padding = |index: usize| if index == 0 { 1 } else { 2 };
        let found = table.column_max_content_widths().into_iter().enumerate();
        self.widths = found
            .map(|(index, width)| {
                self.widths.get(index).copied().unwrap_or(0).max(width.saturating_add(padding(index)))
            })
            .collect();
        let mut lines = table.lines();
        let header = lines.next();
        if let Some(header) = header.filter(|_| self.header_due) {
            let header = out.styled(STRONG, header.trim_end());
            out.line(header)?;
        }
        self.header_due = false;
        lines.try_for_each(|line| out.line(line.trim_end()))
    }
}
