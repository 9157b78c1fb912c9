//! The table in the database: creating it, reading it, appending to it.

use sqlx::types::Json;
use sqlx::{PgConnection, Row};

use super::open_transfer::{self, open_transfer_sql};
use super::{Entry, Event, History};
use crate::error::{DatabaseError, Doing as _, Error};
use crate::format::{Format, Step};
use crate::redact::redact;

/// What the program calls itself in the journal.
pub(crate) const TOOL: &str = concat!("whimbrel ", env!("CARGO_PKG_VERSION"));

/// `undefined_table`, `invalid_schema_name`: there is no journal.
const ABSENT: [&str; 2] = ["42P01", "3F000"];

/// Any text is an event, so that a newer program can add kinds.
pub(crate) const FORMAT: Format =
    Format { component: "journal", steps: &[Step { sql: CREATE_JOURNAL, min_reader: 1 }] };

const CREATE_JOURNAL: &str = "\
CREATE TABLE whimbrel.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version bigint NOT NULL,
    name text NOT NULL,
    event text NOT NULL,
    link text NOT NULL,
    up_checksum text NOT NULL,
    down_checksum text NOT NULL,
    schema_hash text NOT NULL,
    transactional boolean NOT NULL,
    statements integer NOT NULL,
    statements_done integer NOT NULL,
    prefix_checksum text,
    duration_us bigint,
    role text NOT NULL DEFAULT current_user,
    host text,
    tool_version text NOT NULL,
    error text,
    down_sql text
);
COMMENT ON TABLE whimbrel.journal IS 'What Whimbrel did to this database, an event a row; append-only';
CREATE FUNCTION whimbrel.journal_is_append_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'whimbrel.journal is append-only'
        USING HINT = 'The state is derived from all events: what happened cannot be unsaid, only followed by a new event.';
END
$$;
CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON whimbrel.journal
    FOR EACH STATEMENT EXECUTE FUNCTION whimbrel.journal_is_append_only();
ALTER TABLE whimbrel.journal ENABLE ALWAYS TRIGGER journal_is_append_only";

/// The columns that a program writes, but for the stored SQL.
macro_rules! columns {
    () => {
        "version, name, event, link, up_checksum, down_checksum, schema_hash, transactional, statements, \
         statements_done, prefix_checksum, duration_us, host, tool_version, error"
    };
}

/// The events, each as JSON, then the format and the open transfer in one row: one simple query, one round trip.
const READ: &str = concat!(
    "SELECT row_to_json(e) AS event FROM (SELECT at, role, ",
    columns!(),
    " FROM whimbrel.journal ORDER BY id) e;
SELECT max(version) AS format, max(min_reader) AS min_reader, ",
    open_transfer_sql!(),
    " AS open_transfer FROM whimbrel.format WHERE component = 'journal'"
);

const APPEND: &str = concat!(
    "INSERT INTO whimbrel.journal (",
    columns!(),
    ", down_sql) SELECT ",
    columns!(),
    ", $2 FROM jsonb_populate_record(NULL::whimbrel.journal, $1)"
);

const STORED_DOWN: &str = "\
SELECT down_sql FROM whimbrel.journal WHERE version = $1 AND down_sql IS NOT NULL ORDER BY id DESC LIMIT 1";

/// Reads the journal in one round trip; `None` if there is none.
pub(crate) async fn read(conn: &mut PgConnection) -> Result<Option<History>, Error> {
    let unreadable = |error: sqlx::Error| Error::Journal { reason: DatabaseError::from(error).message };
    let mut rows = match sqlx::raw_sql(READ).fetch_all(&mut *conn).await.map_err(DatabaseError::from) {
        Ok(rows) => rows,
        Err(cause) if cause.has_code(&ABSENT) => return Ok(None),
        // A table of that name with other columns.
        Err(cause) if cause.has_code(&["42703"]) => {
            FORMAT.check(conn).await?;
            return Err(Error::Journal { reason: cause.message });
        }
        Err(cause) => return Err(Error::query("reading Whimbrel's own tables", cause)),
    };
    let mut open_transfer = None;
    if let Some(last) = rows.pop() {
        let version = |column: &str| last.try_get::<Option<i32>, _>(column).map_err(unreadable);
        FORMAT.understood(version("format")?.unwrap_or(0), version("min_reader")?.unwrap_or(0))?;
        open_transfer = open_transfer::parse(&last)?;
    }
    let events = rows.iter().map(|row| row.try_get("event").map(|Json(entry)| entry));
    let events: Vec<Entry> = events.collect::<Result<_, _>>().map_err(unreadable)?;
    Ok(Some(History { open_transfer, ..History::derive(events) }))
}

/// Like [`read`], without leaving an error in the server's log if there is no journal.
pub(crate) async fn find(conn: &mut PgConnection) -> Result<Option<History>, Error> {
    if FORMAT.check(conn).await? { read(conn).await } else { Ok(None) }
}

/// Appends an event; it commits with the transaction under way.
///
/// The down SQL is stored when something of the migration may be in the database from then on, so that it can be undone
/// without files; but not if it contains a secret.
pub(crate) async fn append(
    conn: &mut PgConnection,
    entry: Entry,
    down_sql: Option<&str>,
) -> Result<(), Error> {
    let stores = match entry.event {
        Event::Started => !entry.transactional,
        Event::Finished | Event::Baseline | Event::Repaired => true,
        _ => false,
    };
    let entry = Entry {
        host: hostname::get().ok().map(|host| host.to_string_lossy().into_owned()),
        tool_version: TOOL.to_owned(),
        error: entry.error.as_deref().map(redact),
        ..entry
    };
    sqlx::query(APPEND)
        .bind(Json(entry))
        .bind(down_sql.filter(|sql| stores && redact(sql) == **sql))
        .execute(conn)
        .await
        .map(|_| ())
        .doing("writing to the journal whimbrel.journal")
}

/// The down SQL of a version as it was stored last.
pub(crate) async fn stored_down_sql(conn: &mut PgConnection, version: i64) -> Result<Option<String>, Error> {
    sqlx::query_scalar(STORED_DOWN)
        .bind(version)
        .fetch_optional(conn)
        .await
        .doing("reading the stored down SQL from the journal")
}
