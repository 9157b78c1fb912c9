//! What could not become a row, and how it is kept.

mod read;
mod retry;

use std::borrow::Cow;

use bson::raw::RawDocument;
use serde::Serialize;
use sqlx::{PgConnection, Row};
use whimbrel::__private::transform::RowError;

pub use read::{RejectEntry, RejectFilter, Rejects, extended_json};
pub use retry::{Retry, RetryReport};

use crate::copy::{CopyIn, OwnTuple};
use crate::digest::Digest;
use crate::error::{Doing, TransferError};
use crate::route::Target;

/// The code of bytes that are not a document.
pub const MALFORMED: &str = "malformed";
/// The code of a row that refers to a row that is not there.
pub const BAD_REFERENCE: &str = "bad_reference";
/// The code of a row whose key another row has.
pub const DUPLICATE_KEY: &str = "duplicate_key";
/// The code of a row that a check constraint refuses.
pub const CHECK_VIOLATION: &str = "check_violation";
/// The code of a row that the server refused for any other reason.
pub const REFUSED: &str = "refused";

/// An entry of `whimbrel.rejects`.
#[derive(Debug, Clone)]
pub struct Reject<'a> {
    pub collection: &'static str,
    /// The table the row was meant for; `None` when the whole document is unreadable.
    pub table: Option<String>,
    pub model: Option<&'static str>,
    /// The index of the array element, when the table has one row for each.
    pub ordinal: Option<u32>,
    pub path: Option<String>,
    pub column: Option<&'static str>,
    pub code: &'static str,
    pub reason: String,
    pub document: Cow<'a, [u8]>,
    /// The document's `_id` in canonical extended JSON, where it has one.
    pub document_id: Option<String>,
    /// The digest of the row, when there was one and it was taken out again.
    pub digest: Option<Digest>,
}

impl<'a> Reject<'a> {
    /// A row that could not be made.
    pub fn failed(
        collection: &'static str,
        target: &Target,
        document: &'a RawDocument,
        error: RowError,
    ) -> Self {
        Reject {
            path: Some(error.path),
            column: Some(error.column),
            ordinal: error.ordinal,
            ..Self::refused(collection, target, document, error.code, error.reason)
        }
    }

    /// A row that the server refused, or that was taken out again.
    pub fn refused(
        collection: &'static str,
        target: &Target,
        document: &'a RawDocument,
        code: &'static str,
        reason: String,
    ) -> Self {
        Reject {
            collection,
            table: Some(target.table.to_string()),
            model: Some(target.spec.model),
            ordinal: None,
            path: None,
            column: None,
            code,
            reason,
            document: document.as_bytes().into(),
            document_id: document_id(document),
            digest: None,
        }
    }

    /// With a copy of the document.
    pub fn into_owned(self) -> Reject<'static> {
        let Reject {
            collection, table, model, ordinal, path, column, code, reason, document_id, digest, ..
        } = self;
        let document = Cow::Owned(self.document.into_owned());
        Reject {
            collection,
            table,
            model,
            ordinal,
            path,
            column,
            code,
            reason,
            document,
            document_id,
            digest,
        }
    }
}

/// A document's `_id` in canonical extended JSON (v2): what `whimbrel.rejects.document_id` holds.
pub fn document_id(document: &RawDocument) -> Option<String> {
    let mut text = String::new();
    read::write_value(document.get("_id").ok().flatten()?, &mut text)?;
    Some(text)
}

const COPY: &str = "COPY whimbrel.rejects (transfer, collection, document_id, \"table\", model, ordinal, path, \"column\", code, \
    reason, document, row_digest) FROM STDIN (FORMAT binary)";

/// How many bytes are gathered before they are sent.
const PIECE: usize = 256 * 1024;

/// Writes entries within the transaction that is open on its connection. Each document is copied only when its
/// turn comes, so that a thousand entries of one document do not hold it a thousand times.
pub struct Writer<'c> {
    transfer: i64,
    copy: CopyIn<'c>,
    bytes: Vec<u8>,
}

const WRITING: &str = "writing whimbrel.rejects";

impl<'c> Writer<'c> {
    /// Begins to write. Until [`Writer::finish`] the connection can do nothing else.
    pub async fn begin(connection: &'c mut PgConnection, transfer: i64) -> Result<Self, TransferError> {
        let copy = CopyIn::begin(connection, COPY).await.doing(|| WRITING)?;
        Ok(Writer { transfer, copy, bytes: Vec::new() })
    }

