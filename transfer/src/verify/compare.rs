//! The course of a verification.

use std::sync::Arc;

use chrono::Utc;
use sqlx::PgConnection;
use whimbrel::__private::transform::TransformSpec;

use crate::budget::Budget;
use crate::error::TransferError;
use crate::progress::{Counts, Expected};
use crate::route::Route;
use crate::run::matched::Matched;
use crate::shape::{self, Models};
use crate::statements::copy_out;
use crate::verify::drill_down::{self, Rows, Side};
use crate::verify::print::Printer;
use crate::verify::ranges::{RANGES, Ranges};
use crate::verify::recorded::{self, Recorded};
use crate::verify::report::{RejectsReport, TableReport, UnreadCollection, VerifyReport};
use crate::verify::scan::Scan;
use crate::verify::second_pass::{RejectSearch, RowSearch};
use crate::verify::structure::{self, Structure};
use crate::verify::sums::Sums;
use crate::verify::table::VerifiedTables;
use crate::verify::{Verify, VerifyError, target};

/// How many rows of differing ranges are held in memory at once, both sides together, per table.
const DRILL_ROWS: u64 = 100_000;

/// The most rejects that are described when they are missing; all are counted.
const DESCRIBED_REJECTS: usize = 20;

/// Everything known before PostgreSQL is asked.
pub struct Comparison {
    verify: Verify,
    scan: Arc<Scan>,
    present: Vec<usize>,
    unread: Vec<UnreadCollection>,
    absent: Vec<String>,
    expected: Vec<Expected>,
}

