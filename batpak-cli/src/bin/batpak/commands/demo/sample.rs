//! The bundled sample: real events of loan applications.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Parser;
use flate2::read::GzDecoder;

use crate::args::{Args, Command};
use crate::commands::import::Import;
use crate::exit::{CliError, Exit};

/// See `data/README.md` for where it comes from.
const SAMPLE: &[u8] = include_bytes!("../../../../../data/loans-sample.ndjson.gz");
/// What stands for the sample in event ids, wherever it is read from.
const SOURCE_NAME: &str = "loans-sample.ndjson";

/// Writes the sample into a folder, as a user would have it.
pub fn write(folder: &Path) -> io::Result<PathBuf> {
    let file = folder.join("loans-sample.ndjson.gz");
    fs::write(&file, SAMPLE)?;
    Ok(file)
}

/// The lines of the sample, each with its end.
pub fn lines() -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    GzDecoder::new(SAMPLE).read_to_end(&mut text)?;
    Ok(text)
}

/// The command line that imports the sample from a file, or from `-`.
pub fn command_line(file: &Path, scope: &str, batch_events: usize) -> Vec<std::ffi::OsString> {
    let mut line = vec![
        "import".into(),
        file.as_os_str().to_owned(),
        "--scope".into(),
        scope.into(),
        "--batch".into(),
        batch_events.to_string().into(),
    ];
    let fields = [
        "--source-name",
        SOURCE_NAME,
        "--entity",
        "/case",
        "--kind",
        "/activity",
        "--time",
        "/time",
        "--tag",
        "resource=/resource",
    ];
    line.extend(fields.map(Into::into));
    line
}

/// The import of the sample from a file.
pub fn import(file: &Path, scope: &str, batch_events: usize) -> Result<Import, CliError> {
    let line = std::iter::once("batpak".into()).chain(command_line(file, scope, batch_events));
    match Args::try_parse_from(line) {
        Ok(Args { command: Command::Import(import), .. }) => Ok(*import),
        _ => Err(CliError::new(
            Exit::Usage,
            "the demonstration's own command line makes no sense; this is a defect of batpak",
        )
        .help("please report it")),
    }
}
