//! How far a long command has come: on a terminal only, and on standard error.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::render::number::{grouped, rate};

const REDRAWS_PER_SECOND: u8 = 10;

/// A bar with the rate, or nothing if standard error is no terminal.
pub struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Progress {
    /// Starts; `bytes_total` is the size of the input, if it is known.
    pub fn start(bytes_total: Option<u64>) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(bytes_total));
        Self { bar, started: Instant::now() }
    }

    /// The input has been read up to `bytes`, `events` were dealt with, and all up to `acknowledged` is safe on disk.
    pub fn update(&self, bytes: u64, events: u64, acknowledged: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            let rate = grouped(rate(events, self.started.elapsed()));
            bar.set_message(format!(
                "{} events, {rate}/s, acknowledged up to {}",
                grouped(events),
                grouped(acknowledged)
            ));
        }
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(bytes_total: Option<u64>) -> ProgressBar {
    let target = ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND);
    let (bar, template) = match bytes_total {
        Some(bytes) => (ProgressBar::with_draw_target(Some(bytes), target), "{bar:24} {percent:>3} %  {msg}"),
        None => (ProgressBar::with_draw_target(None, target), "{spinner} {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
