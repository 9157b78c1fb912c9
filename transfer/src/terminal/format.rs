//! Amounts for people.

use std::time::Duration;

use comfy_table::{Cell, CellAlignment, Table, presets};
use indicatif::{DecimalBytes, FormattedDuration, HumanCount};

use crate::progress::{Counts, Expected};

/// `1 row`, `1,234 rows`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}

/// `1,234 rows/s  12.30 MB/s`, since the amounts were `before`.
pub(super) fn speed(now: Counts, before: Counts, time: Duration) -> String {
    let seconds = time.as_secs_f64().max(0.001);
    let rows = ((now.rows - before.rows) as f64 / seconds) as u64;
    let bytes = ((now.bytes - before.bytes) as f64 / seconds) as u64;
    format!("{} rows/s, {}/s", HumanCount(rows), DecimalBytes(bytes))
}

/// `3.2 s`, `00:02:05`.
pub(super) fn duration(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        _ => FormattedDuration(time).to_string(),
    }
}

/// A table without lines.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    table
}

pub fn number(number: u64) -> Cell {
    Cell::new(HumanCount(number)).set_alignment(CellAlignment::Right)
}

/// Which share of a collection is done, between 0 and 1, if that can be known.
pub(super) fn share(expected: &Expected, done: Counts) -> Option<f64> {
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
        assert_eq!(counted(0, "row"), "0 rows");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(1_234_567, "row"), "1,234,567 rows");
        assert_eq!(duration(Duration::from_millis(340)), "0.3 s");
        assert_eq!(duration(Duration::from_secs(125)), "00:02:05");
    }

    #[test]
    fn the_share_is_of_bytes_where_they_are_known() {
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
