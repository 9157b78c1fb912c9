//! Bars for a terminal: one for each collection that is being loaded.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::format::{counted, share, speed};
use super::printable;
use super::style::WARNING;
use crate::progress::{Counts, Expected, Progress};

/// How finely a bar is divided, whatever it counts.
const STEPS: u64 = 10_000;

pub struct Bars {
    screen: MultiProgress,
    verbose: bool,
    state: Mutex<State>,
}

struct State {
    bars: Vec<Bar>,
    /// What happens before and after the load.
    step: ProgressBar,
}

struct Bar {
    expected: Expected,
    counts: Counts,
    bar: ProgressBar,
    /// When the first batch of this run arrived.
    started: Option<Instant>,
}

impl Bars {
    /// Bars on stderr; with `verbose`, steps stay on the screen.
    pub fn new(verbose: bool) -> Self {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let step = screen.add(ProgressBar::new_spinner());
        step.set_style(style("{spinner} {msg}"));
        Bars { screen, verbose, state: Mutex::new(State { bars: Vec::new(), step }) }
    }
}

/// The templates are constants; one that indicatif refuses shows in its default style.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Bar {
    fn show(&self) {
        let mut text = counted(self.counts.rows, "row");
        if let Some(started) = self.started {
            let time = started.elapsed().max(Duration::from_millis(100));
            text.push_str(&format!(", {}", speed(self.counts, self.expected.done, time)));
        }
        if self.counts.rejects > 0 {
            text.push_str(&format!(", {} rejected", HumanCount(self.counts.rejects)));
        }
        self.bar.set_message(text);
        match share(&self.expected, self.counts) {
            Some(share) => self.bar.set_position((share * STEPS as f64) as u64),
            None => self.bar.tick(),
        }
    }
}

impl Progress for Bars {
    fn begin(&self, collections: &[Expected]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.step.set_message("");
        state.step.disable_steady_tick();
        let width = collections.iter().map(|expected| expected.collection.chars().count()).max().unwrap_or(0);
        state.bars = collections
            .iter()
            .map(|expected| {
                let known = share(expected, expected.done).is_some();
                let bar = self.screen.add(ProgressBar::new(STEPS));
                bar.set_style(style(if known {
                    "{prefix} {bar:24} {percent:>3}%  {msg}  {eta} left"
                } else {
                    "{prefix} {spinner} {msg}"
                }));
                bar.set_prefix(format!("{:width$}", printable(&expected.collection, false)));
                let bar = Bar { expected: expected.clone(), counts: expected.done, bar, started: None };
                bar.show();
                bar.bar.reset_eta();
                bar
            })
            .collect();
    }

    fn advance(&self, collection: usize, delta: Counts) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = state.bars.get_mut(collection) {
            bar.started.get_or_insert_with(Instant::now);
            bar.counts.add(delta);
            bar.show();
        }
    }

    fn loaded(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for bar in state.bars.drain(..) {
            bar.show();
            bar.bar.abandon();
        }
    }

    fn step(&self, text: &str) {
        if self.verbose {
            // The terminal may be gone.
            self.screen.println(printable(text, false)).ok();
        }
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.step.enable_steady_tick(Duration::from_millis(100));
        state.step.set_message(printable(text, false));
    }

    fn note(&self, text: &str) {
        self.screen.println(format!("{WARNING}warning:{WARNING:#} {}", printable(text, false))).ok();
    }

    fn end(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.step.finish_and_clear();
    }
}