    pub async fn push(&mut self, reject: &Reject<'_>) -> Result<(), TransferError> {
        encode(self.transfer, reject, &mut self.bytes);
        if self.bytes.len() >= PIECE {
            self.copy.send(&self.bytes).await.doing(|| WRITING)?;
            self.bytes.clear();
        }
        Ok(())
    }

    pub async fn finish(mut self) -> Result<u64, TransferError> {
        self.copy.send(&self.bytes).await.doing(|| WRITING)?;
        self.copy.finish().await.doing(|| WRITING)
    }
}

pub async fn write<'a>(
    connection: &mut PgConnection,
    transfer: i64,
    rejects: impl Iterator<Item = Reject<'a>>,
) -> Result<u64, TransferError> {
    let mut rejects = rejects.peekable();
    if rejects.peek().is_none() {
        return Ok(0);
    }
    let mut writer = Writer::begin(connection, transfer).await?;
    for reject in rejects {
        writer.push(&reject).await?;
    }
    writer.finish().await
}

fn encode(transfer: i64, reject: &Reject<'_>, bytes: &mut Vec<u8>) {
    // A document of 16 MiB has fewer elements than 2³¹.
    let ordinal = reject.ordinal.map(|ordinal| ordinal.cast_signed().to_be_bytes());
    let digest = reject.digest.map(Digest::to_bytes);
    OwnTuple::begin(bytes, 12)
        .field(Some(&transfer.to_be_bytes()))
        .text(Some(reject.collection))
        .text(reject.document_id.as_deref())
        .text(reject.table.as_deref())
        .text(reject.model)
        .field(ordinal.as_ref().map(|bytes| bytes.as_slice()))
        .text(reject.path.as_deref())
        .text(reject.column)
        .text(Some(reject.code))
        .text(Some(&reject.reason))
        .field(Some(&reject.document))
        .field(digest.as_ref().map(|bytes| bytes.as_slice()));
}

/// How many rejects share a collection, table and code, with the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RejectSummary {
    /// The collection.
    pub collection: String,
    /// The table, unless the documents were unreadable.
    pub table: Option<String>,
    /// The kind of reason.
    pub code: String,
    /// How many.
    pub count: i64,
    /// The first one's reason.
    pub example: String,
    /// The first one's field path.
    pub example_path: Option<String>,
    /// The first one's `_id` in canonical extended JSON.
    pub example_document: Option<String>,
}

const SUMMARY: &str = "SELECT r.collection, r.\"table\", r.code, g.count, r.reason, r.path, r.document_id \
    FROM (SELECT min(id) AS id, count(*) AS count FROM whimbrel.rejects WHERE transfer = $1 \
          GROUP BY collection, \"table\", code) g JOIN whimbrel.rejects r USING (id) \
    ORDER BY g.count DESC, r.collection, r.\"table\", r.code";

/// The rejects of a transfer by collection, table and code, the most frequent first.
pub async fn summary(
    connection: &mut PgConnection,
    transfer: i64,
) -> Result<Vec<RejectSummary>, TransferError> {
    let rows = sqlx::query(SUMMARY)
        .bind(transfer)
        .fetch_all(connection)
        .await
        .doing(|| "reading whimbrel.rejects")?;
    Ok(rows
        .iter()
        .map(|row| RejectSummary {
            collection: row.get(0),
            table: row.get(1),
            code: row.get(2),
            count: row.get(3),
            example: row.get(4),
            example_path: row.get(5),
            example_document: row.get(6),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::rawdoc;

    #[test]
    fn ids_are_canonical_extended_json() {
        let id = bson::oid::ObjectId::parse_str("507f1f77bcf86cd799439011").unwrap();
        let check = |document: bson::RawDocumentBuf, expected: Option<&str>| {
            assert_eq!(document_id(&document).as_deref(), expected);
        };
        check(rawdoc! { "_id": id }, Some(r#"{"$oid":"507f1f77bcf86cd799439011"}"#));
        check(rawdoc! { "a": 1, "_id": 7 }, Some(r#"{"$numberInt":"7"}"#));
        check(rawdoc! { "_id": "x" }, Some(r#""x""#));
        check(rawdoc! { "a": 1 }, None);
    }
}
