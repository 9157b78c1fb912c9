//! From a record of the old system to a row of the new one.
//!
//! `#[derive(Transform)]` makes one [`TransformSpec`] for each model: a static description and a function that
//! reads a borrowed BSON document once and appends COPY tuples. Sources of other kinds hand in BSON, too: it is
//! the record format of the engine.

use bson::raw::RawDocument;
use whimbrel_syntax::model::QName;

use crate::copy::TupleBuffer;
use crate::model::Model;

pub mod error;
pub(crate) mod fields;
pub mod plan;
mod rest;
pub(crate) mod run;
#[doc(hidden)]
pub mod support;
pub mod value;
pub(crate) mod walk;

pub use error::{Code, ValueError};
pub use fields::{Count, FieldCounts, Unread};
pub use run::run;

/// A registered transform: how documents of one collection become rows of one table.
#[derive(Debug, Clone, Copy)]
pub struct TransformSpec {
    pub model: &'static str,
    pub collection: &'static str,
    /// The array that gives one row per element, a dotted path, if the model says `each`.
    pub each: Option<&'static str>,
    pub table: fn() -> QName,
    /// The target columns, in the order of the tuples' fields. Generated columns are left out.
    pub columns: &'static [&'static str],
    /// Which of `columns` form the primary key (indexes into `columns`); empty without a primary key.
    pub key: &'static [usize],
    /// The dotted paths of the document's fields that some column takes: what `rest` of another model of the
    /// same collection leaves out. A model with `each` takes its whole array if it takes the elements themselves
    /// or has a `rest` of its own, otherwise the fields of the elements that it reads: `comments[].text`.
    pub takes: &'static [&'static str],
    /// `ignore`: paths that no column takes and that may be left out, with everything below them, or that a column
    /// takes and that may occur in no document.
    pub ignores: &'static [&'static str],
    /// Whether nothing of a document, with `each` of the array, is left: `rest` takes, or `ignore_rest` leaves out, what no
    /// column reads.
    pub covers_rest: bool,
    /// Appends the document's rows. Errors lose nothing: a failed element leaves no half tuple behind, and says
    /// which field of it failed and why; other elements of the same document are still written.
    pub encode: fn(&RawDocument, &Context<'_>, &mut TupleBuffer, &mut Vec<RowError>),
}

/// A model whose rows are made of documents.
///
/// Derived, never implemented by hand; the derive also registers the transform.
pub trait Transform: Model {
    fn spec() -> &'static TransformSpec;
}

/// What a transform needs to know beyond the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Paths ([`TransformSpec::takes`]) that other models of the same collection take; `rest` leaves them out.
    pub taken_elsewhere: &'a [&'a str],
    /// For each of the transform's columns the OID of an array's elements, 0 where the column is not an array: what
    /// [`element_oids`] returned. May stay empty unless a model has arrays of an enum or an extension's type,
    /// whose OIDs differ from database to database.
    pub element_oids: &'a [u32],
    /// What is counted of the document's fields: [`TupleBuffer::take_fields`] has it, if the buffer was used with this
    /// transform alone.
    pub count: Option<Count<'a>>,
}

/// Asks the target for what [`Context::element_oids`] needs; one query.
pub async fn element_oids(
    connection: &mut sqlx::PgConnection,
    spec: &TransformSpec,
) -> Result<Vec<u32>, sqlx::Error> {
    let table = (spec.table)();
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT a.attname::text, CASE WHEN t.typcategory = 'A' THEN t.typelem::bigint ELSE 0 END
           FROM pg_attribute a
           JOIN pg_class c ON c.oid = a.attrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_type t ON t.oid = a.atttypid
          WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .bind(&table.schema)
    .bind(&table.name)
    .fetch_all(connection)
    .await?;
    let by_name: std::collections::BTreeMap<_, _> = rows.into_iter().collect();
    let oid = |column: &&str| {
        let oid =
            by_name.get(*column).ok_or_else(|| sqlx::Error::ColumnNotFound(format!("{table}.{column}")))?;
        u32::try_from(*oid).map_err(|error| sqlx::Error::Decode(error.into()))
    };
    spec.columns.iter().map(oid).collect()
}

/// Why one row could not be made: one error for each row, the first column that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The element's index, when the model reads an array.
    pub ordinal: Option<u32>,
    /// The path of the field in the document: `address.zip`, `watchers.3`.
    pub path: String,
    pub column: &'static str,
    pub reason: String,
    /// A stable name for the kind of reason, to count by: `type_mismatch`, `missing`, `out_of_range`, …
    pub code: &'static str,
}

impl RowError {
    #[cold]
    fn new(ordinal: Option<u32>, start: &str, column: &'static str, error: &ValueError) -> Self {
        let (reason, code) = (error.reason().to_owned(), error.code().as_str());
        RowError { ordinal, path: error.path_from(start), column, reason, code }
    }
}
