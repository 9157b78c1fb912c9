//! The table in the database: creating it, reading it, appending to it.

use std::time::Duration;

use chrono::DateTime;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::open_transfer::{self, open_transfer_sql};
use super::{Event, EventRow, History, MigrationRef, Progress};
use crate::error::{DatabaseError, Error};
use crate::format::{Format, Step};
use crate::redact::redact;

/// What the program calls itself in the journal.
pub(crate) const TOOL: &str = concat!("whimbrel ", env!("CARGO_PKG_VERSION"));

/// `undefined_table`, `invalid_schema_name`: there is no journal.
const ABSENT: [&str; 2] = ["42P01", "3F000"];

const CREATE_SCHEMA: &str = "CREATE SCHEMA whimbrel";

/// The journal's versions: 2 lets any event in, so that a newer program can add kinds.
const FORMAT: Format = Format {
    component: "journal",
    first_table: "whimbrel.journal",
    steps: &[
        Step { sql: CREATE_JOURNAL, min_reader: 1 },
        Step {
            sql: "ALTER TABLE whimbrel.journal DROP CONSTRAINT IF EXISTS journal_event_check",
            min_reader: 1,
        },
    ],
};

const CREATE_JOURNAL: &str = "\
CREATE TABLE whimbrel.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version bigint NOT NULL,
    name text NOT NULL,
    event text NOT NULL CHECK (event IN ('started', 'progress', 'finished', 'failed', 'revert_started',
        'revert_progress', 'reverted', 'revert_failed', 'adopted', 'repaired')),
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

/// The journal, and then the open transfer.
macro_rules! read {
    () => {
        concat!(
            "\
SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS at_us, version, name, event, link, up_checksum,
       down_checksum, schema_hash, transactional, statements, statements_done, prefix_checksum, duration_us, role,
       host, tool_version, error
FROM whimbrel.journal ORDER BY id;
",
            open_transfer_sql!()
        )
    };
}

/// What [`read`] sends, as one simple query: it costs one round trip.
const READ_ALL: &str = concat!(
    "SELECT version AS format, min_reader FROM whimbrel.format WHERE component = 'journal';",
    read!()
);

/// All of the journal but the stored SQL, from a database without `whimbrel.format`.
const READ: &str = read!();

const APPEND: &str = "\
INSERT INTO whimbrel.journal (version, name, event, link, up_checksum, down_checksum, schema_hash, transactional,
    statements, statements_done, prefix_checksum, duration_us, host, tool_version, error, down_sql)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// The down SQL that was stored last for each of some versions.
const STORED_DOWN: &str = "\
SELECT DISTINCT ON (version) version, down_sql FROM whimbrel.journal
WHERE version = ANY ($1) AND down_sql IS NOT NULL ORDER BY version, id DESC";

const EXISTS: &str = "SELECT to_regclass('whimbrel.journal') IS NOT NULL";

/// Reads the journal in one round trip; `None` if there is none.
pub(crate) async fn read(conn: &mut PgConnection) -> Result<Option<History>, Error> {
    let rows = match sqlx::raw_sql(READ_ALL).fetch_all(&mut *conn).await {
        Err(error) if has_code(&error, &ABSENT) => sqlx::raw_sql(READ).fetch_all(&mut *conn).await,
        other => other,
    };
    match rows {
        Ok(mut rows) => {
            let format = rows
                .first()
                .and_then(|row| Some((row.try_get("format").ok()?, row.try_get("min_reader").ok()?)));
            if let Some((version, min_reader)) = format {
                FORMAT.understood(version, min_reader)?;
                rows.remove(0);
            }
            let open_transfer = rows.pop().map(|row| open_transfer::parse(&row)).transpose()?.flatten();
            let history = History::derive(rows.iter().map(event_row).collect::<Result<_, _>>()?);
            Ok(Some(History { open_transfer, ..history }))
        }
        Err(error) if has_code(&error, &ABSENT) => Ok(None),
        // A table of that name with other columns.
        Err(error) if has_code(&error, &["42703"]) => {
            FORMAT.check(conn).await?;
            Err(Error::Journal { reason: DatabaseError::from(error).message })
        }
        Err(error) => Err(Error::query("reading the journal whimbrel.journal", error)),
    }
}

/// Whether there is a journal. Unlike [`read`], it leaves no error in the server's log if there is none.
pub(crate) async fn exists(conn: &mut PgConnection) -> Result<bool, Error> {
    let found = sqlx::raw_sql(EXISTS).fetch_one(conn).await;
    found.and_then(|row| row.try_get(0)).map_err(|error| Error::query("looking for the journal", error))
}

