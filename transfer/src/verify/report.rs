//! What a verification found, for machines and for people.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::fields::Finding;

/// The outcome of a verification. As JSON it is stable: fields are added, not renamed.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct VerifyReport {
    /// The report's format, 1.
    pub format: u32,
    /// Whether every check passed, and no more rows are rejected than acceptable.
    pub ok: bool,
    /// The source, without passwords.
    pub source: String,
    /// The target database, without passwords.
    pub target: String,
    /// The models, tables or collections that were compared alone; all if there are none.
    pub only: Vec<String>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub finished: DateTime<Utc>,
    /// Every table that some transform fills.
    pub tables: Vec<TableReport>,
    /// Every foreign key of those tables, declared or in the catalog.
    pub foreign_keys: Vec<ForeignKeyReport>,
    /// The documents that could not be converted, against `whimbrel.rejects`.
    pub rejects: RejectsReport,
    /// How many rejects are acceptable; `None` for any number.
    pub max_rejects: Option<u64>,
    /// Checks on the structure that failed: missing columns, other types, constraints or indexes not rebuilt.
    pub structure: Vec<StructureFinding>,
    /// What was read but belongs to nothing: collections without a transform, with their documents.
    pub unread: Vec<UnreadCollection>,
    /// Fields that no column reads, and paths of columns that no document has, unless the models declare it.
    pub findings: Vec<Finding>,
    /// Transforms whose collection the source does not have.
    pub absent: Vec<String>,
    /// What the source holds but does not hand out, and why.
    pub notes: Vec<String>,
    /// Places where the source itself could not be read to its end. Any of them fails the verification.
    pub unreadable: Vec<String>,
}

impl VerifyReport {
    /// How many rejects there are: rows and documents that did not arrive.
    pub fn rejected(&self) -> u64 {
        self.rejects.recorded + self.rejects.refused + self.rejects.unexplained
    }

    /// Whether both sides are equal. A collection that no transform reads is shown, but does not count: the author of
    /// the models decided so.
    pub fn is_equal(&self) -> bool {
        self.tables.iter().all(TableReport::ok)
            && self.foreign_keys.iter().all(|key| key.enforced && key.dangling == 0)
            && self.rejects.ok()
            && self.structure.is_empty()
            && self.unreadable.is_empty()
    }
}

/// One table, compared value by value.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct TableReport {
    /// The table.
    pub table: String,
    /// The collections it is made from.
    pub collections: Vec<String>,
    /// Rows that the source's documents become.
    pub source_rows: u64,
    /// Of those, rows that a constraint refused and that `whimbrel.rejects` keeps.
    pub refused_rows: u64,
    /// Rows that are in PostgreSQL.
    pub target_rows: u64,
    /// Values compared: source rows without the refused ones, times columns.
    pub values: u64,
    /// Key ranges in which the two sides differ, of 4,096.
    pub differing_ranges: usize,
    /// Of those, ranges that were compared row by row.
    pub compared_ranges: usize,
    /// The rows found to differ, by kind; at least as many when not all differing ranges were compared row by row.
    pub found: Counts,
    /// The first differences, in the order of their keys.
    pub differences: Vec<Difference>,
}

impl TableReport {
    /// Whether both sides are equal.
    pub fn ok(&self) -> bool {
        self.differing_ranges == 0 && self.source_rows == self.target_rows + self.refused_rows
    }
}

/// How many differences of each kind were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Rows that PostgreSQL lacks.
    pub missing: u64,
    /// Rows that PostgreSQL has and the source has not.
    pub extra: u64,
    /// Rows with another value.
    pub changed: u64,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Difference {
    /// The source has the row, PostgreSQL has not.
    Missing {
        /// The row's key, `column=value`.
        key: String,
        /// The `_id` of the document it comes from, as canonical extended JSON.
        document: Option<String>,
    },
    /// PostgreSQL has the row, the source has not.
    Extra {
        /// The row's key.
        key: String,
    },
    /// Both have the row, with another value.
    Changed {
        /// The row's key.
        key: String,
        /// The `_id` of the document it comes from, as canonical extended JSON.
        document: Option<String>,
        /// The column.
        column: String,
        /// What the source has, as PostgreSQL prints it.
        expected: String,
        /// What PostgreSQL has, as it prints it.
        found: String,
    },
}

/// One foreign key.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ForeignKeyReport {
    /// The constraint.
    pub name: String,
    /// The referencing table.
    pub table: String,
    /// The referenced table.
    pub references: String,
    /// Whether the constraint exists and PostgreSQL has validated it.
    pub enforced: bool,
    /// Rows whose reference leads nowhere.
    pub dangling: u64,
}

/// The rejects on both sides.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct RejectsReport {
    /// Rows or documents of the source that cannot be converted.
    pub expected: u64,
    /// Of those, the ones that `whimbrel.rejects` has, byte for byte.
    pub recorded: u64,
    /// Rejects in PostgreSQL that no document of the source explains.
    pub unexplained: u64,
    /// Rows that a constraint refused.
    pub refused: u64,
    /// The first documents that are neither converted nor recorded.
    pub missing: Vec<String>,
}

impl RejectsReport {
    /// Whether every reject is where it belongs.
    pub fn ok(&self) -> bool {
        self.expected == self.recorded && self.unexplained == 0
    }
}

/// Something about a table's structure that is not as the models say.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct StructureFinding {
    /// The table.
    pub table: String,
    /// What is wrong and what was expected.
    pub finding: String,
}

/// A collection that no transform reads.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct UnreadCollection {
    /// Its name.
    pub collection: String,
    /// Its documents, if the source knows.
    pub documents: Option<u64>,
}
