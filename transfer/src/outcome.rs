//! What a transfer did.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fields::Finding;
use crate::reject::RejectSummary;

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Everything is loaded, and all constraints and indexes are restored.
    Complete,
    /// It had ended before: nothing was left to do.
    AlreadyComplete,
    /// Everything is loaded, but not every constraint and index is restored.
    Incomplete,
    /// There were more rejects than acceptable, and it was to stop then; it can be resumed.
    TooManyRejects,
    /// It was asked to stop and can be resumed.
    Interrupted,
}

/// What became of one collection, earlier runs of the same transfer included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CollectionReport {
    /// Its name.
    pub collection: String,
    /// Documents read, malformed ones counted.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Entries made in `whimbrel.rejects` while loading.
    pub rejects: u64,
    /// Rows written, by table.
    pub rows: BTreeMap<String, u64>,
}

/// A transfer's report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TransferReport {
    /// The transfer's number in `whimbrel.transfers`.
    pub transfer: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// What was read, described without passwords.
    pub source: String,
    /// Whether this run continued an earlier one.
    pub resumed: bool,
    /// How many connections loaded side by side.
    pub jobs: usize,
    /// How long this run took, in seconds.
    pub seconds: f64,
    /// How long of it was loading.
    pub load_seconds: f64,
    /// Rows written by this run, while loading.
    pub loaded_rows: u64,
    /// What became of each collection.
    pub collections: Vec<CollectionReport>,
    /// Rows that were moved to `whimbrel.rejects` because they violate a constraint, by table; this run only.
    pub quarantined: BTreeMap<String, u64>,
    /// Everything that could not become a row, by reason.
    pub rejects: Vec<RejectSummary>,
    /// How many rejects are acceptable; `None` for any number.
    pub max_rejects: Option<u64>,
    /// Fields that no column reads, and paths of columns that no document has, unless the models declare it.
    pub findings: Vec<Finding>,
    /// How many constraints and indexes were dropped and triggers disabled.
    pub dropped: i64,
    /// How many of them are restored.
    pub restored: i64,
    /// Constraints and indexes that stayed in place while rows were loaded, since something depends on them.
    pub not_dropped: Vec<String>,
    /// Collections of the source that no transform reads.
    pub unread: Vec<String>,
    /// Collections that transforms read and the source does not have.
    pub absent: Vec<String>,
    /// What the source holds but does not hand out.
    pub notes: Vec<String>,
    /// Constraints and indexes that could not be restored, and why.
    pub not_restored: Vec<String>,
}

impl TransferReport {
    /// How many rejects there are.
    pub fn rejected(&self) -> i64 {
        self.rejects.iter().map(|summary| summary.count).sum()
    }

    /// Whether there are more rejects than acceptable.
    pub fn rejected_too_many(&self) -> bool {
        self.max_rejects.is_some_and(|max| self.rejected().unsigned_abs() > max)
    }

    /// The exit code: 0 when everything is done, 1 when a constraint is not restored, there are more rejects than
    /// acceptable, or fields were found that the models do not declare, 2 when it was interrupted.
    pub fn exit_code(&self) -> u8 {
        match self.outcome {
            Outcome::Complete | Outcome::AlreadyComplete => {
                u8::from(self.rejected_too_many() || !self.findings.is_empty())
            }
            Outcome::Incomplete | Outcome::TooManyRejects => 1,
            Outcome::Interrupted => 2,
        }
    }
}
