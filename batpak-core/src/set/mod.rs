//! Sets of events as text: jj's revset grammar and operators, with names of our own.
//!
//! ```text
//! union        = intersection ("|" intersection)*
//! intersection = complement (("&" | "~") complement)*
//! complement   = "~"* range
//! range        = neighbours (("::" | "..") neighbours?)? | ("::" | "..") neighbours?
//! neighbours   = primary ("-" | "+")*
//! primary      = "(" union ")" | "@" | position | revision | call | alias
//! position     = digits
//! revision     = ((word | string) "/")? (word | string) "@" digits
//! call         = name "(" (argument ("," argument)* ","?)? ")"
//! argument     = union | pattern | text | digits                    as the function wants
//! pattern      = ("exact:" | "prefix:" | "glob:" | "regex:")? text
//! text         = bare | string
//!
//! word         = part (("." | "-"+ | "+") part)*                    part: letters, digits, "_"
//! bare         = letters, digits and _-.:/@+#=%$                    and * ? after "glob:" and the like
//! string       = "with \"escapes\"" | 'without'
//! ```
//!
//! Spaces may stand around `|`, `&`, `~`, commas and within parentheses, but not around `::`, `..`, `-`, `+` and `@`.
//! A word takes a `-`, `+` or `.` only between two letters or digits: `order-1` is a word, `1-` is the causes of 1.
//! Names with other characters (`order:1`) stand bare in a function that takes a pattern, and in quotes elsewhere.
//!
//! [`FUNCTIONS`] and [`OPERATORS`] say what there is and what it means. [`Set::to_query`] is the part of the language that
//! a store's index answers. Who evaluates the rest is not this crate's business.

mod aliases;
mod call;
mod cursor;
mod display;
mod fault;
mod functions;
mod node;
mod parse;
mod primary;
mod restrict;
mod suggest;
mod value;

pub use aliases::Aliases;
pub(crate) use cursor::is_bare;
pub use functions::{FUNCTIONS, OPERATORS, Signature};
pub use node::{Set, SetFunction, SetNode, SetRelation};

use std::str::FromStr;

use crate::error::CoreError;
use crate::limits::QUERY_BYTES_MAX;
use crate::query::too_long;
use cursor::Cursor;
use fault::Fault;
use parse::{Budget, Parser, Scope};

impl Set {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`CoreError::Query`] names the byte at which the text stops making sense, and what may have been meant. Text of
    /// more than [`QUERY_BYTES_MAX`] bytes, more than [`SET_DEPTH_MAX`](crate::SET_DEPTH_MAX) levels and more than
    /// [`SET_NODES_MAX`](crate::SET_NODES_MAX) nodes are refused.
    pub fn parse(text: &str) -> Result<Self, CoreError> {
        Self::read(text, None)
    }

    /// Reads the text form, with names that stand for expressions.
    ///
    /// # Errors
    /// As [`parse`](Self::parse). What is wrong in the definition of an alias is named at its use, with the definition;
    /// an alias that stands for itself, or for too much, is refused.
    pub fn parse_with(text: &str, aliases: &Aliases) -> Result<Self, CoreError> {
        Self::read(text, Some(aliases))
    }

    fn read(text: &str, aliases: Option<&Aliases>) -> Result<Self, CoreError> {
        if text.len() > QUERY_BYTES_MAX {
            return Err(too_long(text.len()).into());
        }
        let scope = Scope::outermost(aliases);
        let mut budget = Budget::default();
        let mut parser = Parser { cursor: Cursor::new(text, 0, 0), scope: &scope, budget: &mut budget };
        let tree = parser.whole().map_err(Fault::into_error)?;
        Ok(*tree.set)
    }
}

impl FromStr for Set {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        Self::parse(text)
    }
}
