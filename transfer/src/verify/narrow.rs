//! From a range that differs to the row and the column.

use std::collections::BTreeMap;

use crate::verify::kept::{Kept, keep, kept};
use crate::verify::ranges::Ranges;
use crate::verify::render;
use crate::verify::report::{Counts, Difference};
use crate::verify::subject::Subject;

/// How many bytes of rows are held at once; more ranges wait for the next verification.
const HELD: usize = 16 << 20;
/// What an entry costs beside its bytes, about.
const ENTRY: usize = 160;

/// The rows of the chosen ranges of one table, both sides, by range and key.
#[derive(Debug, Default)]
pub struct Rows {
    pairs: BTreeMap<(usize, Vec<u8>), Pair>,
    held: usize,
}

/// The rows of one key, as [`keep`] leaves them.
#[derive(Debug, Default)]
struct Pair {
    source: Vec<Vec<u8>>,
    target: Vec<Vec<u8>>,
}

/// Which side a row was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The old system, re-encoded.
    Source,
    /// PostgreSQL.
    Target,
}

impl Rows {
    /// Takes a row. A row that the other side has with the very same values leaves with its twin, so that only
    /// differences stay in memory once both sides were read.
    pub fn add(&mut self, side: Side, range: usize, key: &[u8], tuple: &[u8]) {
        let row = keep(tuple);
        let place = (range, key.to_vec());
        let cost = |row: &[u8]| ENTRY + key.len() + row.len();
        let pair = self.pairs.entry(place.clone()).or_default();
        let (mine, theirs) = match side {
            Side::Source => (&mut pair.source, &mut pair.target),
            Side::Target => (&mut pair.target, &mut pair.source),
        };
        match theirs.iter().position(|other| *other == row) {
            Some(twin) => {
                self.held = self.held.saturating_sub(cost(&theirs.swap_remove(twin)));
            }
            None => {
                self.held += cost(&row);
                mine.push(row);
            }
        }
        if pair.source.is_empty() && pair.target.is_empty() {
            self.pairs.remove(&place);
        }
    }

    /// Gives up a range when too much is held, and says which: its rows must not come any more. The last one
    /// stays.
    pub fn shed(&mut self) -> Option<usize> {
        let ((first, _), (last, _)) = (self.pairs.first_key_value()?.0, self.pairs.last_key_value()?.0);
        if self.held <= HELD || first == last {
            return None;
        }
        let last = *last;
        for ((_, key), pair) in self.pairs.split_off(&(last, Vec::new())) {
            let rows = pair.source.iter().chain(&pair.target);
            let freed: usize = rows.map(|row| ENTRY + key.len() + row.len()).sum();
            self.held = self.held.saturating_sub(freed);
        }
        Some(last)
    }

    /// Counts what is left and describes the first `limit` differences in the order of their keys. `types` are the
    /// columns' types.
    pub fn differences(
        &self,
        subject: &Subject,
        types: &[String],
        limit: usize,
    ) -> (Counts, Vec<Difference>) {
        let mut counts = Counts::default();
        let mut found = Vec::new();
        let mut pairs: Vec<(&[u8], &Pair)> =
            self.pairs.iter().map(|((_, key), pair)| (key.as_slice(), pair)).collect();
        pairs.sort_unstable_by_key(|(key, _)| *key);
        for (_, pair) in pairs {
            let changed = pair.source.len().min(pair.target.len());
            counts.changed += changed as u64;
            counts.missing += (pair.source.len() - changed) as u64;
            counts.extra += (pair.target.len() - changed) as u64;
            if found.len() >= limit {
                continue;
            }
            for (source, target) in pair.source.iter().zip(&pair.target) {
                changes(subject, types, source, target, &mut found);
            }
            let key = |row: &Vec<u8>| key_text(subject, types, row);
            found.extend(pair.source[changed..].iter().map(|row| Difference::Missing { key: key(row) }));
            found.extend(pair.target[changed..].iter().map(|row| Difference::Extra { key: key(row) }));
        }
        found.truncate(limit);
        (counts, found)
    }
}

fn type_of(types: &[String], column: usize) -> &str {
    types.get(column).map_or("", String::as_str)
}

fn changes(subject: &Subject, types: &[String], source: &[u8], target: &[u8], found: &mut Vec<Difference>) {
    let key = key_text(subject, types, source);
    for (at, (column, (expected, is))) in
        subject.columns.iter().zip(kept(source).zip(kept(target))).enumerate()
    {
        if expected != is {
            let (expected, found_value) = render::pair(type_of(types, at), expected, is);
            found.push(Difference::Changed {
                key: key.clone(),
                column: (*column).to_owned(),
                expected,
                found: found_value,
            });
        }
    }
}

