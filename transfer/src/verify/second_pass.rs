//! The second pass: the rows and rejects that make a difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use bson::raw::RawDocument;

use crate::digest::Digest;
use crate::reject::document_id;
use crate::verify::drill_down::{Rows, Side};
use crate::verify::ranges::range_of;
use crate::verify::scan::{Scan, Sink, SourceReject};

pub struct RowSearch {
    scan: Arc<Scan>,
    slot: usize,
    wanted: Vec<bool>,
    rows: Rows,
    /// Rows that `whimbrel.rejects` holds: not expected in the table.
    refused: BTreeMap<Digest, u64>,
    key: Vec<u8>,
}

impl RowSearch {
    pub fn new(
        scan: &Arc<Scan>,
        slot: usize,
        wanted: Vec<bool>,
        rows: Rows,
        refused: BTreeMap<Digest, u64>,
    ) -> Self {
        RowSearch { scan: Arc::clone(scan), slot, wanted, rows, refused, key: Vec::new() }
    }

    pub fn into_rows(self) -> (Rows, usize) {
        (self.rows, self.wanted.iter().filter(|wanted| **wanted).count())
    }
}

impl Sink for RowSearch {
    fn row(&mut self, slot: usize, tuple: &[u8], document: &RawDocument) {
        if slot != self.slot {
            return;
        }
        let (range, digest) = self.scan.tables.list[slot].place(tuple, &mut self.key);
        if !self.wanted[range] {
            return;
        }
        match self.refused.get_mut(&digest) {
            Some(left) if *left > 0 => *left -= 1,
            _ => {
                self.rows.add(Side::Source(document), range, &self.key, tuple);
                while let Some(range) = self.rows.evict() {
                    self.wanted[range] = false;
                }
            }
        }
    }

    fn reject(&mut self, _: &SourceReject<'_>) {}
}

pub struct RejectSearch {
    wanted: Vec<bool>,
    recorded: BTreeMap<Digest, u64>,
    limit: usize,
    /// Rejects of the source that are not recorded.
    pub missing: u64,
    /// The first of them.
    pub described: Vec<String>,
}

impl RejectSearch {
    pub fn new(wanted: Vec<bool>, recorded: BTreeMap<Digest, u64>, limit: usize) -> Self {
        RejectSearch { wanted, recorded, limit, missing: 0, described: Vec::new() }
    }

    /// Recorded rejects that no document explained.
    pub fn unexplained(&self) -> u64 {
        self.recorded.values().sum()
    }
}

impl Sink for RejectSearch {
    fn row(&mut self, _: usize, _: &[u8], _: &RawDocument) {}

    fn reject(&mut self, reject: &SourceReject<'_>) {
        let digest = reject.digest();
        if !self.wanted[range_of(&digest.to_bytes())] {
            return;
        }
        match self.recorded.get_mut(&digest) {
            Some(left) if *left > 0 => *left -= 1,
            _ => {
                self.missing += 1;
                if self.described.len() < self.limit {
                    self.described.push(describe(reject));
                }
            }
        }
    }
}

fn describe(reject: &SourceReject<'_>) -> String {
    let table = reject.table.map(|table| format!(" for {table}")).unwrap_or_default();
    let path = if reject.path.is_empty() { String::new() } else { format!(", field {}", reject.path) };
    let document = RawDocument::from_bytes(reject.document).ok();
    let id = document.and_then(document_id).unwrap_or_else(|| "without a readable _id".to_owned());
    format!("{} document {id}{path}{table}: {}", reject.collection, reject.code)
}
