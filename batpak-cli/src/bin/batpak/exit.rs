//! How the command ends: exit codes, and errors with a line of help.

use std::io;
use std::process::ExitCode;

use batpak::store::ErrorClass;
use batpak::{CoreError, Error};

/// The exit codes, which scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something was found, or the request was refused.
    Finding = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Stored data is damaged.
    Corrupt = 3,
    /// Input or output failed.
    Io = 4,
    /// Somebody else was faster.
    Conflict = 5,
    /// It is not there.
    NotFound = 6,
    /// Another process writes.
    Locked = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why the command stops.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Whoever read standard output has gone. Not an error: nobody is left to tell.
    #[error("standard output was closed")]
    OutputClosed,
    /// The command itself has something to say.
    #[error("{message}")]
    Stop {
        /// How to leave.
        exit: Exit,
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl CliError {
    /// An error of the command itself.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Stop { exit, message: message.into(), help: None }
    }

    /// A value on the command line that breaks a rule.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A name or a query on the command line that breaks a rule, with the option that holds it.
    pub fn argument(option: &str, error: &CoreError) -> Self {
        Self::usage(format!("{option}: {error}")).help(match error {
            CoreError::Query(_) => {
                "a query is written like 'kind(order.placed) & entity(prefix:order) | tag(resource:112)'"
            }
            CoreError::ReservedKind { .. } => "choose a kind that does not start with `batpak.`",
            CoreError::BadId { .. } => "an event id is a UUID, as `batpak read --json` prints it",
            _ => "a name has 1 to 255 bytes and no control characters",
        })
    }

    /// A file that cannot be read or written.
    pub fn file(action: &str, path: &str, error: &io::Error) -> Self {
        let exit = if error.kind() == io::ErrorKind::NotFound { Exit::NotFound } else { Exit::Io };
        Self::new(exit, format!("cannot {action} `{path}`: {error}"))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Stop { help, .. } = &mut self {
            *help = Some(text.into());
        }
        self
    }

    /// How to leave.
    pub fn exit(&self) -> Exit {
        match self {
            Self::OutputClosed => Exit::Done,
            Self::Stop { exit, .. } => *exit,
            Self::Store(error) => match error {
                Error::DiskFull { .. } | Error::WriteFailed { .. } => Exit::Io,
                other => match other.class() {
                    ErrorClass::Refused => Exit::Finding,
                    ErrorClass::Retry | ErrorClass::Conflict => Exit::Conflict,
                    ErrorClass::Corrupt => Exit::Corrupt,
                    ErrorClass::Locked => Exit::Locked,
                    ErrorClass::NotFound => Exit::NotFound,
                    _ => Exit::Io,
                },
            },
        }
    }

    /// One concrete thing to do about it.
    pub fn help_line(&self) -> Option<String> {
        let text = match self {
            Self::OutputClosed => return None,
            Self::Stop { help, .. } => return help.clone(),
            Self::Store(error) => match error {
                Error::ExpectedRevision { .. } => {
                    "read the stream again, decide again, then retry with the revision found"
                }
                Error::ConditionFailed { .. } => {
                    "read the query again, decide again, then retry with `--after` the newest position"
                }
                Error::DuplicateEventId { .. } => "`batpak get POSITION` shows the event that has this id",
                Error::KeyReused { .. } => "use a new `--key` for a new command",
                Error::UnknownCause { .. } => "append the cause first; `batpak read` lists what is there",
                Error::AlreadyOpen { .. } => "reading works meanwhile: `batpak read`, `batpak stats`, `batpak verify`",
                Error::NotFound { .. } => {
                    "name the folder with --dir or BATPAK_DIR; `batpak import` and `batpak append` create it"
                }
                Error::Corrupt { .. } => {
                    "`batpak verify` lists all damage; `batpak repair` cuts it out, after copying it to a side file"
                }
                Error::Unsupported { .. } => "install the newer version of batpak",
                Error::DiskFull { .. } => "make room on the disk, then run the same command again",
                _ => "`batpak doctor` looks at the folder and its disk",
            },
        };
        Some(text.to_owned())
    }
}
