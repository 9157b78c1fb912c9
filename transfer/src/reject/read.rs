//! Reading `whimbrel.rejects`: entries without their documents, and documents as extended JSON.

use bson::raw::{RawBsonRef, RawDocument};
use futures_util::TryStreamExt;
use serde::Serialize;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{ConnectOptions, PgConnection, Row};

use crate::connect::close;
use crate::error::{Doing, TransferError};
use crate::statements::execute;
use crate::store;

/// Which entries of `whimbrel.rejects` are meant; by default all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RejectFilter {
    /// These numbers; empty for any.
    pub ids: Vec<i64>,
    /// Documents of this collection.
    pub collection: Option<String>,
    /// Rows meant for this table.
    pub table: Option<String>,
    /// Rejected for this kind of reason: `bad_reference`, `type_mismatch`, …
    pub code: Option<String>,
}

impl RejectFilter {
    /// That each number that was asked for is among those found.
    pub(super) fn check(&self, found: &[i64]) -> Result<(), TransferError> {
        let ids: Vec<i64> = self.ids.iter().copied().filter(|id| !found.contains(id)).collect();
        if ids.is_empty() { Ok(()) } else { Err(TransferError::NoSuchReject { ids }) }
    }

    pub(super) fn bind<'q>(
        &self,
        query: sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
        let (collection, table, code) = (self.collection.clone(), self.table.clone(), self.code.clone());
        query.bind(self.ids.clone()).bind(collection).bind(table).bind(code)
    }
}

/// The condition that [`RejectFilter::bind`] fills in.
macro_rules! matching {
    () => {
        "FROM whimbrel.rejects WHERE (cardinality($1::bigint[]) = 0 OR id = ANY($1)) \
         AND collection = coalesce($2::text, collection) AND ($3::text IS NULL OR \"table\" = $3) \
         AND code = coalesce($4::text, code)"
    };
}
pub(super) use matching;

/// An entry of `whimbrel.rejects`, without its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RejectEntry {
    /// Its number.
    pub id: i64,
    /// The transfer's number.
    pub transfer: i64,
    /// The collection.
    pub collection: String,
    /// The document's `_id` in canonical extended JSON.
    pub document_id: Option<String>,
    /// The table the row was meant for; `None` when the whole document is unreadable.
    pub table: Option<String>,
    /// The index of the array element.
    pub ordinal: Option<i32>,
    /// The path of the field in the document.
    pub path: Option<String>,
    /// The column it was meant for.
    pub column: Option<String>,
    /// The kind of reason.
    pub code: String,
    /// What was found and what would be allowed.
    pub reason: String,
    /// When it was rejected.
    pub at: String,
}

const ENTRIES: &str = concat!(
    "SELECT id, transfer, collection, document_id, \"table\", ordinal, path, \"column\", code, reason, \
     to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC') AS at, \
     CASE WHEN $6 THEN document END AS document ",
    matching!(),
    " ORDER BY id LIMIT $5"
);

impl RejectEntry {
    /// As one line of JSON, with the document as canonical extended JSON, or its bytes in hexadecimal if they are not a
    /// document.
    ///
    /// # Errors
    /// Never in practice: the entry has nothing that JSON lacks.
    pub fn to_json(&self, document: &[u8]) -> serde_json::Result<String> {
        let mut line = serde_json::to_string(self)?;
        // Without the closing bracket.
        line.pop();
        match extended_json(document) {
            Some(text) => line.extend([",\"document\":", &text, "}"]),
            None => {
                let hex = data_encoding::HEXLOWER.encode(document);
                line.extend([",\"document_hex\":\"", &hex, "\"}"]);
            }
        }
        Ok(line)
    }

    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(RejectEntry {
            id: row.try_get("id")?,
            transfer: row.try_get("transfer")?,
            collection: row.try_get("collection")?,
            document_id: row.try_get("document_id")?,
            table: row.try_get("table")?,
            ordinal: row.try_get("ordinal")?,
            path: row.try_get("path")?,
            column: row.try_get("column")?,
            code: row.try_get("code")?,
            reason: row.try_get("reason")?,
            at: row.try_get("at")?,
        })
    }
}

const READING: &str = "reading whimbrel.rejects";

/// What `whimbrel.rejects` of a database holds. Reads only.
#[derive(Debug)]
pub struct Rejects {
    connection: PgConnection,
}

