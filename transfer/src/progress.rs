//! Who is told how a transfer goes: bars on a terminal, plain lines elsewhere, nobody.

mod bars;
mod lines;

use std::sync::Arc;
use std::time::Duration;

pub use bars::Bars;
pub use lines::Lines;

/// Amounts that grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents read, malformed ones counted.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows written, in all tables.
    pub rows: u64,
    /// Entries made in `whimbrel.rejects`.
    pub rejects: u64,
}

impl Counts {
    /// Adds to every amount.
    pub fn add(&mut self, other: Counts) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.rows += other.rows;
        self.rejects += other.rejects;
    }
}

/// A collection that is about to be loaded.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Its name.
    pub collection: String,
    /// How many documents it has, if that is known.
    pub documents: Option<u64>,
    /// How many bytes it has, if that is known.
    pub bytes: Option<u64>,
    /// What an interrupted transfer has done already.
    pub done: Counts,
}

/// Someone who is told how a transfer goes. Called from several tasks at a time; must not block for long.
pub trait Progress: Send + Sync {
    /// Loading begins. Later calls mean a collection by its index in this list.
    fn begin(&self, collections: &[Expected]);
    /// A batch of a collection has been committed.
    fn advance(&self, collection: usize, delta: Counts);
    /// Loading has ended.
    fn loaded(&self);
    /// A step before or after the load begins: `restoring index …`.
    fn step(&self, text: &str);
    /// Something that must not scroll past: a warning.
    fn note(&self, text: &str);
    /// Nothing more comes.
    fn end(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &[Expected]) {}
    fn advance(&self, _: usize, _: Counts) {}
    fn loaded(&self) {}
    fn step(&self, _: &str) {}
    fn note(&self, _: &str) {}
    fn end(&self) {}
}

/// Bars when stderr is a terminal, plain lines otherwise; only warnings when `quiet`.
pub fn for_stderr(quiet: bool, verbose: bool) -> Arc<dyn Progress> {
    use std::io::IsTerminal;
    if quiet {
        Arc::new(Lines::warnings_only())
    } else if std::io::stderr().is_terminal() {
        Arc::new(Bars::new(verbose))
    } else {
        Arc::new(Lines::new(verbose))
    }
}

/// `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 MB`, in powers of ten.
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// `3 s`, `2 min 5 s`, `1 h 4 min`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{:.1} s", time.as_secs_f64()),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Which share of a collection is done, between 0 and 1, if that can be known.
fn share(expected: &Expected, done: Counts) -> Option<f64> {
    let of = |done: u64, all: u64| if all == 0 { 1.0 } else { (done as f64 / all as f64).min(1.0) };
    match (expected.bytes, expected.documents) {
        (Some(bytes), _) => Some(of(done.bytes, bytes)),
        (None, Some(documents)) => Some(of(done.documents, documents)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_easy_to_read() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(megabytes(999), "999 B");
        assert_eq!(megabytes(12_345_678), "12.3 MB");
        assert_eq!(megabytes(5_000_000_000), "5.00 GB");
        assert_eq!(duration(Duration::from_millis(340)), "0.3 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(duration(Duration::from_secs(3_900)), "1 h 5 min");
    }

    #[test]
    fn the_share_prefers_bytes_and_knows_ignorance() {
        let mut expected =
            Expected { collection: "c".into(), documents: Some(10), bytes: None, done: Counts::default() };
        let done = Counts { documents: 5, bytes: 30, ..Counts::default() };
        assert_eq!(share(&expected, done), Some(0.5));
        expected.bytes = Some(40);
        assert_eq!(share(&expected, done), Some(0.75));
        expected.bytes = Some(20);
        assert_eq!(share(&expected, done), Some(1.0));
        (expected.bytes, expected.documents) = (None, None);
        assert_eq!(share(&expected, done), None);
    }
}
