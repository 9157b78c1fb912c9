//! From a range that differs to its rows.

use std::collections::BTreeMap;

use bson::raw::RawDocument;

use crate::reject::document_id;
use crate::verify::ranges::Ranges;
use crate::verify::report::Counts;
use crate::verify::truncated::truncate;

/// How many bytes of rows are held at once; further ranges are not drilled into.
const HELD: usize = 16 << 20;
/// What an entry costs beside its bytes, about.
const ENTRY: usize = 160;

/// The rows of the chosen ranges of one table, both sides, by range and key.
#[derive(Debug, Default)]
pub struct Rows {
    pairs: BTreeMap<(usize, Vec<u8>), Pair>,
    held: usize,
}

#[derive(Debug, Default)]
struct Pair {
    source: Vec<Row>,
    target: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    bytes: Vec<u8>,
    /// The `_id` of the source's document.
    document: Option<String>,
}

impl Row {
    fn cost(&self, key: &[u8]) -> usize {
        ENTRY + key.len() + self.bytes.len() + self.document.as_ref().map_or(0, String::len)
    }
}

#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// The old system, encoded again from this document.
    Source(&'a RawDocument),
    Target,
}

/// A key of which the two sides do not have the same rows; rows are truncated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unequal<'a> {
    /// The source has the row, PostgreSQL has not.
    Missing {
        row: &'a [u8],
        document: Option<&'a str>,
    },
    /// PostgreSQL has the row, the source has not.
    Extra {
        row: &'a [u8],
    },
    Changed {
        source: &'a [u8],
        target: &'a [u8],
        document: Option<&'a str>,
    },
}

impl Rows {
    /// Adds a row. A row that the other side has with the very same values is removed together with it, so that only
    /// differences stay in memory once both sides were read.
    pub fn add(&mut self, side: Side<'_>, range: usize, key: &[u8], tuple: &[u8]) {
        let bytes = truncate(tuple);
        let place = (range, key.to_vec());
        let pair = self.pairs.entry(place.clone()).or_default();
        let (own, other) = match side {
            Side::Source(_) => (&mut pair.source, &mut pair.target),
            Side::Target => (&mut pair.target, &mut pair.source),
        };
        match other.iter().position(|row| row.bytes == bytes) {
            Some(same) => self.held = self.held.saturating_sub(other.swap_remove(same).cost(key)),
            None => {
                let document = match side {
                    Side::Source(document) => document_id(document),
                    Side::Target => None,
                };
                let row = Row { bytes, document };
                self.held += row.cost(key);
                own.push(row);
            }
        }
        if pair.source.is_empty() && pair.target.is_empty() {
            self.pairs.remove(&place);
        }
    }

    /// Evicts a range when too much is held, and returns it: its rows must not be added any more. The last one
    /// stays.
    pub fn evict(&mut self) -> Option<usize> {
        let ((first, _), (last, _)) = (self.pairs.first_key_value()?.0, self.pairs.last_key_value()?.0);
        if self.held <= HELD || first == last {
            return None;
        }
        let last = *last;
        for ((_, key), pair) in self.pairs.split_off(&(last, Vec::new())) {
            let rows = pair.source.iter().chain(&pair.target);
            self.held = self.held.saturating_sub(rows.map(|row| row.cost(&key)).sum());
        }
        Some(last)
    }

    /// What is unequal, in the order of the keys.
    pub fn unequal(&self) -> (Counts, Vec<Unequal<'_>>) {
        let mut counts = Counts::default();
        let mut unequal = Vec::new();
        let mut pairs: Vec<(&[u8], &Pair)> =
            self.pairs.iter().map(|((_, key), pair)| (key.as_slice(), pair)).collect();
        pairs.sort_unstable_by_key(|(key, _)| *key);
        for (_, pair) in pairs {
            let changed = pair.source.len().min(pair.target.len());
            counts.changed += changed as u64;
            counts.missing += (pair.source.len() - changed) as u64;
            counts.extra += (pair.target.len() - changed) as u64;
            unequal.extend(pair.source.iter().zip(&pair.target).map(|(source, target)| Unequal::Changed {
                source: &source.bytes,
                target: &target.bytes,
                document: source.document.as_deref(),
            }));
            unequal.extend(
                pair.source[changed..]
                    .iter()
                    .map(|row| Unequal::Missing { row: &row.bytes, document: row.document.as_deref() }),
            );
            unequal.extend(pair.target[changed..].iter().map(|row| Unequal::Extra { row: &row.bytes }));
        }
        (counts, unequal)
    }
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
    use super::*;