/// A table of which only some collections are selected, and one that is not.
fn partly_selected(specs: &[&'static TransformSpec], routes: &[Route]) -> Option<(String, String)> {
    let selected = |spec: &TransformSpec| {
        routes.iter().flat_map(|route| &route.targets).any(|target| std::ptr::eq(target.spec, spec))
    };
    let tables = shape::tables(routes);
    let part = specs.iter().find(|spec| !selected(spec) && tables.contains(&(spec.table)()))?;
    Some(((part.table)().to_string(), part.collection.to_owned()))
}

impl Comparison {
    pub async fn prepare(verify: Verify) -> Result<Self, VerifyError> {
        let source = Arc::clone(&verify.source);
        let found = Matched::find(&source, &verify.transforms, &verify.selection).await;
        let Matched { mut routes, collections, unread, absent } = found.map_err(|error| match error {
            TransferError::Source(error) => VerifyError::Source(error),
            error => error.into(),
        })?;
        let absent_names = absent.iter().map(|route| route.collection.to_owned());
        let mut names: Vec<String> = absent_names.collect();
        if source.is_part() {
            // What was not asked for is not missing.
            names.clear();
        } else {
            routes.extend(absent);
            routes.sort_by_key(|route| route.collection);
        }
        if let Some((table, collection)) = partly_selected(&verify.transforms, &routes) {
            return Err(VerifyError::PartOfTable { table, collection });
        }
        let has = |name: &str| collections.iter().any(|collection| collection.name == name);
        let present = (0..routes.len()).filter(|&route| has(routes[route].collection)).collect();
        let expected = collections.into_iter().map(|found| Expected {
            collection: found.name,
            documents: found.documents,
            bytes: found.bytes,
            done: Counts::default(),
        });
        let expected = expected.collect();
        let unread = unread
            .into_iter()
            .map(|found| UnreadCollection { collection: found.name, documents: found.documents })
            .collect();
        let tables = VerifiedTables::of(&routes);
        let scan = Arc::new(Scan {
            source,
            routes,
            tables,
            progress: Arc::clone(&verify.progress),
            budget: Budget::to_compare(),
        });
        Ok(Comparison { verify, scan, present, unread, absent: names, expected })
    }

    /// Compares, inside a read-only snapshot.
    pub async fn run(self, snapshot: &mut PgConnection) -> Result<VerifyReport, VerifyError> {
        let started = Utc::now();
        crate::route::prepare(&self.scan.routes, snapshot).await?;
        let models = Models::registered();
        let structure = structure::check(snapshot, &self.scan, &models).await?;
        let recorded = recorded::read(snapshot, &self.scan).await?;
        self.scan.progress.begin(&self.expected);
        let sinks = (0..self.verify.jobs).map(|_| Sums::new(&self.scan, &recorded.refused)).collect();
        let (source, target) =
            tokio::join!(self.scan.run(&self.present, sinks), self.target(snapshot, &structure.readable));
        self.scan.progress.loaded();
        let (source, unreadable) = source?;
        let target = target?;
        let mut sums = Sums::new(&self.scan, &recorded.refused);
        source.into_iter().for_each(|part| sums.merge(part));

        let tables = self.tables(snapshot, &structure, &mut sums, &target, &recorded).await?;
        let refused = tables.iter().map(|table| table.refused_rows).sum();
        let rejects = self.rejects(snapshot, &sums, &recorded, refused).await?;
        self.scan.progress.step("checking foreign keys");
        let foreign_keys = structure::foreign_keys(snapshot, &self.scan.tables, &models, &structure).await?;
        let source = Arc::clone(&self.scan.source);
        let notes = tokio::task::spawn_blocking(move || source.notes()).await?;
        let mut report = VerifyReport {
            format: 1,
            ok: false,
            source: self.scan.source.describe(),
            target: self.verify.describe_target(),
            only: self.verify.selection.only,
            started,
            finished: Utc::now(),
            tables,
            foreign_keys,
            rejects,
            max_rejects: self.verify.max_rejects,
            structure: structure.findings,
            unread: self.unread,
            findings: sums.findings(&self.scan.routes),
            absent: self.absent,
            notes,
            unreadable,
        };
        report.ok = report.is_equal()
            && report.findings.is_empty()
            && report.max_rejects.is_none_or(|max| report.rejected() <= max);
        self.scan.progress.end();
        Ok(report)
    }

    /// The sums of all tables in PostgreSQL; those that cannot be read stay empty.
    async fn target(
        &self,
        snapshot: &mut PgConnection,
        readable: &[bool],
    ) -> Result<Vec<Ranges>, VerifyError> {
        let mut all = Vec::new();
        let mut key = Vec::new();
        for (table, readable) in self.scan.tables.list.iter().zip(readable) {
            let mut ranges = Ranges::default();
            if *readable {
                target::read(snapshot, &copy_out(&table.table, &table.columns), &self.scan.budget, |tuple| {
                    let (range, digest) = table.place(tuple, &mut key);
                    ranges.add(range, digest);
                })
                .await?;
            }
            all.push(ranges);
        }
        Ok(all)
    }

    async fn tables(
        &self,
        snapshot: &mut PgConnection,
        structure: &Structure,
        sums: &mut Sums,
        target: &[Ranges],
        recorded: &Recorded,
    ) -> Result<Vec<TableReport>, VerifyError> {
        let source_rows: Vec<u64> = sums.tables.iter().map(Ranges::rows).collect();
        let refused_rows = sums.finish();
        let mut tables = Vec::new();
        for (slot, verified) in self.scan.tables.list.iter().enumerate() {
            let (source, target) = (&sums.tables[slot], &target[slot]);
            let differing = source.differing(target);
            let mut table = TableReport {
                table: verified.name.clone(),
                collections: verified.collections.iter().map(|name| (*name).to_owned()).collect(),
                source_rows: source_rows[slot],
                refused_rows: refused_rows[slot],
                target_rows: target.rows(),
                values: source.rows() * verified.columns.len() as u64,
                differing_ranges: differing.len(),
                compared_ranges: 0,
                found: Default::default(),
                differences: Vec::new(),
            };
            if !differing.is_empty() && structure.readable[slot] {
                let ranges = drill_down::choose(&differing, source, target, DRILL_ROWS);
                let rows;
                (rows, table.compared_ranges) = self.drill_down(snapshot, slot, &ranges, recorded).await?;
                let unequal;
                (table.found, unequal) = rows.unequal();
                let mut printer = Printer::new(snapshot, verified).await?;
                table.differences = printer.differences(&unequal, self.verify.differences).await?;
            }
            tables.push(table);
        }
        Ok(tables)
    }

    /// Reads the rows of some ranges of one table again, from both sides, and returns how many ranges could be held.
    async fn drill_down(
        &self,
        snapshot: &mut PgConnection,
        slot: usize,
        ranges: &[usize],
        recorded: &Recorded,
    ) -> Result<(Rows, usize), VerifyError> {
        let table = &self.scan.tables.list[slot];
        self.scan.progress.step(&format!("looking for the rows of {} that differ", table.name));
        let mut wanted = vec![false; RANGES];
        ranges.iter().for_each(|&range| wanted[range] = true);
        let mut rows = Rows::default();
        let mut key = Vec::new();
        target::read(snapshot, &copy_out(&table.table, &table.columns), &self.scan.budget, |tuple| {
            let (range, _) = table.place(tuple, &mut key);
            if wanted[range] {
                rows.add(Side::Target, range, &key, tuple);
                while let Some(range) = rows.evict() {
                    wanted[range] = false;
                }
            }
        })
        .await?;
        let reading = |route: &usize| self.scan.tables.slots[*route].contains(&slot);
        let routes: Vec<usize> = self.present.iter().copied().filter(reading).collect();
        // One thread: what differs goes into one map, and few rows do.
        let search = RowSearch::new(&self.scan, slot, wanted, rows, recorded.refused_of(slot));
        let (searches, _) = self.scan.run(&routes, vec![search]).await?;
        Ok(searches.into_iter().map(RowSearch::into_rows).next().unwrap_or_default())
    }

    async fn rejects(
        &self,
        snapshot: &mut PgConnection,
        sums: &Sums,
        recorded: &Recorded,
        refused: u64,
    ) -> Result<RejectsReport, VerifyError> {
        let mut report = RejectsReport {
            expected: sums.rejects.rows(),
            recorded: sums.rejects.rows(),
            unexplained: sums.unexplained_refusals,
            refused,
            missing: Vec::new(),
        };
        let differing = sums.rejects.differing(&recorded.rejects);
        if !differing.is_empty() {
            let mut wanted = vec![false; RANGES];
            differing.iter().for_each(|&range| wanted[range] = true);
            let digests = recorded::digests(snapshot, &self.scan, &wanted).await?;
            let search = RejectSearch::new(wanted, digests, DESCRIBED_REJECTS);
            let (searches, _) = self.scan.run(&self.present, vec![search]).await?;
            for search in searches {
                report.recorded -= search.missing;
                report.unexplained += search.unexplained();
                report.missing.extend(search.described);
            }
        }
        Ok(report)
    }
}
