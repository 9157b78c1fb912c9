//! Goes on with a file that ran outside a transaction and did not reach its end: what took effect is established from
//! the journal and the catalog.

use sqlx::{AssertSqlSafe, PgConnection};
use whimbrel_schema::chain::Checksum;

use super::execute::Run;
use super::session::Session;
use crate::error::Error;
use crate::journal::Failure;
use crate::redact::redact;
use crate::script::Probe;

/// An index of that name on that table: whether it is valid, and its name, quoted. Names that do not exist (any more)
/// give no row.
const CREATED: &str = "\
SELECT i.indisvalid, i.indexrelid::regclass::text
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass($2) AND c.relname = (parse_ident($1))[1]";

const PRESENT: &str = "SELECT to_regclass($1) IS NOT NULL";

/// Finds the index of the statement to go on with, and clears away what the one that was cut off left behind.
pub(super) async fn resume(
    session: &mut Session<'_>,
    run: &Run<'_>,
    failure: &Failure,
) -> Result<usize, Error> {
    let changed = || {
        let file = run.subject.file(run.direction);
        Error::PartlyAppliedChanged { file, done: failure.done }
    };
    let prefix = Checksum::of(run.script.prefix(failure.done)).to_string();
    let known = failure.prefix_checksum.as_ref().is_none_or(|recorded| *recorded == prefix);
    if failure.done > run.script.statements.len() || !known {
        return Err(changed());
    }
    let Some(next) = run.script.statements.get(failure.done) else { return Ok(failure.done) };
    // Everything else committed together with its event, or not at all.
    if !next.must_run_alone() {
        return Ok(failure.done);
    }
    session.prepare(std::time::Duration::ZERO).await?;
    let applied = match next.probe() {
        Probe::CreatedIndex { index, table } => created(session.conn, &index, &table).await?,
        Probe::DroppedIndex { index } => failure.in_flight && !present(session.conn, &index).await?,
        Probe::Repeatable => false,
        // The server refused it, so it did nothing.
        Probe::Unknown if !failure.in_flight => false,
        Probe::Unknown => {
            let (line, _) = run.script.position(next.start);
            return Err(Error::Interrupted {
                file: run.subject.file(run.direction),
                version: run.subject.version,
                what: "was cut off",
                statement: failure.done + 1,
                line,
                sql: redact(&next.beginning()),
            });
        }
    };
    let file = run.subject.file(run.direction);
    // A statement that failed did not take effect, even if something of that name is there.
    if applied && failure.in_flight {
        tracing::info!(%file, statement = failure.done + 1, "had taken effect before the run was cut off");
        return Ok(failure.done + 1);
    }
    tracing::info!(%file, statement = failure.done + 1, "going on where an earlier run stopped");
    Ok(failure.done)
}

/// Whether the index is there and valid. An invalid one, which CREATE INDEX CONCURRENTLY leaves behind, is dropped.
async fn created(conn: &mut PgConnection, index: &str, table: &str) -> Result<bool, Error> {
    let doing = "looking for an index that an earlier run began";
    let found: Option<(bool, String)> = sqlx::query_as(CREATED)
        .bind(index)
        .bind(table)
        .fetch_optional(&mut *conn)
        .await
        .map_err(|error| Error::query(doing, error))?;
    let Some((valid, name)) = found else { return Ok(false) };
    if !valid {
        tracing::warn!(index = %name, "dropping the invalid index that an earlier run left behind");
        // The server has quoted the name.
        let drop = AssertSqlSafe(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"));
        sqlx::raw_sql(drop)
            .execute(conn)
            .await
            .map_err(|error| Error::query("dropping an invalid index", error))?;
    }
    Ok(valid)
}

async fn present(conn: &mut PgConnection, name: &str) -> Result<bool, Error> {
    sqlx::query_scalar(PRESENT)
        .bind(name)
        .fetch_one(conn)
        .await
        .map_err(|error| Error::query("looking for an index that an earlier run dropped", error))
}