    fn tuple(id: i32, name: &str) -> Vec<u8> {
        crate::copy_out::tuple(&[Some(&id.to_be_bytes()), Some(name.as_bytes())])
    }

    fn unequal(source: &[(i32, &str)], target: &[(i32, &str)]) -> (Counts, String) {
        let document = bson::rawdoc! { "_id": 7 };
        let mut rows = Rows::default();
        let sides = [(Side::Source(&document), source), (Side::Target, target)];
        for (side, (id, name)) in
            sides.iter().flat_map(|(side, rows)| rows.iter().map(move |row| (side, row)))
        {
            rows.add(*side, *id as usize, &id.to_be_bytes(), &tuple(*id, name));
        }
        let (counts, unequal) = rows.unequal();
        let kind = |unequal: &Unequal<'_>| match unequal {
            Unequal::Missing { document, .. } => format!("missing {document:?}"),
            Unequal::Extra { .. } => "extra".to_owned(),
            Unequal::Changed { document, .. } => format!("changed {document:?}"),
        };
        (counts, unequal.iter().map(kind).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn each_kind_of_difference_is_found_with_its_document() {
        let id = r#"Some("{\"$numberInt\":\"7\"}")"#;
        let check = |source: &[(i32, &str)],
                     target: &[(i32, &str)],
                     [missing, extra, changed]: [u64; 3],
                     kinds: &str| {
            assert_eq!(unequal(source, target), (Counts { missing, extra, changed }, kinds.to_owned()));
        };
        check(&[(1, "a"), (2, "b")], &[(2, "b"), (1, "a")], [0, 0, 0], "");
        check(&[(1, "a"), (2, "b")], &[(1, "a")], [1, 0, 0], &format!("missing {id}"));
        check(&[(1, "a")], &[(1, "a"), (3, "c")], [0, 1, 0], "extra");
        check(&[(1, "a")], &[(1, "z")], [0, 0, 1], &format!("changed {id}"));
        // A row that is there twice.
        check(&[(1, "a")], &[(1, "a"), (1, "a")], [0, 1, 0], "extra");
    }

    #[test]
    fn ranges_are_evicted_when_they_hold_too_much() {
        let document = bson::rawdoc! { "no": "id" };
        let mut rows = Rows::default();
        let large = "x".repeat(500);
        for id in 0..60_000_i32 {
            rows.add(Side::Source(&document), id as usize / 10_000, &id.to_be_bytes(), &tuple(id, &large));
        }
        let mut evicted = Vec::new();
        while let Some(range) = rows.evict() {
            evicted.push(range);
        }
        assert_eq!(evicted, [5, 4, 3, 2]);
        assert_eq!(rows.pairs.len(), 20_000);
        assert!(rows.held <= HELD, "{}", rows.held);
        for id in 0..20_000_i32 {
            rows.add(Side::Target, id as usize / 10_000, &id.to_be_bytes(), &tuple(id, &large));
        }
        assert_eq!((rows.held, rows.pairs.len(), rows.evict()), (0, 0, None));
    }

    #[test]
    fn at_least_one_range_is_chosen() {
        let mut source = Ranges::default();
        for range in [3, 3, 5, 7] {
            source.add(range, crate::digest::Digest::of(b"x"));
        }
        let target = Ranges::default();
        assert_eq!(choose(&source.differing(&target), &source, &target, 0), [3]);
        assert_eq!(choose(&source.differing(&target), &source, &target, 3), [3, 5]);
    }
}
