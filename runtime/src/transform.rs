//! From a record of the old system to a row of the new one.
//!
//! `#[derive(Transform)]` makes one [`TransformSpec`] for each model: a static description and a function that
//! reads a borrowed BSON document once and appends COPY tuples. Sources of other kinds hand in BSON, too: it is
//! the record format of the engine.

use bson::raw::RawDocument;
use whimbrel_schema::model::QName;

use crate::copy::TupleBuffer;

/// A registered transform: how documents of one collection become rows of one table.
#[derive(Clone, Copy)]
pub struct TransformSpec {
    /// The model's name.
    pub model: &'static str,
    /// The source collection (or table).
    pub collection: &'static str,
    /// The array that gives one row per element, a dotted path, if the model says `each`.
    pub each: Option<&'static str>,
    /// The target table.
    pub table: fn() -> QName,
    /// The target columns, in the order of the tuples' fields. Generated columns are left out.
    pub columns: &'static [&'static str],
    /// Which of `columns` form the primary key (indexes into `columns`); empty without a primary key.
    pub key: &'static [usize],
    /// The document's top-level fields that some column takes: what `rest` of another model of the same
    /// collection leaves out.
    pub takes: &'static [&'static str],
    /// Appends the document's rows. Errors lose nothing: a failed element leaves no half tuple behind, and says
    /// which field of it failed and why; other elements of the same document are still written.
    pub encode: fn(&RawDocument, &Context<'_>, &mut TupleBuffer, &mut Vec<RowError>),
}

impl std::fmt::Debug for TransformSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransformSpec")
            .field("model", &self.model)
            .field("collection", &self.collection)
            .field("each", &self.each)
            .finish_non_exhaustive()
    }
}

/// What a transform needs to know beyond the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Top-level fields that other models of the same collection take; `rest` leaves them out.
    pub taken_elsewhere: &'a [&'a str],
}

/// Why one row could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The element's index, when the model reads an array.
    pub ordinal: Option<u32>,
    /// The path of the field in the document: `address.zip`, `watchers.3`.
    pub path: String,
    /// The target column.
    pub column: &'static str,
    /// What was found and what would be allowed.
    pub reason: String,
    /// A stable name for the kind of reason, to count by: `type_mismatch`, `missing`, `out_of_range`, …
    pub code: &'static str,
}
