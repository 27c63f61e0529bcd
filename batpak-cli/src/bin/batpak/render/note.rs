//! Remarks and errors, on standard error. Nothing here fails: there is nowhere left to complain.

use std::fmt::Display;
use std::io::Write;

use crate::exit::CliError;
use crate::render::style::{GREEN, RED, STRONG, YELLOW};

/// A remark that is no error.
pub fn note(text: impl Display) {
    say(&STRONG.paint("note:"), text);
}

/// Something that deserves a look.
pub fn warning(text: impl Display) {
    say(&YELLOW.paint("warning:"), text);
}

/// Why the command stops, and what to do about it.
pub fn error(error: &CliError) {
    say(&RED.paint("error:"), error);
    if let Some(help) = error.help_line() {
        say(&GREEN.paint("help:"), help);
    }
}

fn say(label: &str, text: impl Display) {
    // Takes the colours out if standard error is no terminal.
    writeln!(anstream::stderr(), "{label} {text}").ok();
}
