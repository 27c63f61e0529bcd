//! What the program says on standard output; a reader that has gone away is no error.

use std::fmt::Display;
use std::io::{self, Write};

pub fn say(line: impl Display) {
    // `println!` panics when a pipe such as `| head` closes early.
    let _ = writeln!(io::stdout(), "{line}");
}
