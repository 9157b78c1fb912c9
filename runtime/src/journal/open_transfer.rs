//! A transfer of data that has begun and has not ended: while it is open, constraints and indexes are dropped.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use crate::error::{Doing as _, Error};

/// The open transfer as JSON, or NULL. The tables may not be there, and a query that names them would fail: so it is a
/// text that runs only if they are. A role that may not read them is refused. `hex` needs no unescaping.
macro_rules! open_transfer {
    () => {
        r#"convert_from(decode(substring(CASE
    WHEN to_regclass('whimbrel.transfers') IS NOT NULL AND to_regclass('whimbrel.dropped_objects') IS NOT NULL
    THEN query_to_xml($query$
        SELECT encode(convert_to(json_build_object('number', t.id, 'source', t.source, 'phase', t.phase,
            'began', to_char(t.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'dropped', (SELECT coalesce(json_agg(replace(d.kind, '_', ' ') || ' ' || d.name || ' of ' ||
                coalesce(nullif(d.schema, 'public') || '.', '') || d."table" ORDER BY d.id), '[]')
                FROM whimbrel.dropped_objects d WHERE d.transfer = t.id AND d.restored_at IS NULL))::text,
            'UTF8'), 'hex') AS x
        FROM (SELECT * FROM whimbrel.transfers ORDER BY id DESC LIMIT 1) t WHERE t.phase IN ('load', 'restore')
        $query$, false, false, '') END::text, '<x>([0-9a-f]+)</x>'), 'hex'), 'UTF8')::json"#
    };
}

pub(crate) use open_transfer as open_transfer_sql;

/// A transfer that has begun and has not ended: no migration runs under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenTransfer {
    /// Its number in `whimbrel.transfers`.
    pub number: i64,
    /// What it reads, described without passwords.
    pub source: String,
    /// `load` while rows are loaded, `restore` while constraints and indexes are restored.
    pub phase: String,
    /// When it began.
    pub began: DateTime<Utc>,
    /// What is dropped and not restored yet: `primary key people_pkey of people`.
    pub dropped: Vec<String>,
}

const NAMED: usize = 3;

impl fmt::Display for OpenTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let began = self.began.format("%Y-%m-%d %H:%M:%S UTC");
        write!(
            f,
            "transfer {} of {}, begun {began}, has not ended (phase {})",
            self.number, self.source, self.phase
        )?;
        if self.dropped.is_empty() {
            return Ok(());
        }
        let named = self.dropped.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        write!(f, "; dropped and not yet restored: {named}")?;
        match self.dropped.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

pub(super) fn parse(row: &PgRow) -> Result<Option<OpenTransfer>, Error> {
    row.try_get::<Option<Json<_>>, _>("open_transfer")
        .map(|transfer| transfer.map(|Json(transfer)| transfer))
        .map_err(|error| Error::Journal { reason: format!("whimbrel.transfers: {error}") })
}

/// The open transfer of a database, with or without a journal. Reads only.
pub(crate) async fn read(conn: &mut PgConnection) -> Result<Option<OpenTransfer>, Error> {
    let row = sqlx::raw_sql(concat!("SELECT ", open_transfer!(), " AS open_transfer")).fetch_one(conn).await;
    parse(&row.doing("looking for an open transfer")?)
}