fn event_row(row: &PgRow) -> Result<EventRow, Error> {
    let count = |column: &str| -> Result<usize, sqlx::Error> {
        let count: i32 = row.try_get(column)?;
        usize::try_from(count).map_err(|error| sqlx::Error::Decode(error.into()))
    };
    let read = || -> Result<EventRow, sqlx::Error> {
        let event: String = row.try_get("event")?;
        let at_us: i64 = row.try_get("at_us")?;
        let duration_us: Option<i64> = row.try_get("duration_us")?;
        Ok(EventRow {
            id: row.try_get("id")?,
            at: DateTime::from_timestamp_micros(at_us)
                .ok_or_else(|| sqlx::Error::Decode(format!("the time {at_us} µs is out of range").into()))?,
            migration: MigrationRef {
                version: row.try_get("version")?,
                name: row.try_get("name")?,
                link: row.try_get("link")?,
                up_checksum: row.try_get("up_checksum")?,
                down_checksum: row.try_get("down_checksum")?,
                schema_hash: row.try_get("schema_hash")?,
            },
            event: Event::from_name(&event),
            transactional: row.try_get("transactional")?,
            statements: count("statements")?,
            statements_done: count("statements_done")?,
            prefix_checksum: row.try_get("prefix_checksum")?,
            duration: duration_us.and_then(|us| u64::try_from(us).ok()).map(Duration::from_micros),
            role: row.try_get("role")?,
            host: row.try_get("host")?,
            tool_version: row.try_get("tool_version")?,
            error: row.try_get("error")?,
        })
    };
    read().map_err(|error| Error::Journal { reason: DatabaseError::from(error).message })
}

/// Creates the schema `whimbrel` unless it is there. Safe when several programs do so at once.
pub async fn ensure_schema(conn: &mut PgConnection) -> Result<(), Error> {
    let doing = "creating the schema whimbrel";
    let present = sqlx::raw_sql("SELECT to_regnamespace('whimbrel') IS NOT NULL").fetch_one(&mut *conn).await;
    let present: bool = present
        .and_then(|row| row.try_get(0))
        .map_err(|error| Error::query("looking for the schema whimbrel", error))?;
    if present {
        return Ok(());
    }
    match sqlx::raw_sql(CREATE_SCHEMA).execute(conn).await {
        Ok(_) => Ok(()),
        // Somebody else was faster: duplicate_schema, or unique_violation on pg_namespace.
        Err(error) if has_code(&error, &["42P06", "23505"]) => Ok(()),
        Err(error) => Err(Error::query(doing, error)),
    }
}

/// Creates or upgrades the journal. To be called with the lock held.
pub(crate) async fn ensure(conn: &mut PgConnection) -> Result<(), Error> {
    FORMAT.upgrade(conn).await
}

/// Appends an event; it commits with the transaction under way.
///
/// The down SQL is stored when something of the migration may be in the database from then on, so that it can be undone
/// without files; but not if it contains a secret.
pub(crate) async fn append(
    conn: &mut PgConnection,
    migration: &MigrationRef,
    event: Event,
    progress: &Progress,
    down_sql: Option<&str>,
) -> Result<(), Error> {
    let doing = "writing to the journal whimbrel.journal";
    let stores = match event {
        Event::Started => !progress.transactional,
        Event::Finished | Event::Baseline | Event::Repaired => true,
        _ => false,
    };
    let down_sql = down_sql.filter(|sql| stores && redact(sql) == **sql);
    let count = |count: usize| i32::try_from(count).map_err(|error| sqlx::Error::Encode(error.into()));
    let host = hostname::get().ok().map(|host| host.to_string_lossy().into_owned());
    sqlx::query(APPEND)
        .bind(migration.version)
        .bind(&migration.name)
        .bind(event.as_str())
        .bind(&migration.link)
        .bind(&migration.up_checksum)
        .bind(&migration.down_checksum)
        .bind(&migration.schema_hash)
        .bind(progress.transactional)
        .bind(count(progress.statements).map_err(|error| Error::query(doing, error))?)
        .bind(count(progress.done).map_err(|error| Error::query(doing, error))?)
        .bind(progress.prefix_checksum.as_deref())
        .bind(progress.duration.and_then(|duration| i64::try_from(duration.as_micros()).ok()))
        .bind(host)
        .bind(TOOL)
        .bind(progress.error.as_deref().map(redact))
        .bind(down_sql)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(|error| Error::query(doing, error))
}

/// The down SQL of some versions as it was stored last.
pub(crate) async fn stored_down_sql(
    conn: &mut PgConnection,
    versions: &[i64],
) -> Result<std::collections::BTreeMap<i64, String>, Error> {
    sqlx::query_as::<_, (i64, String)>(STORED_DOWN)
        .bind(versions)
        .fetch_all(conn)
        .await
        .map(|rows| rows.into_iter().collect())
        .map_err(|error| Error::query("reading the stored down SQL from the journal", error))
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| codes.contains(&&*code))
}
