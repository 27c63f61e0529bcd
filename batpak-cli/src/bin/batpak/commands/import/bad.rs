//! Bad lines: the first one stops the import, or all of them go to a file.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::exit::{CliError, Exit};
use crate::render::note;

/// Bad lines that are told one by one.
const TOLD_MAX: u64 = 10;

/// What happens to bad lines.
pub struct BadLines {
    input: String,
    /// Where they go. The file is made when there is a first one.
    target: Option<PathBuf>,
    file: Option<BufWriter<File>>,
    count: u64,
}

impl BadLines {
    /// Bad lines go to `target`, or stop the import of `input`.
    pub fn new(target: Option<&Path>, input: &Path) -> Result<Self, CliError> {
        if let Some(path) = target
            && let (Ok(target), Ok(source)) = (fs::metadata(path), fs::metadata(input))
            && same_file(&target, &source)
        {
            return Err(CliError::usage(format!("--skip-bad: `{}` is the input itself", path.display()))
                .help("name another file; it is overwritten"));
        }
        Ok(Self { input: input.display().to_string(), target: target.map(Path::to_owned), file: None, count: 0 })
    }

    /// Whether the first bad line stops the import.
    pub const fn stops(&self) -> bool {
        self.target.is_none()
    }

    /// How many there were.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Takes a bad line.
    ///
    /// # Errors
    /// The line itself, if it stops the import; or the file cannot be written.
    pub fn take(&mut self, number: u64, line: &[u8], reason: &str) -> Result<(), CliError> {
        let Some(path) = &self.target else {
            return Err(CliError::new(Exit::Finding, format!("line {number} of `{}`: {reason}", self.input))
                .help("what stands before it is imported; mend the line and run the same command again, or add --skip-bad FILE"));
        };
        let failed = |error: io::Error| CliError::file("write", &path.display().to_string(), &error);
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(File::create(path).map_err(failed)?)),
        };
        file.write_all(line).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
        self.count = self.count.saturating_add(1);
        if self.count <= TOLD_MAX {
            note::warning(format_args!("line {number}: {reason}"));
        } else if self.count == TOLD_MAX + 1 {
            note::warning("there are more bad lines");
        }
        Ok(())
    }

    /// Writes what is left.
    pub fn finish(&mut self) -> Result<(), CliError> {
        match (&mut self.file, &self.target) {
            (Some(file), Some(path)) => {
                file.flush().map_err(|error| CliError::file("write", &path.display().to_string(), &error))
            }
            _ => Ok(()),
        }
    }
}

fn same_file(left: &Metadata, right: &Metadata) -> bool {
    left.dev() == right.dev() && left.ino() == right.ino()
}
