//! Goes on with a file that ran outside a transaction and did not reach its end: what took effect is established from
//! the journal and the catalog.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::execute::Run;
use super::session::Session;
use crate::error::{Doing as _, Error};
use crate::journal::Failure;
use crate::script::Probe;

/// An index of that name on that table: whether it is valid, its name, quoted, and its definition. Names that do not exist
/// (any more) give no row.
const CREATED: &str = "\
SELECT i.indisvalid, i.indexrelid::regclass::text, pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass($2) AND c.relname = (parse_ident($1))[1]";

const TRIAL: &str = "SELECT pg_catalog.pg_get_indexdef('pg_temp.whimbrel_probe'::regclass)";

const PRESENT: &str = "SELECT to_regclass($1) IS NOT NULL";

/// Finds the index of the statement to go on with, and clears away what the interrupted one left.
pub(super) async fn resume(
    session: &mut Session<'_>,
    run: &Run<'_>,
    failure: &Failure,
) -> Result<usize, Error> {
    run.check_prefix(failure)?;
    let Some(next) = run.script.statements.get(failure.done) else { return Ok(failure.done) };
    // Everything else committed together with its event, or not at all.
    if !next.non_transactional() {
        return Ok(failure.done);
    }
    session.prepare(std::time::Duration::ZERO).await?;
    let (file, version) = (run.name(), run.file.migration.version);
    let (statement, line) = (failure.done + 1, run.line(failure.done));
    let applied = match next.probe() {
        Probe::CreatedIndex { index, table, trial } => {
            let names = [index.as_str(), &table, &trial];
            let created = created(session.conn, names, failure.in_flight).await?;
            created.map_err(|definition| Error::OtherIndex {
                file,
                version,
                statement,
                line,
                index,
                definition,
            })?
        }
        Probe::DroppedIndex { index } => failure.in_flight && !present(session.conn, &index).await?,
        Probe::Repeatable => false,
        Probe::Unknown if run.script.is_repeatable(failure.done) => false,
        // The server refused it, so it did nothing.
        Probe::Unknown if !failure.in_flight => false,
        Probe::Unknown => {
            return Err(Error::Interrupted { file, version, statement, line, sql: next.beginning() });
        }
    };
    let file = run.name();
    // A statement that failed did not take effect, even if something of that name is there.
    if applied && failure.in_flight {
        tracing::info!(%file, statement, "had taken effect before the run was interrupted");
        return Ok(statement);
    }
    tracing::info!(%file, statement, "continuing where an earlier run stopped");
    Ok(failure.done)
}

/// Whether the index is there and valid, as the statement would make it; the definition of another one of that name. An
/// invalid one, which CREATE INDEX CONCURRENTLY leaves, is dropped.
async fn created(
    conn: &mut PgConnection,
    [index, table, trial]: [&str; 3],
    in_flight: bool,
) -> Result<Result<bool, String>, Error> {
    let doing = "looking for an index that an earlier run began";
    let found: Option<(bool, String, String)> =
        sqlx::query_as(CREATED).bind(index).bind(table).fetch_optional(&mut *conn).await.doing(doing)?;
    let Some((valid, name, definition)) = found else { return Ok(Ok(false)) };
    if valid && !in_flight {
        // The statement failed and did nothing; what the server says when it runs again is clear enough.
        return Ok(Ok(false));
    }
    let wanted = wanted_definition(conn, table, trial).await.doing(doing)?;
    if wanted.as_deref().map(properties) != Some(properties(&definition)) {
        return Ok(Err(definition));
    }
    if !valid {
        tracing::warn!(index = %name, "dropping the invalid index that an earlier run left");
        // The server has quoted the name.
        let drop = AssertSqlSafe(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"));
        sqlx::raw_sql(drop).execute(conn).await.doing("dropping an invalid index")?;
    }
    Ok(Ok(valid))
}

/// What PostgreSQL makes of the statement, tried on an empty copy of the table; `None` if it refuses it.
async fn wanted_definition(
    conn: &mut PgConnection,
    table: &str,
    trial: &str,
) -> Result<Option<String>, sqlx::Error> {
    let mut transaction = conn.begin().await?;
    let copy = format!("CREATE TEMP TABLE whimbrel_probe_table (LIKE {table}); {trial}");
    let made = match sqlx::raw_sql(AssertSqlSafe(copy)).execute(&mut *transaction).await {
        Ok(_) => sqlx::query_scalar(TRIAL).fetch_one(&mut *transaction).await.map(Some),
        Err(error) if error.as_database_error().is_some() => {
            tracing::debug!(%error, "the index cannot be tried on a copy of its table");
            Ok(None)
        }
        Err(error) => Err(error),
    };
    transaction.rollback().await?;
    made
}

/// A definition without the names of the index and its table: whether it is unique, and method, columns, predicate and
/// storage parameters.
fn properties(definition: &str) -> (bool, &str) {
    let rest = definition.split_once(" USING ").map_or(definition, |(_, rest)| rest);
    (definition.starts_with("CREATE UNIQUE "), rest)
}

async fn present(conn: &mut PgConnection, name: &str) -> Result<bool, Error> {
    sqlx::query_scalar(PRESENT)
        .bind(name)
        .fetch_one(conn)
        .await
        .doing("looking for an index that an earlier run dropped")
}
