//! The table in the database: creating it, reading it, appending to it.

use std::time::Duration;

use chrono::DateTime;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

use super::{Event, History, Recorded};
use crate::error::Error;
use crate::redact::redact;

/// What the program calls itself in the journal.
const TOOL: &str = concat!("whimbrel ", env!("CARGO_PKG_VERSION"));

/// `undefined_table`, `invalid_schema_name`: there is no journal.
const ABSENT: [&str; 2] = ["42P01", "3F000"];

const CREATE_SCHEMA: &str = "CREATE SCHEMA whimbrel";

const CREATE_JOURNAL: &str = "\
BEGIN;
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
ALTER TABLE whimbrel.journal ENABLE ALWAYS TRIGGER journal_is_append_only;
COMMIT";

/// All of the journal but the stored SQL. Sent as a simple query, it costs one round trip.
const READ: &str = "\
SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS at_us, version, name, event, link, up_checksum,
       down_checksum, schema_hash, transactional, statements, statements_done, prefix_checksum, duration_us, role,
       host, tool_version, error
FROM whimbrel.journal ORDER BY id";

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
    let doing = "reading the journal whimbrel.journal";
    match sqlx::raw_sql(READ).fetch_all(conn).await {
        Ok(rows) => {
            let events = rows.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(History::derive(events)))
        }
        Err(error) if has_code(&error, &ABSENT) => Ok(None),
        // A table of that name with other columns.
        Err(error) if has_code(&error, &["42703"]) => {
            let message =
                error.as_database_error().map(|error| error.message().to_owned()).unwrap_or_default();
            Err(Error::Journal { reason: message })
        }
        Err(error) => Err(Error::query(doing, error)),
    }
}

/// Whether there is a journal. Unlike [`read`], it leaves no error in the server's log if there is none.
pub(crate) async fn exists(conn: &mut PgConnection) -> Result<bool, Error> {
    let found = sqlx::raw_sql(EXISTS).fetch_one(conn).await;
    found.and_then(|row| row.try_get(0)).map_err(|error| Error::query("looking for the journal", error))
}

fn recorded(row: &PgRow) -> Result<Recorded, Error> {
    let read = || -> Result<(Recorded, String), sqlx::Error> {
        let at_us: i64 = row.try_get("at_us")?;
        let word: String = row.try_get("event")?;
        let duration_us: Option<i64> = row.try_get("duration_us")?;
        let recorded = Recorded {
            id: row.try_get("id")?,
            at: DateTime::from_timestamp_micros(at_us).unwrap_or_default(),
            version: row.try_get("version")?,
            name: row.try_get("name")?,
            event: Event::Started,
            link: row.try_get("link")?,
            up_checksum: row.try_get("up_checksum")?,
            down_checksum: row.try_get("down_checksum")?,
            schema_hash: row.try_get("schema_hash")?,
            transactional: row.try_get("transactional")?,
            statements: row.try_get("statements")?,
            statements_done: row.try_get("statements_done")?,
            prefix_checksum: row.try_get("prefix_checksum")?,
            duration: duration_us.and_then(|us| u64::try_from(us).ok()).map(Duration::from_micros),
            role: row.try_get("role")?,
            host: row.try_get("host")?,
            tool_version: row.try_get("tool_version")?,
            error: row.try_get("error")?,
        };
        Ok((recorded, word))
    };
    let (mut recorded, word) = read().map_err(|error| Error::Journal { reason: error.to_string() })?;
    recorded.event = word.parse().map_err(|reason| Error::Journal { reason })?;
    Ok(recorded)
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

/// Creates the journal unless it is there. To be called with the lock held.
pub(crate) async fn ensure(conn: &mut PgConnection) -> Result<(), Error> {
    if exists(conn).await? {
        return Ok(());
    }
    ensure_schema(conn).await?;
    let doing = "creating the journal whimbrel.journal";
    match sqlx::raw_sql(CREATE_JOURNAL).execute(&mut *conn).await {
        Ok(_) => Ok(()),
        Err(error) => {
            // The BEGIN of the script is still open. If this fails, too, the first error is the one to tell.
            if let Err(rollback) = sqlx::raw_sql("ROLLBACK").execute(conn).await {
                tracing::debug!(error = %rollback, "could not roll back");
            }
            Err(Error::query(doing, error))
        }
    }
}

/// A row to append; see [`Recorded`] for its fields.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent<'a> {
    pub(crate) version: i64,
    pub(crate) name: &'a str,
    pub(crate) event: Event,
    pub(crate) link: &'a str,
    pub(crate) up_checksum: &'a str,
    pub(crate) down_checksum: &'a str,
    pub(crate) schema_hash: &'a str,
    pub(crate) transactional: bool,
    pub(crate) statements: usize,
    pub(crate) statements_done: usize,
    pub(crate) prefix_checksum: Option<String>,
    pub(crate) duration: Option<Duration>,
    pub(crate) error: Option<String>,
    /// Stored with `started`, `finished`, `adopted` and `repaired`.
    pub(crate) down_sql: Option<&'a str>,
}

/// Appends an event; it commits with the transaction under way.
pub(crate) async fn append(conn: &mut PgConnection, new: &NewEvent<'_>) -> Result<(), sqlx::Error> {
    let host = hostname::get().ok().map(|host| host.to_string_lossy().into_owned());
    sqlx::query(APPEND)
        .bind(new.version)
        .bind(new.name)
        .bind(new.event.as_str())
        .bind(new.link)
        .bind(new.up_checksum)
        .bind(new.down_checksum)
        .bind(new.schema_hash)
        .bind(new.transactional)
        .bind(i32::try_from(new.statements).unwrap_or(i32::MAX))
        .bind(i32::try_from(new.statements_done).unwrap_or(i32::MAX))
        .bind(new.prefix_checksum.as_deref())
        .bind(new.duration.and_then(|duration| i64::try_from(duration.as_micros()).ok()))
        .bind(host)
        .bind(TOOL)
        .bind(new.error.as_deref().map(redact))
        .bind(new.down_sql)
        .execute(conn)
        .await
        .map(|_| ())
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
