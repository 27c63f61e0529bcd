//! The dictionary seam: within a segment a name is written once and is a number afterwards.

use std::collections::HashMap;
use std::fmt;

use smol_str::SmolStr;

use super::record::RecordRef;

/// The read side of a segment's dictionary.
///
/// `Sync`, so that a borrowed event may cross threads.
pub trait Names: Sync {
    /// The name with this number, if the dictionary has it. A number never changes its name.
    fn name(&self, number: u32) -> Option<&str>;
}

/// The write side of a segment's dictionary.
pub trait Intern {
    /// The number of `name`, given out now if it had none.
    fn intern(&mut self, name: &str) -> Interned;
}

/// What [`Intern::intern`] answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interned {
    /// The name was there already: the record holds its number.
    Known(u32),
    /// The name just took the next free number: the record holds its text, which defines it.
    New(u32),
}

/// A name as a record holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRef<'a> {
    /// An entry of the segment's dictionary.
    Number(u32),
    /// The text itself, which takes the next free number of the segment.
    Inline(&'a str),
}

impl<'a> NameRef<'a> {
    /// The text: an inline name is its own, a number is looked up.
    #[inline]
    #[must_use]
    pub fn resolve(self, names: &'a (impl Names + ?Sized)) -> Option<&'a str> {
        match self {
            Self::Inline(text) => Some(text),
            Self::Number(number) => names.name(number),
        }
    }
}

/// A dictionary in memory: names in the order of their numbers, found by text as well.
///
/// Costs about 100 bytes a name. One thread writes; a store that reads while it writes brings its own [`Names`].
#[derive(Clone, Default)]
pub struct Dictionary {
    names: Vec<SmolStr>,
    numbers: HashMap<SmolStr, u32>,
}

impl Dictionary {
    /// An empty dictionary.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many numbers are given out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no number is given out yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All names in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(SmolStr::as_str)
    }

    /// Takes over the names that `record` defines, in order: how a dictionary is rebuilt from a segment.
    ///
    /// A name defined twice takes two numbers, as it did for the writer; new records use the first.
    pub fn learn(&mut self, record: &RecordRef<'_>) {
        for name in record.definitions() {
            self.define(name);
        }
    }

    /// Forgets every number from `len` on: undoes the names of records that were not written after all.
    pub fn truncate(&mut self, len: usize) {
        for name in self.names.drain(len.min(self.names.len())..) {
            // A name that was defined twice keeps its first number.
            if self.numbers.get(&name).is_some_and(|n| *n as usize >= len) {
                self.numbers.remove(&name);
            }
        }
    }

    fn define(&mut self, name: &str) -> u32 {
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let name = SmolStr::new(name);
        self.numbers.entry(name.clone()).or_insert(number);
        self.names.push(name);
        number
    }
}

impl Names for Dictionary {
    #[inline]
    fn name(&self, number: u32) -> Option<&str> {
        self.names.get(usize::try_from(number).ok()?).map(SmolStr::as_str)
    }
}

impl Intern for Dictionary {
    fn intern(&mut self, name: &str) -> Interned {
        match self.numbers.get(name) {
            Some(number) => Interned::Known(*number),
            None => Interned::New(self.define(name)),
        }
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
