//! The first pass: each side of each table, and the rejects, as digests per key range.

use std::collections::BTreeMap;
use std::sync::Arc;

use bson::raw::RawDocument;
use whimbrel::__private::transform::FieldCounts;

use crate::digest::Digest;
use crate::fields::{Finding, findings};
use crate::route::Route;
use crate::verify::ranges::{Ranges, range_of};
use crate::verify::scan::{Refused, Scan, Sink, SourceReject};

/// What one thread of the first pass gathers of the source.
pub struct Sums {
    scan: Arc<Scan>,
    refused: Arc<Refused>,
    pub tables: Vec<Ranges>,
    /// Rows whose digest a constraint refused: how often each came, and its range.
    pub refused_hits: BTreeMap<(usize, Digest), (usize, u64)>,
    /// The rejects of all collections, ranged by their own digests.
    pub rejects: Ranges,
    /// Recorded rows that no document of the source gives, once [`Sums::finish`] was called.
    pub unexplained_refusals: u64,
    fields: BTreeMap<usize, FieldCounts>,
    key: Vec<u8>,
}

impl Sums {
    pub fn new(scan: &Arc<Scan>, refused: &Arc<Refused>) -> Self {
        Sums {
            scan: Arc::clone(scan),
            refused: Arc::clone(refused),
            tables: vec![Ranges::default(); scan.tables.list.len()],
            refused_hits: BTreeMap::new(),
            rejects: Ranges::default(),
            unexplained_refusals: 0,
            fields: BTreeMap::new(),
            key: Vec::new(),
        }
    }

    pub fn merge(&mut self, other: Sums) {
        self.tables.iter_mut().zip(&other.tables).for_each(|(mine, theirs)| mine.merge(theirs));
        self.rejects.merge(&other.rejects);
        for (row, (range, times)) in other.refused_hits {
            self.refused_hits.entry(row).or_insert((range, 0)).1 += times;
        }
        other.fields.into_iter().for_each(|(route, fields)| self.fields(route, fields));
    }

    /// What the models do not declare of the documents' fields.
    pub fn findings(&self, routes: &[Route]) -> Vec<Finding> {
        self.fields.iter().flat_map(|(&route, counts)| findings(&routes[route], counts)).collect()
    }

    /// Takes the rows that `whimbrel.rejects` keeps out of the sums: they are not expected in the tables.
    /// Returns how many rows of each table that were.
    pub fn finish(&mut self) -> Vec<u64> {
        let mut taken = vec![0; self.tables.len()];
        for (row, &recorded) in self.refused.iter() {
            let (range, hits) = self.refused_hits.get(row).copied().unwrap_or_default();
            let out = hits.min(recorded);
            self.unexplained_refusals += recorded - out;
            taken[row.0] += out;
            (0..out).for_each(|_| self.tables[row.0].remove(range, row.1));
        }
        taken
    }
}

impl Sink for Sums {
    fn row(&mut self, slot: usize, tuple: &[u8], _: &RawDocument) {
        let (range, digest) = self.scan.tables.list[slot].place(tuple, &mut self.key);
        self.tables[slot].add(range, digest);
        if !self.refused.is_empty() && self.refused.contains_key(&(slot, digest)) {
            self.refused_hits.entry((slot, digest)).or_insert((range, 0)).1 += 1;
        }
    }

    fn reject(&mut self, reject: &SourceReject<'_>) {
        let digest = reject.digest();
        self.rejects.add(range_of(&digest.to_bytes()), digest);
    }

    fn fields(&mut self, route: usize, fields: FieldCounts) {
        self.fields.entry(route).or_default().add(fields);
    }
}