/// `id=…` or `opportunity_id=…, user_id=…`; without a key, every column.
fn key_text(subject: &Subject, types: &[String], row: &[u8]) -> String {
    let parts = kept(row)
        .enumerate()
        .filter(|(at, _)| subject.key.is_empty() || subject.key.contains(at))
        .map(|(at, field): (usize, Kept<'_>)| {
            let name = subject.columns.get(at).copied().unwrap_or("?");
            format!("{name}={}", render::field(type_of(types, at), field))
        });
    parts.collect::<Vec<_>>().join(", ")
}

/// Which of the differing ranges to look at: as many as hold no more than `budget` rows on both sides together,
/// but at least one.
pub fn choose(differing: &[usize], source: &Ranges, target: &Ranges, budget: u64) -> Vec<usize> {
    let mut rows = 0;
    let mut chosen = Vec::new();
    for &range in differing {
        rows += source.rows_in(range) + target.rows_in(range);
        if !chosen.is_empty() && rows > budget {
            break;
        }
        chosen.push(range);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use whimbrel_schema::model::QName;

    use super::*;

    fn tuple(id: i32, name: &str) -> Vec<u8> {
        let mut out = 2i16.to_be_bytes().to_vec();
        out.extend(4i32.to_be_bytes());
        out.extend(id.to_be_bytes());
        out.extend((name.len() as i32).to_be_bytes());
        out.extend(name.as_bytes());
        out
    }

    fn check(source: &[(i32, &str)], target: &[(i32, &str)], expect: &[Difference]) -> Counts {
        let subject = Subject {
            table: QName::new("t"),
            name: "t".to_owned(),
            columns: vec!["id", "name"],
            key: vec![0],
            collections: Vec::new(),
        };
        let types = ["integer".to_owned(), "text".to_owned()];
        let mut rows = Rows::default();
        let mut key = Vec::new();
        for (side, list) in [(Side::Source, source), (Side::Target, target)] {
            for (id, name) in list {
                let tuple = tuple(*id, name);
                let (range, _) = subject.place(&tuple, &mut key);
                rows.add(side, range, &key, &tuple);
            }
        }
        let (counts, found) = rows.differences(&subject, &types, 10);
        assert_eq!(found, expect);
        counts
    }

    fn changed(key: &str, expected: &str, found: &str) -> Difference {
        Difference::Changed {
            key: key.to_owned(),
            column: "name".to_owned(),
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        }
    }

    #[test]
    fn each_kind_of_difference_is_named() {
        assert_eq!(check(&[(1, "a"), (2, "b")], &[(2, "b"), (1, "a")], &[]), Counts::default());
        let missing = Difference::Missing { key: "id=2".to_owned() };
        assert_eq!(check(&[(1, "a"), (2, "b")], &[(1, "a")], &[missing]).missing, 1);
        let extra = Difference::Extra { key: "id=3".to_owned() };
        assert_eq!(check(&[(1, "a")], &[(1, "a"), (3, "c")], &[extra]).extra, 1);
        assert_eq!(check(&[(1, "a")], &[(1, "z")], &[changed("id=1", "a", "z")]).changed, 1);
    }

    #[test]
    fn a_doubled_row_is_extra() {
        let extra = Difference::Extra { key: "id=1".to_owned() };
        check(&[(1, "a")], &[(1, "a"), (1, "a")], &[extra]);
    }

    #[test]
    fn ranges_are_given_up_when_they_hold_too_much() {
        let mut rows = Rows::default();
        let large = "x".repeat(500);
        for id in 0..60_000_i32 {
            rows.add(Side::Source, id as usize / 10_000, &id.to_be_bytes(), &tuple(id, &large));
        }
        let mut given_up = Vec::new();
        while let Some(range) = rows.shed() {
            given_up.push(range);
        }
        assert_eq!(given_up, [5, 4, 3, 2]);
        assert_eq!(rows.pairs.len(), 20_000);
        assert!(rows.held <= HELD, "{}", rows.held);
        for id in 0..20_000_i32 {
            rows.add(Side::Target, id as usize / 10_000, &id.to_be_bytes(), &tuple(id, &large));
        }
        assert_eq!((rows.held, rows.pairs.len(), rows.shed()), (0, 0, None));
    }

    #[test]
    fn at_least_one_range_is_narrowed() {
        let mut source = Ranges::default();
        for range in [3, 3, 5, 7] {
            source.add(range, crate::digest::Digest::of(b"x"));
        }
        let target = Ranges::default();
        assert_eq!(choose(&source.differing(&target), &source, &target, 0), [3]);
        assert_eq!(choose(&source.differing(&target), &source, &target, 3), [3, 5]);
    }
}
