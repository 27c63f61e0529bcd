//! What may have been meant by a function that does not exist.

use crate::error::{ParseError, shortened};

const FUNCTIONS: &str = "all, none, kind, scope, entity, tag, correlation, system";

pub(super) fn unknown_function(at: usize, name: &str) -> ParseError {
    let error = ParseError::new(at, format!("unknown function `{}`", shortened(name)));
    match nearest(name) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("the functions are {FUNCTIONS}")),
    }
}

/// The function that is at most two edits away, or that the name begins.
fn nearest(name: &str) -> Option<&'static str> {
    let functions = FUNCTIONS.split(", ");
    let begun = |function: &&str| name.len() > 2 && function.starts_with(name);
    let close = |function: &str| {
        let edits = edit_distance(name, function);
        (edits <= 2 && edits < function.len() - 1).then_some((edits, function.len()))
    };
    functions.clone().find(begun).or_else(|| {
        let candidates = functions.filter_map(|function| Some((close(function)?, function)));
        candidates.min().map(|(_, function)| function)
    })
}

/// Insertions, deletions and replacements from one to the other (Levenshtein); far apart is `usize::MAX`.
fn edit_distance(from: &str, to: &str) -> usize {
    if from.len() > 2 * to.len() {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, left) in from.bytes().enumerate() {
        let mut corner = index;
        let mut before = index + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(to.bytes()) {
            let replaced = corner + usize::from(left != right);
            corner = *cell;
            before = replaced.min(corner + 1).min(before + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
