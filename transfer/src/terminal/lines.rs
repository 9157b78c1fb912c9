//! Plain lines for logs: every few seconds one line that says how far the transfer is.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, HumanCount};

use super::format::{counted, duration, share, speed};
use super::printable;
use super::style::WARNING;
use crate::progress::{Counts, Expected, Progress};

const EVERY: Duration = Duration::from_secs(5);

pub struct Lines {
    steps: bool,
    loads: bool,
    state: Mutex<State>,
}

struct State {
    collections: Vec<Expected>,
    counts: Vec<Counts>,
    before: Counts,
    started: Instant,
    last: Instant,
}

impl Lines {
    /// Lines for the load and for each step, or for neither; warnings always.
    pub fn new(loads: bool, steps: bool) -> Self {
        let now = Instant::now();
        let state = State {
            collections: Vec::new(),
            counts: Vec::new(),
            before: Counts::default(),
            started: now,
            last: now,
        };
        Lines { steps, loads, state: Mutex::new(state) }
    }

    fn print(&self, text: &str) {
        // A transfer goes on when its stderr is closed.
        writeln!(anstream::stderr(), "{}", printable(text, true)).ok();
    }
}

impl State {
    fn line(&self) -> String {
        let mut all = Counts::default();
        self.counts.iter().for_each(|counts| all.add(*counts));
        let time = self.started.elapsed();
        let mut text = format!(
            "{} from {}, {}; {}",
            counted(all.rows, "row"),
            counted(all.documents, "document"),
            DecimalBytes(all.bytes),
            speed(all, self.before, time),
        );
        if all.rejects > 0 {
            text.push_str(&format!("; {} rejected", HumanCount(all.rejects)));
        }
        if let Some(left) = self.left(time.as_secs_f64().max(0.001)).filter(|left| left.as_millis() >= 50) {
            text.push_str(&format!("; about {} left", duration(left)));
        }
        text
    }

    /// The time left, by bytes where they are known for every collection.
    fn left(&self, seconds: f64) -> Option<Duration> {
        let mut all = 0.0;
        let mut done = 0.0;
        let mut before = 0.0;
        for (expected, counts) in self.collections.iter().zip(&self.counts) {
            let weight = expected.bytes? as f64;
            all += weight;
            done += weight * share(expected, *counts)?;
            before += weight * share(expected, expected.done)?;
        }
        let speed = (done - before) / seconds;
        (speed > 0.0).then(|| Duration::from_secs_f64(((all - done) / speed).clamp(0.0, 1e7)))
    }
}

impl Progress for Lines {
    fn begin(&self, collections: &[Expected]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.collections = collections.to_vec();
        state.counts = collections.iter().map(|expected| expected.done).collect();
        state.before = Counts::default();
        for expected in collections {
            state.before.add(expected.done);
        }
        state.started = Instant::now();
        state.last = state.started;
    }

    fn advance(&self, collection: usize, delta: Counts) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = state.counts.get_mut(collection) {
            counts.add(delta);
        }
        if self.loads && state.last.elapsed() >= EVERY {
            state.last = Instant::now();
            let line = state.line();
            drop(state);
            self.print(&line);
        }
    }

    fn loaded(&self) {
        if self.loads {
            let line = self.state.lock().unwrap_or_else(PoisonError::into_inner).line();
            self.print(&line);
        }
    }

    fn step(&self, text: &str) {
        if self.steps {
            self.print(&printable(text, false));
        }
    }

    fn note(&self, text: &str) {
        self.print(&format!("{WARNING}warning:{WARNING:#} {}", printable(text, false)));
    }

    fn end(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        let lines = Lines::new(true, false);
        let done = Counts { documents: 10, bytes: 1_000, rows: 10, rejects: 0 };
        lines.begin(&[Expected { collection: "c".into(), documents: None, bytes: Some(10_000), done }]);
        lines.advance(0, Counts { documents: 40, bytes: 4_000, rows: 80, rejects: 2 });
        let mut state = lines.state.lock().unwrap();
        state.started = Instant::now() - Duration::from_secs(4);
        let line = state.line();
        assert!(line.starts_with("90 rows from 50 documents, 5.00 kB; "), "{line}");
        assert!(line.contains("; 2 rejected; about "), "{line}");
        // 4,000 bytes in 4 s, 5,000 to go.
        let left = state.left(4.0).unwrap();
        assert_eq!(left, Duration::from_secs(5));
        state.collections[0].bytes = None;
        assert_eq!(state.left(4.0), None);
    }
}