impl Rejects {
    /// Connects to the database.
    ///
    /// # Errors
    /// It cannot be reached.
    pub async fn connect(target: &PgConnectOptions) -> Result<Self, TransferError> {
        let mut connection = target
            .clone()
            .application_name("whimbrel rejects")
            .connect()
            .await
            .map_err(TransferError::connect)?;
        execute(&mut connection, "SET default_transaction_read_only = on", || READING).await?;
        Ok(Rejects { connection })
    }

    /// The entries in the order of their numbers, at most `limit`.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn list(
        &mut self,
        filter: &RejectFilter,
        limit: Option<i64>,
    ) -> Result<Vec<RejectEntry>, TransferError> {
        let mut entries = Vec::new();
        self.read(filter, limit, false, |entry, _| entries.push(entry)).await?;
        Ok(entries)
    }

    /// Hands each entry out with its document, byte for byte as the source had it.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn documents(
        &mut self,
        filter: &RejectFilter,
        each: impl FnMut(RejectEntry, &[u8]),
    ) -> Result<(), TransferError> {
        self.read(filter, None, true, each).await
    }

    async fn read(
        &mut self,
        filter: &RejectFilter,
        limit: Option<i64>,
        documents: bool,
        mut each: impl FnMut(RejectEntry, &[u8]),
    ) -> Result<(), TransferError> {
        let connection = &mut self.connection;
        let mut found = Vec::new();
        if !store::known(connection).await? {
            return filter.check(&found);
        }
        let mut rows = filter.bind(sqlx::query(ENTRIES)).bind(limit).bind(documents).fetch(connection);
        while let Some(row) = rows.try_next().await.doing(|| READING)? {
            let document: Option<&[u8]> = row.try_get("document").doing(|| READING)?;
            let entry = RejectEntry::of(&row).doing(|| READING)?;
            if !filter.ids.is_empty() {
                found.push(entry.id);
            }
            each(entry, document.unwrap_or_default());
        }
        filter.check(&found)
    }

    /// Closes the connection.
    pub async fn close(self) {
        close(self.connection).await;
    }
}

/// A document as canonical extended JSON (v2): fields in their order, repeated ones included. `None` if the bytes are
/// not a document.
pub fn extended_json(document: &[u8]) -> Option<String> {
    let mut out = String::new();
    write_fields(RawDocument::from_bytes(document).ok()?, true, &mut out)?;
    Some(out)
}

fn write_fields(document: &RawDocument, names: bool, out: &mut String) -> Option<()> {
    out.push(if names { '{' } else { '[' });
    for (at, element) in document.iter().enumerate() {
        let (name, value) = element.ok()?;
        if at > 0 {
            out.push(',');
        }
        if names {
            out.push_str(&serde_json::to_string(name.as_str()).ok()?);
            out.push(':');
        }
        write_value(value, out)?;
    }
    out.push(if names { '}' } else { ']' });
    Some(())
}

pub(super) fn write_value(value: RawBsonRef<'_>, out: &mut String) -> Option<()> {
    match value {
        RawBsonRef::Document(document) => write_fields(document, true, out),
        RawBsonRef::Array(array) => write_fields(RawDocument::from_bytes(array.as_bytes()).ok()?, false, out),
        scalar => {
            let scalar = bson::Bson::try_from(scalar).ok()?.into_canonical_extjson();
            out.push_str(&serde_json::to_string(&scalar).ok()?);
            Some(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::rawdoc;

    #[test]
    fn documents_are_canonical_extended_json_with_every_field() {
        let text = extended_json(rawdoc! { "b": 1, "a": [1.5, { "c": "x\"" }], "_": [] }.as_bytes());
        let expected = r#"{"b":{"$numberInt":"1"},"a":[{"$numberDouble":"1.5"},{"c":"x\""}],"_":[]}"#;
        assert_eq!(text.as_deref(), Some(expected));
        // The same name twice.
        let twice = [&[23, 0, 0, 0][..], b"\x02a\0\x02\0\0\0x\0", b"\x02a\0\x02\0\0\0y\0", &[0]].concat();
        assert_eq!(extended_json(&twice).as_deref(), Some(r#"{"a":"x","a":"y"}"#));
        assert_eq!(extended_json(b"\x05\0\0\0"), None);
    }
}
